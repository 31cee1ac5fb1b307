"""Signing in: modes, the cookie, wrong passwords, unknown accounts, the growing wait."""

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from identity import demo
from tests.integration.identity.entrance import (
    COOKIE,
    PASSWORD,
    UNIT,
    Visitor,
    audited,
    registered,
    swap,
    whole_database,
)
from tests.support.harness import ServiceHarness

WRONG = "Qiantang-Chao-2026-cuo"


def _without_trace(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "trace_id"}


async def test_the_answer_and_the_cookie(hall: ServiceHarness, visitor: Visitor) -> None:
    account_id = await registered(hall)
    answer = await visitor.login("legal_representative", "yongjiang")
    assert answer.status_code == 201
    body = answer.json()
    assert body["account"] == {
        "id": str(account_id),
        "kind": "legal_representative",
        "username": "yongjiang",
        "display_name": "陈明远",
        "second_factor": False,
    }
    assert (body["employer_no"], body["unit_name"], body["permissions"]) == (None, None, [])
    assert body["idle_seconds"] == 900
    assert body["expires_at"].startswith("2026-03-10T10:00:00")
    (cookie,) = answer.headers.get_list("set-cookie")
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert cookie.startswith(f"{COOKIE}=")
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= attributes
    assert not any(part.startswith("domain") for part in attributes)
    assert answer.headers["cache-control"] == "no-store"
    assert await audited(hall, account_id) == ["account.registered", "session.started"]


async def test_a_session_is_256_random_bits_and_stored_as_a_hash_only(hall: ServiceHarness) -> None:
    await registered(hall)
    first = await Visitor(hall).signed_in("legal_representative", "yongjiang")
    second = await Visitor(hall).signed_in("legal_representative", "yongjiang")
    assert first.cookie is not None
    assert second.cookie is not None
    assert first.cookie != second.cookie
    assert len(first.cookie) >= 43
    assert first.cookie not in await whole_database(hall)


async def test_the_username_in_any_case(hall: ServiceHarness, visitor: Visitor) -> None:
    await registered(hall)
    await visitor.signed_in("legal_representative", " YongJiang ")


async def test_wrong_password_and_unknown_account_are_told_alike(hall: ServiceHarness, visitor: Visitor) -> None:
    await registered(hall)
    wrong = await visitor.login("legal_representative", "yongjiang", WRONG)
    unknown = await visitor.login("legal_representative", "nobody_here", WRONG)
    other_mode = await visitor.login("agent", "yongjiang", PASSWORD)
    assert wrong.status_code == unknown.status_code == other_mode.status_code == 401
    assert wrong.json()["code"] == "wrong_credentials"
    assert _without_trace(wrong.json()) == _without_trace(unknown.json()) == _without_trace(other_mode.json())
    assert set(wrong.headers) == set(unknown.headers)
    assert "set-cookie" not in wrong.headers


async def test_unknown_accounts_cost_a_verification_as_well(hall: ServiceHarness, visitor: Visitor) -> None:
    await registered(hall)
    passwords = hall.runtime.resources["passwords"]
    for username in ("yongjiang", "nobody_here", "x", "名字", "a" * 64):
        before = passwords.verified
        await visitor.login("legal_representative", username, WRONG)
        assert passwords.verified == before + 1, username


async def test_every_mode_lets_its_own_accounts_in_only(hall: ServiceHarness, visitor: Visitor) -> None:
    await registered(hall)
    for mode in ("agent", "person", "staff"):
        assert (await visitor.login(mode, "yongjiang")).status_code == 401
        hall.clock.advance(timedelta(minutes=1))


async def test_wrong_passwords_make_the_account_wait_longer_and_longer(hall: ServiceHarness, visitor: Visitor) -> None:
    await registered(hall)
    waits = []
    for _ in range(12):
        answer = await visitor.login("legal_representative", "yongjiang", WRONG)
        if answer.status_code == 429:
            wait = int(answer.headers["retry-after"])
            waits.append(wait)
            hall.clock.advance(timedelta(seconds=wait))
    assert waits == sorted(waits)
    assert waits[-1] > waits[0]


async def test_while_it_waits_even_the_right_password_is_refused(hall: ServiceHarness, visitor: Visitor) -> None:
    await registered(hall)
    statuses = [(await visitor.login("legal_representative", "yongjiang", WRONG)).status_code for _ in range(10)]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    refused = await visitor.login("legal_representative", "yongjiang")
    assert refused.status_code == 429
    hall.clock.advance(timedelta(seconds=int(refused.headers["retry-after"])))
    assert (await visitor.login("legal_representative", "yongjiang")).status_code == 201


