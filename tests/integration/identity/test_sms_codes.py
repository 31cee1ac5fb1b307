"""Codes by text message: wrong, guessed, expired, reused; how often they may be asked for; what is stored."""

import asyncio
import re
from datetime import timedelta

import pytest

from tests.integration.identity.entrance import (
    HOUR,
    MINUTE,
    MOBILE,
    Visitor,
    faults,
    last_code,
    register,
    registration,
    sms_code,
    whole_database,
    wide,
)
from tests.support.harness import ServiceHarness

PATH = "/registrations/sms-codes"


def _ask(mobile: str = MOBILE) -> dict[str, str]:
    return {"mobile": mobile, "purpose": "registration"}


def _other_than(code: str, nth: int = 1) -> str:
    return f"{(int(code) + nth) % 10 ** len(code):0{len(code)}d}"


async def test_a_code_is_sent_and_says_how_long_it_lives(hall: ServiceHarness, visitor: Visitor) -> None:
    answer = await visitor.post(PATH, _ask(), 202)
    assert answer == {"expires_in": 300, "retry_after": 60}
    messages = (await visitor.post("/demo/sms-inbox", {"mobile": MOBILE}))["messages"]
    assert len(messages) == 1
    assert re.fullmatch(r"\d{6}", messages[0]["code"])
    assert messages[0]["code"] in messages[0]["text"]
    assert messages[0]["sent_at"].startswith("2026-03-10T02:00:00")


async def test_the_inbox_shows_a_mobile_its_own_messages_newest_first(hall: ServiceHarness, visitor: Visitor) -> None:
    await sms_code(hall)
    await sms_code(hall, "13805740002")
    hall.clock.advance(MINUTE)
    await sms_code(hall)
    messages = (await visitor.post("/demo/sms-inbox", {"mobile": MOBILE}))["messages"]
    assert len(messages) == 2
    assert messages[0]["sent_at"] > messages[1]["sent_at"]


async def test_one_a_minute(hall: ServiceHarness, visitor: Visitor) -> None:
    await visitor.post(PATH, _ask(), 202)
    hall.clock.advance(timedelta(seconds=20))
    refused = await visitor.send("POST", PATH, _ask())
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "40"
    hall.clock.advance(timedelta(seconds=40))
    await visitor.post(PATH, _ask(), 202)


async def test_five_an_hour(hall: ServiceHarness, visitor: Visitor) -> None:
    for _ in range(5):
        await visitor.post(PATH, _ask(), 202)
        hall.clock.advance(MINUTE)
    refused = await visitor.send("POST", PATH, _ask())
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) == 55 * 60
    hall.clock.advance(HOUR)
    await visitor.post(PATH, _ask(), 202)


async def test_refused_attempts_do_not_prolong_the_wait(hall: ServiceHarness, visitor: Visitor) -> None:
    await visitor.post(PATH, _ask(), 202)
    for _ in range(3):
        hall.clock.advance(timedelta(seconds=15))
        assert (await visitor.send("POST", PATH, _ask())).status_code == 429
    hall.clock.advance(timedelta(seconds=15))
    await visitor.post(PATH, _ask(), 202)


async def test_one_address_cannot_send_to_many_mobiles(hall: ServiceHarness) -> None:
    attacker, neighbour = Visitor(hall, address="203.0.113.9"), Visitor(hall, address="203.0.113.10")
    statuses = [(await attacker.send("POST", PATH, _ask(f"138{number:08d}"))).status_code for number in range(60)]
    assert statuses[0] == 202
    assert statuses[-1] == 429
    await neighbour.post(PATH, _ask("13905740000"), 202)


async def test_both_forms_of_a_mobile_are_one_mobile(visitor: Visitor) -> None:
    await visitor.post(PATH, _ask("+86 138-0574-0001"), 202)
    assert (await visitor.send("POST", PATH, _ask(wide("13805740001")))).status_code == 429


@pytest.mark.parametrize("mobile", ["", "1380574000", "23805740001", "138057400011", "abc", "+1 2025550100"])
async def test_a_wrong_mobile_is_said_beside_the_field(visitor: Visitor, mobile: str) -> None:
    answer = await visitor.send("POST", PATH, _ask(mobile))
    assert answer.status_code == 422
    assert set(faults(answer)) == {"/mobile"}


async def test_an_unknown_purpose_is_refused(visitor: Visitor) -> None:
    answer = await visitor.send("POST", PATH, {"mobile": MOBILE, "purpose": "lottery"})
    assert answer.status_code == 422
    assert set(faults(answer)) == {"/purpose"}


