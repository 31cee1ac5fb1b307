"""Sessions: swapped for tokens, idle and absolute end, rotation at a switch of unit, logout."""

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from contracts.identity import SessionEnded
from identity.sessions.service import forget_old
from servicekit.auth.tokens import MAX_LIFE, TokenKeys, verify
from servicekit.db.tx import Scope, begin
from tests.integration.identity.entrance import (
    API,
    COOKIE,
    GATEWAY_SECRET,
    MINUTE,
    NAMES,
    REPORTING_SECRET,
    SCHOOL,
    SECOND_UNIT,
    UNIT,
    Visitor,
    announced,
    audited,
    registered,
    swap,
)
from tests.support.harness import ServiceHarness

ALL = frozenset({"declare", "maintain", "query", "print"})


async def _signed_in(hall: ServiceHarness) -> Visitor:
    await registered(hall)
    return await Visitor(hall).signed_in("legal_representative", "yongjiang")


async def test_a_token_without_a_unit(hall: ServiceHarness) -> None:
    account_id = await registered(hall)
    visitor = await Visitor(hall).signed_in("legal_representative", "yongjiang")
    answer = await visitor.swap()
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"token", "expires_in", "session_id", "account_id", "employer_no", "requests_per_minute"}
    assert (body["account_id"], body["employer_no"], body["requests_per_minute"]) == (str(account_id), None, None)
    assert 0 < body["expires_in"] <= MAX_LIFE.total_seconds()
    claims = await verify(body["token"], hall.runtime.keys, now=hall.clock.now())
    assert (claims.account_id, claims.session_id) == (account_id, body["session_id"])
    assert (claims.kind, claims.employer_no, claims.permissions) == ("legal_representative", None, frozenset())
    assert claims.via == "session"


async def test_tokens_verify_with_the_published_keys(hall: ServiceHarness) -> None:
    visitor = await _signed_in(hall)
    answer = await hall.client.get("/.well-known/jwks.json")
    assert answer.status_code == 200
    assert "d" not in answer.json()["keys"][0]
    token = (await visitor.swap()).json()["token"]
    assert await verify(token, TokenKeys.static(answer.json()), now=hall.clock.now())


async def test_choosing_a_unit_rotates_the_session(hall: ServiceHarness) -> None:
    visitor = await _signed_in(hall)
    before = visitor.cookie
    old = (await visitor.claims()).session_id
    answer = await visitor.choose(UNIT)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["employer_no"], body["unit_name"]) == (UNIT, NAMES[UNIT])
    assert set(body["permissions"]) == ALL
    assert visitor.cookie is not None
    assert visitor.cookie != before
    assert before is not None
    assert (await swap(hall, before)).status_code == 401
    claims = await visitor.claims()
    assert (claims.employer_no, claims.permissions) == (UNIT, ALL)
    assert claims.session_id != old
    (ended,) = await announced(hall, SessionEnded)
    assert (str(ended.session_id), ended.reason) == (old, "unit_switched")


async def test_switching_to_and_fro(hall: ServiceHarness) -> None:
    visitor = await _signed_in(hall)
    for unit in (UNIT, SECOND_UNIT, UNIT):
        assert (await visitor.choose(unit)).status_code == 200
        assert (await visitor.get("/sessions/current"))["employer_no"] == unit
    assert len(await announced(hall, SessionEnded)) == 3


async def test_a_switch_does_not_prolong_the_absolute_end(hall: ServiceHarness) -> None:
    visitor = await _signed_in(hall)
    end = (await visitor.get("/sessions/current"))["expires_at"]
    hall.clock.advance(10 * MINUTE)
    assert (await visitor.choose(UNIT)).json()["expires_at"] == end


async def test_a_second_tab_that_still_shows_the_old_unit_can_switch_too(hall: ServiceHarness) -> None:
    visitor = await _signed_in(hall)
    await visitor.choose(UNIT)
    visitor.unit = SECOND_UNIT  # what the other tab shows; choosing a unit must not be refused for it
    assert (await visitor.choose(UNIT)).status_code == 200


async def test_a_unit_that_is_none_of_theirs(hall: ServiceHarness) -> None:
    visitor = await _signed_in(hall)
    before = visitor.cookie
    refusals = [await visitor.choose(unit) for unit in (SCHOOL, "330200999999999999", "nonsense")]
    assert {answer.status_code for answer in refusals} <= {403, 422}
    assert refusals[0].status_code == refusals[1].status_code == 403
    first, second = (answer.json() for answer in refusals[:2])
    assert (first["code"], first["detail"]) == (second["code"], second["detail"])  # tells not which units exist
    assert visitor.cookie == before
    assert (await visitor.get("/sessions/current"))["employer_no"] is None


