"""Closing and reopening units, kinds of employer and their switch: what operators do, and what the others hear."""

from typing import Any

import httpx
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from servicekit.ids import uuid7
from tests.integration.employer.office import API, OTHER_UNIT, SCHOOL, UNIT, deliver, rows, started, stopped
from tests.support.harness import ServiceHarness

REASON = {"reason": "企业依法注销"}


async def change(hall: ServiceHarness, unit: str, what: str, body: Any = None) -> httpx.Response:
    path = f"{API}/employers/{unit}/{what}"
    return await hall.client.post(path, json=REASON if body is None else body, headers=hall.staff("operator"))


async def news(hall: ServiceHarness) -> list[tuple[str, str, bool, int]]:
    """What was told of units that changed: number, status, may declare online, version."""
    found = await rows(
        hall,
        "SELECT envelope -> 'data' AS data FROM outbox WHERE type = 'employer.employer_changed.v1' ORDER BY id",
    )
    return [
        (row.data["employer_no"], row.data["status"], row.data["online_declaration"], row.data["version"])
        for row in found
    ]


async def test_a_unit_nobody_is_insured_with_is_closed_and_opened_again(hall: ServiceHarness) -> None:
    closed = await change(hall, UNIT, "closure")
    assert (closed.status_code, closed.json()["status"]) == (200, "closed")
    again = await change(hall, UNIT, "closure")
    assert (again.status_code, again.json()["code"]) == (409, "employer_closed")
    reopened = await change(hall, UNIT, "reopening")
    assert (reopened.status_code, reopened.json()["status"]) == (200, "open")
    assert (await change(hall, UNIT, "reopening")).json()["code"] == "employer_open"
    assert await news(hall) == [(UNIT, "closed", True, 2), (UNIT, "open", True, 3)]
    audited = await rows(
        hall,
        "SELECT action, facts ->> 'reason' AS reason FROM audit_log "
        "WHERE chain = :unit AND action <> 'employer.opened' ORDER BY position",
        unit=UNIT,
    )
    assert [tuple(row) for row in audited] == [
        ("employer.closed", REASON["reason"]),
        ("employer.reopened", REASON["reason"]),
    ]


async def test_a_unit_with_people_stays_open(hall: ServiceHarness) -> None:
    present, leaving, to_come = started(month="2026-01"), started(month="2026-01"), started(month="2026-04")
    for start in (present, leaving, to_come):
        await deliver(hall, start)
    await deliver(hall, stopped(leaving, "2026-03"))
    refused = await change(hall, UNIT, "closure")
    assert (refused.status_code, refused.json()["code"]) == (409, "still_insured")
    assert "2名" in refused.json()["detail"], "whoever leaves this month no longer counts, who begins next month does"
    await deliver(hall, stopped(present, "2026-03"))
    await deliver(hall, stopped(to_come, "2026-03", never_started=True))
    assert (await change(hall, UNIT, "closure")).status_code == 200


async def test_what_cannot_be_closed(hall: ServiceHarness) -> None:
    assert (await change(hall, "330200000000009999", "closure")).status_code == 404
    without = await change(hall, UNIT, "closure", {"reason": " "})
    assert (without.status_code, without.json()["errors"][0]["pointer"]) == (422, "/reason")
    for headers in (hall.clerk(UNIT), hall.staff("reviewer")):
        answer = await hall.client.post(f"{API}/employers/{UNIT}/closure", json=REASON, headers=headers)
        assert answer.status_code == 403


async def kinds(hall: ServiceHarness) -> dict[str, dict[str, Any]]:
    answer = await hall.client.get(f"{API}/employer-kinds", headers=hall.staff("operator"))
    return {kind["code"]: kind for kind in answer.json()["items"]}


async def switch(hall: ServiceHarness, code: str, *, allowed: bool, version: int = 1) -> httpx.Response:
    headers = hall.staff("operator") | {"If-Match": f'"v{version}"'}
    body = {"online_declaration": allowed}
    return await hall.client.put(f"{API}/employer-kinds/{code}", json=body, headers=headers)


