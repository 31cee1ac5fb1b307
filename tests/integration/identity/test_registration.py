"""Registering the account of a legal representative or an agent: whole, refused, raced and repeated."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from contracts.identity import AccountRegistered
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from tests.integration.identity.entrance import (
    API,
    MINUTE,
    NAME,
    NAMES,
    PASSWORD,
    SCHOOL,
    SCHOOL_USCC,
    SECOND_UNIT,
    UNIT,
    USCC,
    VIRTUAL,
    VIRTUAL_CODE,
    Visitor,
    announced,
    audited,
    changed,
    deliver,
    faults,
    opened,
    register,
    registered,
    registration,
    sms_code,
)
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id

PATH = "/registrations"


async def test_a_legal_representative_registers_signs_in_and_sees_every_unit_of_the_code(hall: ServiceHarness) -> None:
    answer = await register(hall)
    assert answer.status_code == 201
    body = answer.json()
    assert body == {"account_id": body["account_id"], "username": "yongjiang"}
    account_id = UUID(body["account_id"])
    assert await announced(hall, AccountRegistered) == [
        AccountRegistered(account_id=account_id, kind="legal_representative", uscc=USCC)
    ]
    assert "account.registered" in await audited(hall, account_id)

    visitor = await Visitor(hall).signed_in("legal_representative", "yongjiang")
    units = await visitor.get("/units")
    assert units["total"] == 2
    assert [unit["employer_no"] for unit in units["items"]] == [UNIT, SECOND_UNIT]
    assert all(set(unit["permissions"]) == {"declare", "maintain", "query", "print"} for unit in units["items"])


async def test_a_unit_opened_later_under_the_same_code_is_seen_as_well(hall: ServiceHarness) -> None:
    await registered(hall)
    visitor = await Visitor(hall).signed_in("legal_representative", "yongjiang")
    await deliver(hall, opened("330200000000000103"))
    units = await visitor.get("/units")
    assert [unit["employer_no"] for unit in units["items"]] == [UNIT, SECOND_UNIT, "330200000000000103"]
    assert (await visitor.choose("330200000000000103")).status_code == 200


async def test_a_unit_that_leaves_the_code_leaves_the_account(hall: ServiceHarness) -> None:
    await registered(hall)
    visitor = await Visitor(hall).signed_in("legal_representative", "yongjiang")
    await visitor.choose(SECOND_UNIT)
    await deliver(hall, changed(SECOND_UNIT, version=2, uscc=SCHOOL_USCC))
    claims = await visitor.claims()
    assert claims.employer_no is None or not claims.permissions
    visitor.unit = None
    assert [unit["employer_no"] for unit in (await visitor.get("/units"))["items"]] == [UNIT]


async def test_a_virtual_unit(hall: ServiceHarness) -> None:
    form = await registration(hall, uscc=VIRTUAL_CODE, unit_name=NAMES[VIRTUAL], username="shiye")
    assert (await Visitor(hall).send("POST", PATH, form)).status_code == 201
    visitor = await Visitor(hall).signed_in("legal_representative", "shiye")
    assert [unit["employer_no"] for unit in (await visitor.get("/units"))["items"]] == [VIRTUAL]


async def test_an_agent_registers_and_may_do_nothing_yet(hall: ServiceHarness) -> None:
    account_id = await registered(hall, kind="agent", username="jingban42")
    (event,) = await announced(hall, AccountRegistered)
    assert (event.account_id, event.kind) == (account_id, "agent")
    visitor = await Visitor(hall).signed_in("agent", "jingban42")
    assert await visitor.get("/units") == {"items": [], "total": 0}
    assert (await visitor.choose(UNIT)).status_code == 403


async def test_a_second_account_of_the_same_employer_is_refused(hall: ServiceHarness) -> None:
    await registered(hall)
    hall.clock.advance(MINUTE)
    refused = await register(hall, username="another1")
    assert refused.status_code == 409
    assert refused.json()["code"] == "already_registered"
    assert len(await announced(hall, AccountRegistered)) == 1


async def test_other_employers_and_agents_are_not_kept_from_registering(hall: ServiceHarness) -> None:
    await registered(hall)
    school = {"uscc": SCHOOL_USCC, "unit_name": NAMES[SCHOOL], "person_mobile": "13805740003"}
    await registered(hall, username="shifan", **school)
    await registered(hall, kind="agent", username="jingban1", person_mobile="13805740004")


async def test_a_taken_username_is_said_beside_the_field_whatever_its_case(hall: ServiceHarness) -> None:
    await registered(hall)
    school = {"uscc": SCHOOL_USCC, "unit_name": NAMES[SCHOOL], "person_mobile": "13805740003"}
    for username in ("yongjiang", "YongJiang"):
        hall.clock.advance(MINUTE)
        refused = await register(hall, username=username, **school)
        assert refused.status_code in (409, 422), refused.text
        assert "/username" in faults(refused)


async def test_two_at_the_same_moment_make_one_account(hall: ServiceHarness) -> None:
    forms = [
        await registration(hall, username=f"racer{number}", person_mobile=f"1380574010{number}") for number in range(4)
    ]
    answers = await asyncio.gather(*(Visitor(hall).send("POST", PATH, form) for form in forms))
    codes = sorted((answer.status_code, answer.json().get("code", "")) for answer in answers)
    assert codes == [(201, ""), *[(409, "already_registered")] * 3]
    assert len(await announced(hall, AccountRegistered)) == 1


async def test_two_usernames_at_the_same_moment(hall: ServiceHarness) -> None:
    forms = [
        await registration(hall, kind="agent", username="same_name", person_mobile=f"1380574020{number}")
        for number in range(3)
    ]
    answers = await asyncio.gather(*(Visitor(hall).send("POST", PATH, form) for form in forms))
    assert sorted(answer.status_code == 201 for answer in answers) == [False, False, True]
    assert all("/username" in faults(answer) for answer in answers if answer.status_code != 201)


async def test_the_same_request_again_is_the_same_answer(hall: ServiceHarness) -> None:
    form, key = await registration(hall), str(uuid7())
    first = await Visitor(hall).send("POST", PATH, form, **{"Idempotency-Key": key})
    again = await Visitor(hall).send("POST", PATH, form, **{"Idempotency-Key": key})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = await Visitor(hall).send("POST", PATH, {**form, "username": "other123"}, **{"Idempotency-Key": key})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(await announced(hall, AccountRegistered)) == 1


async def test_without_a_key_nothing_happens(hall: ServiceHarness) -> None:
    form = await registration(hall)
    answer = await hall.client.post(f"{API}{PATH}", json=form)
    assert (answer.status_code, answer.json()["code"]) == (428, "idempotency_key_required")
    assert await announced(hall, AccountRegistered) == []


async def test_a_wrong_unit_name_is_refused_as_in_the_check(hall: ServiceHarness) -> None:
    refused = await register(hall, unit_name="别的单位")
    assert (refused.status_code, refused.json()["code"]) == (409, "unknown_unit")


FAULTY: list[tuple[dict[str, Any], str]] = [
    ({"person_name": ""}, "/person/name"),
    ({"person_name": "陈"}, "/person/name"),
    ({"person_name": "陈<script>"}, "/person/name"),
    ({"person_name": "名" * 51}, "/person/name"),
    ({"person_id_number": "330203199003071233"}, "/person/id_number"),
    ({"person_id_number": "330203203003071230"}, "/person/id_number"),
    ({"person_id_number": "330203900307123"}, "/person/id_number"),
    ({"person_id_number": ""}, "/person/id_number"),
    ({"person_mobile": "23805740001"}, "/person/mobile"),
    ({"person_sms_code": "12"}, "/person/sms_code"),
    ({"person_sms_code": "一二三四五六"}, "/person/sms_code"),
    ({"username": "ab"}, "/username"),
    ({"username": "1abcd"}, "/username"),
    ({"username": "陈明远先生"}, "/username"),
    ({"username": "a b c d"}, "/username"),
    ({"username": "a" * 33}, "/username"),
    ({"password": "short"}, "/password"),
    ({"password": "a" * 20}, "/password"),
    ({"password": "x" * 5000}, "/password"),
    ({"password": "甬江智造科技有限公司2026888"}, "/password"),
    ({"password": "yongjiang1234567"}, "/password"),
    ({"password": "宁波医保宁波医保宁波医保宁波医保"}, "/password"),
    ({"password": "123456789012345"}, "/password"),
    ({"password": 123456789012345678}, "/password"),
    ({"kind": "operator"}, "/kind"),
    ({"kind": "reviewer"}, "/kind"),
    ({"uscc": "91330200MA2A0B1C3K"}, "/uscc"),
]


async def test_each_faulty_field_says_why_beside_it(hall: ServiceHarness) -> None:
    for change, pointer in FAULTY:
        refused = await register(hall, **{"person_sms_code": "123456", **change})
        assert (refused.status_code, set(faults(refused))) == (422, {pointer}), (change, refused.text)
        assert all(any("\u4e00" <= c <= "\u9fff" for c in error["message"]) for error in refused.json()["errors"])
        (typed,) = change.values()
        if isinstance(typed, str) and len(typed) > 10:
            assert typed not in refused.text  # neither a password nor a number comes back
    assert await announced(hall, AccountRegistered) == []


async def test_all_faults_come_at_once(hall: ServiceHarness) -> None:
    refused = await register(
        hall, person_sms_code="123456", username="x", password="short", person_id_number="330203199003071233"
    )
    assert {"/username", "/password", "/person/id_number"} <= set(faults(refused))


@pytest.mark.parametrize("name", ["陈明远", "阿依古丽·买买提", "John Smith"])
async def test_names_of_all_kinds(hall: ServiceHarness, name: str) -> None:
    await registered(hall, person_name=name)
    visitor = await Visitor(hall).signed_in("legal_representative", "yongjiang")
    assert (await visitor.get("/sessions/current"))["account"]["display_name"] == name


@pytest.mark.parametrize(
    "password",
    ["正确的马电池订书钉一二三四五六", "correct horse battery staple", "Aa1!" * 6 + "zqx", "密🙂 çé x9 🐟 øy åß 水 "],
)
async def test_long_passwords_of_any_characters_work(hall: ServiceHarness, password: str) -> None:
    await registered(hall, password=password)
    assert (await Visitor(hall).login("legal_representative", "yongjiang", password)).status_code == 201


async def test_a_lower_case_x_in_the_id_number(hall: ServiceHarness) -> None:
    number = next(number for number in iter(resident_id, None) if number.endswith("X"))
    await registered(hall, person_id_number=f" {number.lower()} ", person_name=NAME)


async def test_a_code_from_the_register_whose_form_is_refused_elsewhere(hall: ServiceHarness) -> None:
    """Registration of an employer whose unit the register closed."""
    for number in (UNIT, SECOND_UNIT):
        await deliver(hall, changed(number, version=2, status="closed"))
    refused = await register(hall)
    assert (refused.status_code, refused.json()["code"]) == (409, "unknown_unit")


async def test_the_password_is_hashed_with_argon2id_as_planned(hall: ServiceHarness) -> None:
    await registered(hall)
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        stored = (await tx.execute(text("SELECT password_hash FROM accounts"))).scalar_one()
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PASSWORD not in stored


async def test_a_code_is_asked_for_first(hall: ServiceHarness) -> None:
    refused = await register(hall, person_sms_code="123456")
    assert (refused.status_code, faults(refused)) == (409, {"/person/sms_code": "sms_code_wrong"})


async def _as_person(hall: ServiceHarness, **changes: Any) -> dict[str, Any]:
    form = await registration(hall, kind="person", username="chenmingyuan", **changes)
    return {name: value for name, value in form.items() if name not in ("uscc", "unit_name")}


async def test_a_person_registers_without_a_unit(hall: ServiceHarness) -> None:
    form = await _as_person(hall)
    answer = await Visitor(hall).send("POST", PATH, form)
    assert answer.status_code == 201
    account_id = UUID(answer.json()["account_id"])
    assert await announced(hall, AccountRegistered) == [AccountRegistered(account_id=account_id, kind="person")]
    person = await Visitor(hall).signed_in("person", "chenmingyuan")
    assert (await person.claims()).kind == "person"
    assert (await person.choose(UNIT)).status_code == 403
    for mode in ("agent", "legal_representative", "staff"):
        assert (await Visitor(hall).login(mode, "chenmingyuan")).status_code == 401


async def test_a_person_has_one_account(hall: ServiceHarness) -> None:
    number = resident_id()
    await Visitor(hall).post(PATH, await _as_person(hall, person_id_number=number), 201)
    hall.clock.advance(MINUTE)
    again = {**await _as_person(hall, person_id_number=number.lower()), "username": "another_name"}
    refused = await Visitor(hall).send("POST", PATH, again)
    assert (refused.status_code, faults(refused)) == (409, {"/person/id_number": "person_registered"})
    # The same person may well be somebody's agent.
    hall.clock.advance(MINUTE)
    assert (await register(hall, kind="agent", username="jingban88", person_id_number=number)).status_code == 201


async def test_who_has_an_account_is_not_to_be_found_out_by_trying(hall: ServiceHarness) -> None:
    """Usernames and numbers that are taken are told as often as a code may be guessed; then it takes another code."""
    number = resident_id()
    await Visitor(hall).post(PATH, await _as_person(hall, person_id_number=number), 201)
    hall.clock.advance(MINUTE)
    form = await _as_person(hall, person_id_number=number)
    probes = [{**form, "username": f"somebody{n}"} for n in range(4)]
    answers = await asyncio.gather(*(Visitor(hall).send("POST", PATH, probe) for probe in probes))
    assert [faults(answer) for answer in answers] == [{"/person/id_number": "person_registered"}] * 4
    form["person"]["id_number"] = resident_id()  # somebody else, and a username that is taken
    refused = await Visitor(hall).send("POST", PATH, form)
    assert faults(refused) == {"/username": "username_taken"}
    refused = await Visitor(hall).send("POST", PATH, {**form, "username": "quite_new"})
    assert faults(refused) == {"/person/sms_code": "sms_code_wrong"}
    hall.clock.advance(MINUTE)
    form["person"]["sms_code"] = await sms_code(hall)
    await Visitor(hall).post(PATH, {**form, "username": "quite_new"}, 201)


async def test_two_registrations_of_one_person_at_the_same_moment_open_one_account(hall: ServiceHarness) -> None:
    number = resident_id()
    mobiles = [f"1380574100{n}" for n in range(4)]
    forms = [await _as_person(hall, person_id_number=number, person_mobile=mobile) for mobile in mobiles]
    for n, form in enumerate(forms):
        form["username"] = f"somebody{n}"
    answers = await asyncio.gather(*(Visitor(hall).send("POST", PATH, form) for form in forms))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_a_person_names_no_unit_and_anybody_else_does(hall: ServiceHarness) -> None:
    refused = await register(hall, kind="person")
    assert (refused.status_code, set(faults(refused))) == (422, {"/uscc", "/unit_name"})
    hall.clock.advance(MINUTE)
    form = await _as_person(hall)
    refused = await Visitor(hall).send("POST", PATH, {**form, "kind": "agent"})
    assert (refused.status_code, set(faults(refused))) == (422, {"/uscc", "/unit_name"})