async def test_idle_sessions_end_after_fifteen_minutes_and_one_that_the_gateway_hides(hall: ServiceHarness) -> None:
    visitor = await _signed_in(hall)
    for _ in range(2):
        hall.clock.advance(16 * MINUTE - timedelta(seconds=1))
        assert (await visitor.swap()).status_code == 200  # and that was a use
    hall.clock.advance(16 * MINUTE)
    refused = await visitor.swap()
    assert (refused.status_code, refused.json()["code"]) == (401, "session_expired")
    (ended,) = await announced(hall, SessionEnded)
    assert ended.reason == "expired"
    assert (await visitor.swap()).status_code == 401
    assert len(await announced(hall, SessionEnded)) == 1


async def test_nobody_is_ended_within_fifteen_minutes_of_a_use_that_was_not_written(hall: ServiceHarness) -> None:
    """last_seen is written at most once a minute."""
    visitor = await _signed_in(hall)
    for _ in range(40):
        hall.clock.advance(timedelta(seconds=59))
        assert (await visitor.swap()).status_code == 200
    hall.clock.advance(15 * MINUTE - timedelta(seconds=1))
    assert (await visitor.swap()).status_code == 200


async def test_eight_hours_end_it_however_busy(hall: ServiceHarness) -> None:
    visitor = await _signed_in(hall)
    for _ in range(47):
        hall.clock.advance(10 * MINUTE)
        assert (await visitor.swap()).status_code == 200
    hall.clock.advance(10 * MINUTE - timedelta(seconds=30))
    last = await visitor.swap()
    assert last.status_code == 200
    assert last.json()["expires_in"] <= 30  # no token outlives its session
    hall.clock.advance(timedelta(seconds=30))
    assert (await visitor.swap()).status_code == 401


async def test_logout_ends_it_at_once_and_takes_the_cookie(hall: ServiceHarness) -> None:
    visitor = await _signed_in(hall)
    account_id = (await visitor.claims()).account_id
    session_id, cookie = (await visitor.claims()).session_id, visitor.cookie
    assert cookie is not None
    answer = await visitor.send("DELETE", "/sessions/current")
    assert answer.status_code == 204
    assert visitor.cookie is None
    assert any(COOKIE in line and "secure" in line.lower() for line in answer.headers.get_list("set-cookie"))
    assert (await swap(hall, cookie)).status_code == 401
    (ended,) = await announced(hall, SessionEnded)
    assert (str(ended.session_id), ended.account_id, ended.reason) == (session_id, account_id, "logout")
    assert len(await audited(hall, account_id)) >= 3  # registered, signed in, signed out


async def test_logout_with_a_unit_that_another_tab_switched_away(hall: ServiceHarness) -> None:
    visitor = await _signed_in(hall)
    await visitor.choose(UNIT)
    visitor.unit = SECOND_UNIT
    assert (await visitor.send("DELETE", "/sessions/current")).status_code == 204


async def test_one_logout_leaves_the_other_sessions(hall: ServiceHarness) -> None:
    first = await _signed_in(hall)
    second = await Visitor(hall).signed_in("legal_representative", "yongjiang")
    await first.send("DELETE", "/sessions/current")
    assert (await second.swap()).status_code == 200


