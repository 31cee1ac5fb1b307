"""Step-up: a session is raised for five minutes by the password, under a new cookie, and nothing else of it changes."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from contracts.identity import SessionEnded
from servicekit.auth import StepUpRequired, check_stepped_up
from servicekit.auth.principals import principal_of
from tests.integration.identity.entrance import (
    API,
    MINUTE,
    PASSWORD,
    UNIT,
    Visitor,
    announced,
    audited,
    faults,
    registered,
    swap,
)
from tests.support.harness import ServiceHarness

PATH = "/sessions/current/step-up"
WRONG = {"password": "Qiantang-Chao-2026-cuo"}
RIGHT = {"password": PASSWORD}


async def _clerk(hall: ServiceHarness) -> Visitor:
    await registered(hall)
    clerk = await Visitor(hall).signed_in("legal_representative", "yongjiang")
    await clerk.choose(UNIT)
    return clerk


async def test_the_token_says_until_when(hall: ServiceHarness) -> None:
    clerk = await _clerk(hall)
    with pytest.raises(StepUpRequired):
        check_stepped_up(principal_of(await clerk.claims()), now=hall.clock.now())
    answer = await clerk.post(PATH, RIGHT)
    assert answer["step_up_until"].startswith("2026-03-10T02:05:00")
    assert (await clerk.get("/sessions/current"))["step_up_until"] == answer["step_up_until"]
    check_stepped_up(principal_of(await clerk.claims()), now=hall.clock.now())
    hall.clock.advance(5 * MINUTE - timedelta(seconds=1))
    check_stepped_up(principal_of(await clerk.claims()), now=hall.clock.now())
    hall.clock.advance(timedelta(seconds=1))
    with pytest.raises(StepUpRequired):
        check_stepped_up(principal_of(await clerk.claims()), now=hall.clock.now())


async def test_the_cookie_is_new_and_the_session_the_same(hall: ServiceHarness) -> None:
    clerk = await _clerk(hall)
    before, cookie = await clerk.get("/sessions/current"), clerk.cookie
    claims = await clerk.claims()
    hall.clock.advance(MINUTE)
    answer = await clerk.post(PATH, RIGHT)
    assert {**answer, "step_up_until": None} == before  # unit, permissions and the absolute end
    assert cookie is not None
    assert clerk.cookie not in (None, cookie)
    assert (await swap(hall, cookie)).status_code == 401
    after = await clerk.claims()
    assert (after.session_id, after.employer_no) == (claims.session_id, UNIT)
    assert len(await announced(hall, SessionEnded)) == 1  # that of the choice of the unit: streams and tabs go on


async def test_the_choice_of_another_unit_begins_anew(hall: ServiceHarness) -> None:
    clerk = await _clerk(hall)
    await clerk.post(PATH, RIGHT)
    await clerk.choose(UNIT)
    assert (await clerk.get("/sessions/current"))["step_up_until"] is None


async def test_a_wrong_password_is_said_beside_its_field_and_leaves_the_session(hall: ServiceHarness) -> None:
    clerk = await _clerk(hall)
    cookie = clerk.cookie
    refused = await clerk.send("POST", PATH, WRONG)
    assert (refused.status_code, faults(refused)) == (422, {"/password": "step_up_wrong"})
    assert clerk.cookie == cookie
    assert (await clerk.get("/sessions/current"))["step_up_until"] is None


async def test_wrong_passwords_count_with_those_of_the_login(hall: ServiceHarness) -> None:
    clerk = await _clerk(hall)
    assert (await Visitor(hall).login("legal_representative", "yongjiang", WRONG["password"])).status_code == 401
    assert [(await clerk.send("POST", PATH, WRONG)).status_code for _ in range(3)] == [422, 422, 429]
    assert (await clerk.send("POST", PATH, RIGHT)).status_code == 429
    assert (await Visitor(hall).login("legal_representative", "yongjiang")).status_code == 429
    hall.clock.advance(MINUTE)
    await clerk.post(PATH, RIGHT)
    assert (await clerk.send("POST", PATH, WRONG)).status_code == 422  # the right one forgot those before


async def test_many_guesses_at_the_same_moment_count_each(hall: ServiceHarness) -> None:
    clerk = await _clerk(hall)
    answers = await asyncio.gather(*(clerk.send("POST", PATH, {"password": f"guess {n}"}) for n in range(12)))
    assert sorted(answer.status_code for answer in answers) == [422] * 3 + [429] * 9


async def test_both_are_in_the_security_log(hall: ServiceHarness) -> None:
    clerk = await _clerk(hall)
    await clerk.send("POST", PATH, WRONG)
    await clerk.post(PATH, RIGHT)
    actions = await audited(hall, (await clerk.claims()).account_id)
    assert actions[-2:] == ["session.step_up_refused", "session.stepped_up"]


async def test_an_api_key_cannot_be_raised(hall: ServiceHarness) -> None:
    headers = hall.tokens.headers(kind="agent", employer_no=UNIT, via="api_key")
    answer = await hall.client.post(f"{API}{PATH}", headers=headers, json=RIGHT)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_a_session")


async def test_an_ended_session_cannot_be_raised(hall: ServiceHarness) -> None:
    clerk = await _clerk(hall)
    headers = {"Authorization": f"Bearer {(await clerk.swap()).json()['token']}"}
    await clerk.send("DELETE", "/sessions/current")
    answer = await hall.client.post(f"{API}{PATH}", headers=headers, json=RIGHT)
    assert (answer.status_code, answer.json()["code"]) == (401, "session_expired")


async def test_a_tab_of_another_unit_may_raise_the_session_too(hall: ServiceHarness) -> None:
    clerk = await _clerk(hall)
    clerk.unit = "330200000000000102"
    await clerk.post(PATH, RIGHT)
    assert (await clerk.claims()).employer_no == UNIT


async def test_bad_forms(hall: ServiceHarness) -> None:
    clerk = await _clerk(hall)
    bodies: list[Any] = [{}, {"password": None}, {"password": ""}, {"password": "x" * 2000}, {"pass": "x"}, [], None]
    for body in bodies:
        assert (await clerk.send("POST", PATH, body)).status_code == 422, body
