"""What an insured person sees of the ledger: their own rows of every unit, and nobody else's."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from contracts.values.month import Month
from employer.contributions import service
from employer.own import repository
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from tests.integration.employer.office import API, OTHER_UNIT, UNIT, assess, deliver, rows, started, stopped
from tests.support.harness import ServiceHarness

OWN, LEDGER = f"{API}/me/contributions", "/internal/me/contributions"


async def moved(hall: ServiceHarness) -> tuple[UUID, UUID]:
    """Two people: one who changed from OTHER_UNIT to UNIT in February, one who is at UNIT all the time."""
    me, other = uuid7(), uuid7()
    before = started(employer_no=OTHER_UNIT, person_id=me, month="2025-12", wage="6000.00")
    await deliver(hall, before)
    await deliver(hall, stopped(before, "2026-02"))
    await deliver(hall, started(employer_no=UNIT, person_id=me, month="2026-02"))
    await deliver(hall, started(employer_no=UNIT, person_id=other, month="2025-12", wage="9999.00"))
    await assess(hall, "2026-02")
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await service.receive_month(
            tx, Month(2026, 1), received_on=date(2026, 2, 20), reference="R1", now=hall.clock.now()
        )
    return me, other


async def get(hall: ServiceHarness, me: UUID, path: str = OWN, **params: Any) -> Any:
    """What the person is told."""
    headers = hall.person(me) if path == OWN else hall.person_delegate(me)
    answer = await hall.client.get(path, params=params, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


async def test_own_contributions_of_every_unit(hall: ServiceHarness) -> None:
    me, _ = await moved(hall)
    found = await get(hall, me)
    assert found["total"] == 3
    first, second, third = found["items"]
    assert first == {
        "employer_no": UNIT,
        "employer_name": "甬江智造科技有限公司",
        "month": "2026-02",
        "insurance": "310",
        "insurance_name": "职工基本医疗保险",
        "base": "8000.00",
        "employer_amount": "680.00",
        "own_amount": "160.00",
        "amount_total": "840.00",
        "status": "0",
        "status_name": "未到账",
        "received_on": None,
        "entry": 0,
        "reason": None,
    }
    assert (second["month"], second["employer_no"], second["status_name"]) == ("2026-01", OTHER_UNIT, "已到账")
    assert (third["month"], second["received_on"]) == ("2025-12", "2026-02-20")
    # 6000 x (8.5 % + 2 %) twice, 8000 x (8.5 % + 2 %) once
    totals = {"employer_amount": "1700.00", "own_amount": "400.00", "amount_total": "2100.00", "months": 3}
    assert found["totals"] == totals


async def test_pages_and_ranges(hall: ServiceHarness) -> None:
    me, _ = await moved(hall)
    page = await get(hall, me, page=2, page_size=2)
    assert [one["month"] for one in page["items"]] == ["2025-12"]
    assert (page["total"], page["totals"]["months"]) == (3, 3)  # the sums are of all pages
    january = await get(hall, me, from_month="2026-01", to_month="2026-01")
    assert [one["month"] for one in january["items"]] == ["2026-01"]
    refused = await hall.client.get(OWN, params={"from_month": "1889-01"}, headers=hall.person(me))
    assert refused.status_code == 422


async def test_nobody_sees_anothers(hall: ServiceHarness) -> None:
    me, other = await moved(hall)
    theirs = await get(hall, other)
    assert {one["base"] for one in theirs["items"]} == {"9999.00"}
    assert (await get(hall, uuid7()))["items"] == []
    for headers in (hall.clerk(UNIT), hall.staff("operator"), hall.person(None)):
        assert (await hall.client.get(OWN, headers=headers)).status_code == 403
    assert (await hall.client.get(OWN, headers=hall.person_delegate(me))).status_code == 401
    for headers in (hall.person(me), hall.clerk(UNIT)):
        assert (await hall.client.get(LEDGER, headers=headers)).status_code == 401
    assert (await hall.client.get("/internal/contributions", headers=hall.person_delegate(me))).status_code == 401


async def test_the_function_is_for_the_transactions_own_person_only(hall: ServiceHarness) -> None:
    me, other = await moved(hall)
    span = {"first": Month(2025, 1), "last": Month(2026, 3)}
    async with begin(hall.runtime, scope=Scope("person", None, uuid7(), me)) as tx:
        assert len(await repository.own_rows(tx, **span)) == 3
        # It gives the scope back: the ledger itself, the units and the statements are closed to a person.
        for table in ("contributions", "statements", "units", "roster"):
            assert await _count(tx, table) == 0
    blind = (Scope("person", None, uuid7(), None), Scope("unit", UNIT, None, me), Scope("none", None, None, me))
    for scope in (*blind, Scope("system", None, None, me)):
        async with begin(hall.runtime, scope=scope) as tx:
            assert await repository.own_rows(tx, **span) == []
    async with begin(hall.runtime, scope=Scope("person", None, uuid7(), other)) as tx:
        assert {one.employer_no for one in await repository.own_rows(tx, **span)} == {UNIT}


async def _count(tx: Any, table: str) -> int:
    return int((await tx.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())  # noqa: S608 - named above


async def test_the_whole_ledger_for_the_certificate(hall: ServiceHarness) -> None:
    me, _ = await moved(hall)
    found = await get(hall, me, LEDGER, from_month="2025-12", to_month="2026-02")
    assert [one["month"] for one in found["items"]] == ["2026-02", "2026-01", "2025-12"]
    log = await rows(hall, "SELECT action, via, chain FROM audit_log WHERE subject = :me", me=str(me))
    assert [(row.action, row.via) for row in log] == [("contributions.viewed", "delegation")]
    assert log[0].chain.startswith("account:")