async def test_unknown_accounts_wait_in_the_same_way(hall: ServiceHarness, visitor: Visitor) -> None:
    """Else the wait itself would tell which usernames exist."""
    await registered(hall)
    known = [(await visitor.login("legal_representative", "yongjiang", WRONG)).status_code for _ in range(8)]
    unknown = [(await visitor.login("legal_representative", "nobody_here", WRONG)).status_code for _ in range(8)]
    assert known == unknown


async def test_success_forgets_the_wrong_passwords(hall: ServiceHarness, visitor: Visitor) -> None:
    await registered(hall)
    for _ in range(3):
        await visitor.login("legal_representative", "yongjiang", WRONG)
        await visitor.login("legal_representative", "yongjiang", WRONG)
        assert (await visitor.login("legal_representative", "yongjiang")).status_code == 201


async def test_wrong_passwords_are_in_the_security_log(hall: ServiceHarness, visitor: Visitor) -> None:
    account_id = await registered(hall)
    before = len(await audited(hall, account_id))
    await visitor.login("legal_representative", "yongjiang", WRONG)
    assert len(await audited(hall, account_id)) == before + 1


async def test_staff_enter_by_their_own_entrance(hall: ServiceHarness, visitor: Visitor) -> None:
    await demo.seed(hall.runtime)
    for username, kind in (("shenhe01", "reviewer"), ("guanli01", "operator")):
        staff = await Visitor(hall).signed_in("staff", username, "Yongjiang-demo-2026")
        assert (await staff.get("/sessions/current"))["account"]["kind"] == kind
        assert (await staff.claims()).kind == kind
        assert (await staff.choose(UNIT)).status_code == 403
        for mode in ("legal_representative", "agent", "person"):
            assert (await visitor.login(mode, username, "Yongjiang-demo-2026")).status_code == 401


async def test_bad_forms_of_login(visitor: Visitor) -> None:
    bodies: list[dict[str, Any]] = [
        {},
        {"mode": "root", "username": "yongjiang", "password": PASSWORD},
        {"mode": "agent", "username": ["x"], "password": PASSWORD},
        {"mode": "agent", "username": "x" * 10_000, "password": PASSWORD},
        {"mode": "agent", "username": "yongjiang", "password": "x" * 100_000},
        {"mode": "agent", "username": "yongjiang", "password": None},
        {"mode": "agent", "username": "' OR 1=1 --", "password": "%00"},
    ]
    for body in bodies:
        answer = await visitor.send("POST", "/sessions", body)
        assert answer.status_code in (401, 422), body
        assert "set-cookie" not in answer.headers
        assert PASSWORD not in answer.text


async def test_many_wrong_passwords_at_the_same_moment_count_each(hall: ServiceHarness) -> None:
    """Else the wait could be dodged by guessing side by side."""
    await registered(hall)
    guesses = [Visitor(hall).login("legal_representative", "yongjiang", f"{WRONG}{n}") for n in range(20)]
    answers = await asyncio.gather(*guesses)
    assert sorted(answer.status_code for answer in answers) == [401] * 3 + [429] * 17


async def test_a_flood_of_logins_leaves_the_swaps_alone(hall: ServiceHarness) -> None:
    """Logins wait for their turn without a database connection; those beyond the queue are told to come back."""
    await registered(hall)
    visitor = await Visitor(hall).signed_in("legal_representative", "yongjiang")
    flood = [asyncio.create_task(Visitor(hall).login("agent", f"flooder{n}", WRONG)) for n in range(110)]
    await asyncio.sleep(0)
    swaps = [await visitor.swap() for _ in range(3)]
    assert all(swap.status_code == 200 for swap in swaps)
    assert not all(task.done() for task in flood)  # they were answered in the middle of it
    statuses = {answer.status_code for answer in await asyncio.gather(*flood)}
    assert statuses <= {401, 503}
    assert 503 in statuses


async def test_a_login_ends_the_session_that_the_browser_still_had(hall: ServiceHarness) -> None:
    await registered(hall)
    visitor = await Visitor(hall).signed_in("legal_representative", "yongjiang")
    first = visitor.cookie
    assert first is not None
    await visitor.login("legal_representative", "yongjiang", WRONG)
    assert (await swap(hall, first)).status_code == 200  # a failed login changes nothing
    await visitor.signed_in("legal_representative", "yongjiang")
    assert (await swap(hall, first)).status_code == 401
    assert (await visitor.swap()).status_code == 200


async def test_a_refused_login_is_the_same_work_whether_or_not_there_is_such_an_account(hall: ServiceHarness) -> None:
    await registered(hall)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")):  # the one or the other
            statements.append(statement)

    work: dict[str, list[str]] = {}
    event.listen(hall.runtime.engine.sync_engine, "before_cursor_execute", note)
    for username in ("yongjiang", "nobody_here"):
        statements.clear()
        await Visitor(hall).login("legal_representative", username, WRONG)
        work[username] = list(statements)
    assert work["yongjiang"] == work["nobody_here"]
    assert any("audit" in statement for statement in work["nobody_here"])