async def test_a_wrong_code_and_then_the_right_one(hall: ServiceHarness) -> None:
    code = await sms_code(hall)
    refused = await register(hall, person_sms_code=_other_than(code))
    assert refused.status_code == 409
    assert faults(refused) == {"/person/sms_code": "sms_code_wrong"}
    assert (await register(hall, person_sms_code=code)).status_code == 201


async def test_guessing_burns_the_code(hall: ServiceHarness) -> None:
    code = await sms_code(hall)
    for guess in range(5):
        assert (await register(hall, person_sms_code=_other_than(code, guess + 1))).status_code == 409
    refused = await register(hall, person_sms_code=code)
    assert (refused.status_code, faults(refused)) == (409, {"/person/sms_code": "sms_code_wrong"})


@pytest.mark.parametrize("typed", ["", "12", "一二三四五六", "1234567", "12345a", "12 34"])
async def test_what_cannot_be_a_code_is_no_guess(hall: ServiceHarness, typed: str) -> None:
    code = await sms_code(hall)
    for _ in range(6):
        refused = await register(hall, person_sms_code=typed)
        assert (refused.status_code, set(faults(refused))) == (422, {"/person/sms_code"})
    assert (await register(hall, person_sms_code=code)).status_code == 201


async def test_a_code_typed_in_full_width(hall: ServiceHarness) -> None:
    code = await sms_code(hall)
    typed = f" {wide(code[:3])} {wide(code[3:])} "
    assert (await register(hall, person_sms_code=typed)).status_code == 201


async def test_many_guesses_at_the_same_moment_count_each(hall: ServiceHarness) -> None:
    code = await sms_code(hall)
    forms = [await registration(hall, person_sms_code=_other_than(code, guess + 1)) for guess in range(12)]
    await asyncio.gather(*(Visitor(hall).send("POST", "/registrations", form) for form in forms))
    assert (await register(hall, person_sms_code=code)).status_code == 409


async def test_an_expired_code(hall: ServiceHarness) -> None:
    code = await sms_code(hall)
    hall.clock.advance(5 * MINUTE)
    refused = await register(hall, person_sms_code=code)
    assert (refused.status_code, faults(refused)) == (409, {"/person/sms_code": "sms_code_wrong"})


async def test_a_code_lives_until_its_last_second(hall: ServiceHarness) -> None:
    code = await sms_code(hall)
    hall.clock.advance(5 * MINUTE - timedelta(seconds=1))
    assert (await register(hall, person_sms_code=code)).status_code == 201


async def test_a_code_is_used_once(hall: ServiceHarness) -> None:
    code = await sms_code(hall)
    assert (await register(hall, person_sms_code=code)).status_code == 201
    again = await register(hall, kind="agent", username="jingban99", person_sms_code=code)
    assert (again.status_code, faults(again)) == (409, {"/person/sms_code": "sms_code_wrong"})


async def test_a_form_refused_for_another_field_does_not_burn_the_code(hall: ServiceHarness) -> None:
    code = await sms_code(hall)
    for _ in range(6):
        assert (await register(hall, person_sms_code=code, password="short")).status_code == 422
    assert (await register(hall, person_sms_code=code)).status_code == 201


async def test_the_code_of_another_mobile(hall: ServiceHarness) -> None:
    code = await sms_code(hall, "13805740002")
    refused = await register(hall, person_sms_code=code)
    assert (refused.status_code, faults(refused)) == (409, {"/person/sms_code": "sms_code_wrong"})


async def test_only_the_newest_code_works(hall: ServiceHarness) -> None:
    first = await sms_code(hall)
    hall.clock.advance(MINUTE)
    second = await sms_code(hall)
    if first != second:  # one in a million
        assert (await register(hall, person_sms_code=first)).status_code == 409
    assert (await register(hall, person_sms_code=second)).status_code == 201


async def test_guesses_cannot_be_multiplied_by_asking_for_new_codes(hall: ServiceHarness) -> None:
    """Five tries a code and five codes an hour: 25 guesses out of a million."""
    tried = 0
    for _ in range(8):
        answer = await Visitor(hall).send("POST", PATH, _ask())
        if answer.status_code == 429:
            break
        code = await last_code(hall)
        for guess in range(5):
            await register(hall, person_sms_code=_other_than(code, guess + 1))
            tried += 1
        hall.clock.advance(MINUTE)
    assert tried == 25


async def test_neither_code_nor_mobile_nor_id_number_is_stored_readably(hall: ServiceHarness) -> None:
    form = await registration(hall)
    assert (await Visitor(hall).send("POST", "/registrations", form)).status_code == 201
    stored = await whole_database(hall)
    assert form["person"]["id_number"] not in stored
    assert form["password"] not in stored
    # The demo inbox shows the message itself; it exists with synthetic data only.
    rows = [row for row in stored.splitlines() if MOBILE in row]
    assert rows == []