async def test_a_token_of_an_ended_session_opens_nothing_here(hall: ServiceHarness) -> None:
    """The gateway may still hold it for a moment; identity itself knows better."""
    visitor = await _signed_in(hall)
    token = (await visitor.swap()).json()["token"]
    await visitor.send("DELETE", "/sessions/current")
    answer = await hall.client.get(f"{API}/sessions/current", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


async def test_a_planted_cookie_never_becomes_a_session(hall: ServiceHarness) -> None:
    await registered(hall)
    visitor = Visitor(hall, cookie="planted-by-an-attacker-0123456789abcdefghijklmn")
    await visitor.signed_in("legal_representative", "yongjiang")
    assert visitor.cookie != "planted-by-an-attacker-0123456789abcdefghijklmn"
    assert (await swap(hall, "planted-by-an-attacker-0123456789abcdefghijklmn")).status_code == 401


async def test_only_the_gateway_may_swap(hall: ServiceHarness) -> None:
    visitor = await _signed_in(hall)
    assert visitor.cookie is not None
    for secret in ("", "wrong", REPORTING_SECRET, GATEWAY_SECRET + "x", GATEWAY_SECRET[:-1], "密"):
        headers = {b"Authorization": f"Bearer {secret}".encode()}
        answer = await hall.client.post("/internal/token-swaps", json={"session": visitor.cookie}, headers=headers)
        assert answer.status_code == 401, secret
        assert "token" not in answer.json()
    assert (await hall.client.post("/internal/token-swaps", json={"session": visitor.cookie})).status_code == 401


async def test_nonsense_swaps(hall: ServiceHarness) -> None:
    headers = {"Authorization": f"Bearer {GATEWAY_SECRET}"}
    for session in ("", "x", "x" * 5000, "密码", "\x00", "' OR 1=1"):
        answer = await swap(hall, session)
        # Whatever a browser sends is "not signed in" to the gateway, never a fault of ours.
        assert answer.status_code == (422 if "\x00" in session else 401), session
    bodies: list[Any] = [{}, {"session": 5}, {"session": None}, {"api_key": "x"}, {"session": "a", "api_key": "b"}, []]
    for body in bodies:
        answer = await hall.client.post("/internal/token-swaps", json=body, headers=headers)
        assert 400 <= answer.status_code < 500, body


async def test_an_unknown_api_key_is_told_as_an_ended_session(hall: ServiceHarness) -> None:
    answer = await swap(hall, "", api_key="hall_unknown_key_0123456789")
    assert answer.status_code == 401


async def test_nobody_is_nobody(hall: ServiceHarness) -> None:
    for method, path in (
        ("GET", "/sessions/current"),
        ("DELETE", "/sessions/current"),
        ("GET", "/units"),
        ("POST", "/sessions/current/unit"),
    ):
        answer = await hall.client.request(method, f"{API}{path}", json={"employer_no": UNIT})
        assert answer.status_code == 401, path


async def test_the_chooser_searches_and_pages(hall: ServiceHarness) -> None:
    visitor = await _signed_in(hall)
    found = await visitor.get("/units?q=鄞州")
    assert [unit["employer_no"] for unit in found["items"]] == [SECOND_UNIT]
    second = await visitor.get("/units?page=2&page_size=1")
    assert ([unit["employer_no"] for unit in second["items"]], second["total"]) == ([SECOND_UNIT], 2)
    assert (await visitor.get("/units?q=%25"))["total"] == 0
    assert (await visitor.send("GET", "/units?page=0")).status_code == 422


async def test_two_tabs_that_choose_at_the_same_moment_leave_one_session(hall: ServiceHarness) -> None:
    visitor = await _signed_in(hall)
    tabs = [Visitor(hall, cookie=visitor.cookie) for _ in range(4)]
    units = (UNIT, SECOND_UNIT, UNIT, SECOND_UNIT)
    answers = await asyncio.gather(*(tab.choose(unit) for tab, unit in zip(tabs, units, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        living = await tx.scalar(text("SELECT count(*) FROM sessions WHERE ended_at IS NULL"))
    assert living == 1
    assert len(await announced(hall, SessionEnded)) == 1


async def test_logging_out_twice_is_logging_out_once(hall: ServiceHarness) -> None:
    visitor = await _signed_in(hall)
    headers = {"Authorization": f"Bearer {(await visitor.swap()).json()['token']}"}
    answers = [await hall.client.delete(f"{API}/sessions/current", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert len(await announced(hall, SessionEnded)) == 1


async def test_an_api_key_has_no_session(hall: ServiceHarness) -> None:
    headers = hall.tokens.headers(kind="agent", employer_no=UNIT, via="api_key")
    for method, path in (("GET", "/sessions/current"), ("DELETE", "/sessions/current"), ("GET", "/units")):
        answer = await hall.client.request(method, f"{API}{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_a_session")


async def test_old_sessions_and_attempts_are_forgotten(hall: ServiceHarness) -> None:
    visitor = await _signed_in(hall)
    await visitor.login("agent", "nobody_here", "a wrong password")
    hall.clock.advance(timedelta(days=29))
    await forget_old(hall.runtime)
    assert await _rows(hall) == (1, 0)
    hall.clock.advance(timedelta(days=2))
    await forget_old(hall.runtime)
    assert await _rows(hall) == (0, 0)


async def _rows(hall: ServiceHarness) -> tuple[int, int]:
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        counts = [await tx.scalar(text(f"SELECT count(*) FROM {name}")) for name in ("sessions", "login_attempts")]  # noqa: S608
    return counts[0] or 0, counts[1] or 0
