"""A forgotten password: username and a code by text message set a new one; nobody learns which accounts there are."""

from typing import Any

import pytest
from sqlalchemy import event

from contracts.identity import SessionEnded
from identity import demo
from tests.integration.identity.entrance import (
    HOUR,
    MINUTE,
    MOBILE,
    Visitor,
    announced,
    audited,
    faults,
    last_code,
    registered,
)
from tests.support.harness import ServiceHarness

ASK, RESET = "/password-resets/sms-codes", "/password-resets"
LR = "legal_representative"
NEW = "laNgEr-daNn-x7Qm2Vt9"


def _ask(username: str = "yongjiang", mobile: str = MOBILE) -> dict[str, str]:
    return {"username": username, "mobile": mobile}


async def _inbox(hall: ServiceHarness, mobile: str = MOBILE) -> list[Any]:
    messages: list[Any] = (await Visitor(hall).post("/demo/sms-inbox", {"mobile": mobile}))["messages"]
    return messages


async def _code(hall: ServiceHarness, username: str = "yongjiang", mobile: str = MOBILE) -> str:
    hall.clock.advance(MINUTE)
    await Visitor(hall).post(ASK, _ask(username, mobile), 202)
    return await last_code(hall, mobile)


async def _reset(hall: ServiceHarness, code: str, **changes: Any) -> Any:
    return await Visitor(hall).send("POST", RESET, {**_ask(), "sms_code": code, "password": NEW, **changes})


async def test_the_new_password_works_and_every_session_has_ended(hall: ServiceHarness) -> None:
    account_id = await registered(hall)
    sessions = [await Visitor(hall).signed_in(LR, "yongjiang") for _ in range(3)]
    assert (await _reset(hall, await _code(hall))).status_code == 204
    assert {(await visitor.swap()).status_code for visitor in sessions} == {401}
    ended = await announced(hall, SessionEnded)
    assert [news.reason for news in ended] == ["password_changed"] * 3
    assert len({news.session_id for news in ended}) == 3
    assert (await Visitor(hall).login(LR, "yongjiang")).status_code == 401
    await Visitor(hall).signed_in(LR, "yongjiang", NEW)
    assert "account.password_reset" in await audited(hall, account_id)


async def test_a_reset_lets_in_whoever_was_waiting_after_wrong_passwords(hall: ServiceHarness) -> None:
    await registered(hall)
    for _ in range(6):
        await Visitor(hall).login(LR, "yongjiang", "a wrong password")
    assert (await _reset(hall, await _code(hall))).status_code == 204
    await Visitor(hall).signed_in(LR, "yongjiang", NEW)


async def test_asking_tells_nothing_and_only_the_owner_gets_a_code(hall: ServiceHarness) -> None:
    await registered(hall)
    messages = len(await _inbox(hall))
    hall.clock.advance(MINUTE)
    answers = [
        await Visitor(hall).send("POST", ASK, body)
        for body in (_ask(), _ask("nobody_here", "13805749991"), _ask("yongjiang", "13805749992"))
    ]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert len(await _inbox(hall)) == messages + 1
    assert await _inbox(hall, "13805749991") == []
    assert await _inbox(hall, "13805749992") == []


async def test_asking_is_the_same_work_whether_or_not_there_is_such_an_account(hall: ServiceHarness) -> None:
    await registered(hall)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")):  # the one or the other
            statements.append(statement)

    work = []
    hall.clock.advance(MINUTE)
    event.listen(hall.runtime.engine.sync_engine, "before_cursor_execute", note)
    for body in (_ask(), _ask("nobody_here", "13805749991")):
        statements.clear()
        await Visitor(hall).post(ASK, body, 202)
        work.append(list(statements))
    assert work[0] == work[1]
    assert any("sms_messages" in statement for statement in work[1])


@pytest.mark.parametrize("username", ["yongjiang", "nobody_here"])
async def test_limits_are_the_same_for_unknown_accounts(hall: ServiceHarness, username: str) -> None:
    """Five an hour for a username, whatever mobiles and addresses are tried with it."""
    await registered(hall)
    hall.clock.advance(MINUTE)
    statuses = []
    for number in range(7):
        visitor = Visitor(hall, address=f"203.0.113.{number}")
        statuses.append((await visitor.send("POST", ASK, _ask(username, f"1380574100{number}"))).status_code)
    assert statuses == [202] * 5 + [429] * 2
    hall.clock.advance(HOUR)
    await Visitor(hall).post(ASK, _ask(username), 202)