async def test_a_kind_is_switched_off_for_all_its_units(hall: ServiceHarness) -> None:
    before = await kinds(hall)
    assert (before["10"]["units"], before["50"]["units"], before["99"]["online_declaration"]) == (2, 1, False)
    changed = await switch(hall, "10", allowed=False)
    assert (changed.status_code, changed.json()["online_declaration"], changed.json()["version"]) == (200, False, 2)
    busy = await switch(hall, "10", allowed=True, version=2)
    assert (busy.status_code, busy.json()["code"]) == (409, "kind_change_running")
    await hall.drain()
    assert await news(hall) == [(UNIT, "open", False, 2), (OTHER_UNIT, "open", False, 2)]
    listed = await hall.client.get(f"{API}/employers?q={SCHOOL}", headers=hall.staff("operator"))
    assert listed.json()["items"][0]["online_declaration"] is True
    assert (await switch(hall, "10", allowed=False, version=2)).json()["version"] == 2, "it is so already"
    assert (await switch(hall, "10", allowed=True, version=1)).status_code == 412
    assert (await switch(hall, "11", allowed=True)).status_code == 404


async def audit_of(hall: ServiceHarness, what: str, **body: Any) -> httpx.Response:
    return await hall.client.post(f"{API}/audit/{what}", json=body, headers=hall.staff("operator"))


async def test_the_audit_log_is_searched_by_who_what_when_and_number(hall: ServiceHarness) -> None:
    who = uuid7()
    await hall.client.post(
        f"{API}/employers/{UNIT}/closure", json=REASON, headers=hall.staff("operator", account_id=who)
    )
    await change(hall, OTHER_UNIT, "closure")
    mine = (await audit_of(hall, "searches", actor_id=str(who))).json()["items"]
    assert [(entry["action"], entry["subject"], entry["facts"]) for entry in mine] == [
        ("employer.closed", UNIT, REASON)
    ]
    closed = (await audit_of(hall, "searches", action="employer.closed")).json()["items"]
    assert [entry["chain"] for entry in closed] == [OTHER_UNIT, UNIT], "newest first"
    group = (await audit_of(hall, "searches", action="employer")).json()["items"]
    assert len(group) == 5  # three opened, two closed
    numbered = (await audit_of(hall, "searches", subject=UNIT, chain=UNIT)).json()["items"]
    assert [entry["action"] for entry in numbered] == ["employer.closed", "employer.opened"]
    recorded = await rows(hall, "SELECT count(*) FROM audit_log WHERE action = 'audit.searched'")
    assert recorded[0][0] == 4, "looking is recorded"


async def test_pages_of_the_audit_log_follow_each_other(hall: ServiceHarness) -> None:
    for unit in (UNIT, OTHER_UNIT, SCHOOL):
        await change(hall, unit, "closure")
        await change(hall, unit, "reopening")
    seen: list[str] = []
    after = None
    while True:
        place: dict[str, str] = {"after": after} if after else {}
        page = (await audit_of(hall, "searches", action="employer", limit=4, **place)).json()
        seen += [entry["id"] for entry in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 9


async def test_what_cannot_be_searched(hall: ServiceHarness) -> None:
    for body, pointer in (
        ({"after": "x"}, "/after"),
        ({"after": "2026-03-10T00:00:00~01a217d0-e36a-7060-96f2-f3648438e889"}, "/after"),
        ({"since": "2026-01-01T00:00:00+08:00", "until": "2025-12-01T00:00:00+08:00"}, "/until"),
        ({"since": "2025-01-01T00:00:00+08:00", "until": "2026-01-01T00:00:00+08:00"}, "/since"),
        ({"since": "2025-01-01T00:00:00"}, "/since"),
        ({"action": "DROP TABLE"}, "/action"),
        ({"limit": 1000}, "/limit"),
    ):
        answer = await audit_of(hall, "searches", **body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), body


async def test_a_chain_is_recomputed(hall: ServiceHarness) -> None:
    await change(hall, UNIT, "closure")
    sound = (await audit_of(hall, "verifications", chain=UNIT)).json()
    assert (sound["intact"], sound["length"], sound["reason"]) == (True, 2, None)
    owner = create_async_engine(hall.database.migrator_url, poolclass=NullPool)
    async with owner.begin() as connection:
        forged = "UPDATE audit_log SET facts = '{}' WHERE action = 'employer.closed' AND chain = :unit"
        await connection.execute(sa.text(forged), {"unit": UNIT})
    await owner.dispose()
    broken = (await audit_of(hall, "verifications", chain=UNIT)).json()
    assert (broken["intact"], broken["position"], broken["reason"]) == (False, 2, "记录内容与写入时不一致")
    unknown = await audit_of(hall, "verifications", chain="330200000000009999")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "chain_unknown")