async def test_wrong_guessed_used_and_expired_codes(hall: ServiceHarness) -> None:
    await registered(hall)
    code = await _code(hall)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    refused = await _reset(hall, wrong)
    assert (refused.status_code, faults(refused)) == (409, {"/sms_code": "sms_code_wrong"})
    for _ in range(4):
        await _reset(hall, wrong)
    assert (await _reset(hall, code)).status_code == 409  # guessed too often
    code = await _code(hall)
    hall.clock.advance(5 * MINUTE)
    assert (await _reset(hall, code)).status_code == 409
    code = await _code(hall)
    assert (await _reset(hall, code)).status_code == 204
    again = await _reset(hall, code, password="noCh-laNgEr-x7Qm2Vt9")
    assert (again.status_code, faults(again)) == (409, {"/sms_code": "sms_code_wrong"})


async def test_a_code_counts_for_its_account_and_its_purpose_only(hall: ServiceHarness) -> None:
    await registered(hall)
    hall.clock.advance(MINUTE)
    await registered(hall, kind="agent", username="jingban88")  # the same mobile
    code = await _code(hall, "jingban88")
    refused = await _reset(hall, code)
    assert (refused.status_code, faults(refused)) == (409, {"/sms_code": "sms_code_wrong"})
    hall.clock.advance(MINUTE)
    await Visitor(hall).post("/registrations/sms-codes", {"mobile": MOBILE, "purpose": "registration"}, 202)
    assert (await _reset(hall, await last_code(hall))).status_code == 409
    assert (await _reset(hall, code, username="jingban88")).status_code == 204


async def test_an_unknown_account_is_refused_like_a_wrong_code(hall: ServiceHarness) -> None:
    await registered(hall)
    code = await _code(hall)
    wrong = await _reset(hall, f"{(int(code) + 1) % 10**6:06d}")
    hall.clock.advance(MINUTE)
    await Visitor(hall).post(ASK, _ask("nobody_here", "13805749991"), 202)
    unknown = await _reset(hall, "123456", username="nobody_here", mobile="13805749991")
    assert {**wrong.json(), "trace_id": ""} == {**unknown.json(), "trace_id": ""}


async def test_a_password_that_will_not_do_leaves_the_code(hall: ServiceHarness) -> None:
    await registered(hall)
    code = await _code(hall)
    for password in ("short", "宁波医保宁波医保宁波医保宁波医保"):
        refused = await _reset(hall, code, password=password)
        assert (refused.status_code, set(faults(refused))) == (422, {"/password"})
    short = await _reset(hall, code, password="x7Qm2Vt9")  # enough beside a second factor, which there is none of
    assert (short.status_code, faults(short)) == (422, {"/password": "password_short"})
    assert (await _reset(hall, code)).status_code == 204


async def test_staff_need_their_dynamic_code_as_well(hall: ServiceHarness) -> None:
    await demo.seed(hall.runtime)
    body = {"username": "shenhe01", "mobile": "13800570111"}
    code = await _code(hall, **body)
    asked = await _reset(hall, code, **body)
    assert (asked.status_code, asked.json()["code"]) == (401, "second_factor_required")
    wrong = await _reset(hall, code, **body, totp_code="000000")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "second_factor_wrong")
    code = await _code(hall, **body)  # the first one is used up, whatever was wrong beside it
    app = (await Visitor(hall).post("/demo/totp-codes", {"username": "shenhe01"}))["code"]
    assert (await _reset(hall, code, **body, totp_code=app)).status_code == 204
    await Visitor(hall).signed_in("staff", "shenhe01", NEW)


async def test_bad_forms(hall: ServiceHarness) -> None:
    bodies: list[Any] = [{}, {**_ask(), "mobile": "123"}, {**_ask(), "username": ""}, [], None]
    for body in bodies:
        assert (await Visitor(hall).send("POST", ASK, body)).status_code == 422, body
    bad = await _reset(hall, "12a", password="short")
    assert (bad.status_code, set(faults(bad))) == (422, {"/sms_code", "/password"})
