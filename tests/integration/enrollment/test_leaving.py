"""What an approved removal does: to coverage, roster and bus; re-entry, conversions, retirement, death; and races."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from contracts.enrollment import ApplicationDecided, CoverageStarted, CoverageStopped
from contracts.values.month import Month
from enrollment.coverage.models import Coverage
from enrollment.people.models import Person
from enrollment.roster.models import RosterEntry
from servicekit.ids import uuid7
from tests.integration.enrollment.desk import (
    API,
    OTHER_UNIT,
    UNIT,
    addition,
    decide,
    events,
    insured,
    person_id_of,
    removal,
    remove,
    removed,
    seen_by_all,
    submit,
    submitted,
    withdraw,
)
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id

Cover = tuple[str, str, str | None]


async def _employee(hall: ServiceHarness, number: str, **changes: Any) -> str:
    await insured(hall, addition(number, **changes))
    return await person_id_of(hall, number)


async def _since(hall: ServiceHarness, month: str) -> None:
    """As if every coverage with a unit had begun in this month."""
    async with seen_by_all(hall) as tx:
        for cover in await tx.scalars(select(Coverage).where(Coverage.employer_no.is_not(None))):
            cover.start_month = Month.parse(month)
        for entry in await tx.scalars(select(RosterEntry).where(RosterEntry.stop_month.is_(None))):
            entry.start_month = Month.parse(month)


async def _covers(hall: ServiceHarness, holder: str | None) -> list[Cover]:
    """Insurance, start and stop of what a unit (or, with None, the person alone) holds, in order."""
    async with seen_by_all(hall) as tx:
        rows = await tx.scalars(
            select(Coverage)
            .where(Coverage.employer_no == holder if holder else Coverage.employer_no.is_(None))
            .order_by(Coverage.start_month, Coverage.insurance)
        )
        return [(c.insurance, str(c.start_month), str(c.stop_month) if c.stop_month else None) for c in rows]


async def _self_insured(hall: ServiceHarness, number: str, insurance: str) -> None:
    """A resident (390) or flexibly employed person (310) since 2024."""
    await submitted(hall, addition(number))  # tells the hall of the person
    async with seen_by_all(hall) as tx:
        person_id = (await tx.execute(select(Person.id))).scalar_one()
        row = {
            "id": uuid7(),
            "person_id": person_id,
            "insurance": insurance,
            "start_month": Month(2024, 1),
            "version": 1,
        }
        tx.add(Coverage(**row))


async def _pending_no(hall: ServiceHarness) -> str:
    found = await hall.client.post(f"{API}/applications/searches", json={"state": "pending"}, headers=hall.clerk(UNIT))
    (application,) = found.json()["items"]
    return str(application["no"])


async def test_every_coverage_with_the_unit_stops(hall: ServiceHarness) -> None:
    number = resident_id()
    person_id = await _employee(hall, number)
    await _since(hall, "2025-06")
    application = await remove(hall, removal(person_id, reason="03"))
    no = application.json()["no"]

    review = (await hall.client.get(f"{API}/reviews/{no}", headers=hall.staff())).json()
    assert {finding["level"] for finding in review["findings"]} == {"ok"}
    assert [cover["stop_month"] for cover in review["coverage_before"]] == [None, None, None]
    assert [cover["stop_month"] for cover in review["coverage_after"]] == ["2026-03"] * 3
    assert (await decide(hall, no)).json()["status"] == "approved"

    assert await _covers(hall, UNIT) == [(code, "2025-06", "2026-03") for code in ("310", "330", "510")]
    news = await events(hall, CoverageStopped)
    assert {(str(one.month), one.never_started, one.version) for one in news} == {("2026-03", False, 2)}
    assert len(news) == 3
    found = await hall.client.post(f"{API}/roster/searches", json={"id_number": number}, headers=hall.clerk(UNIT))
    (row,) = found.json()["items"]
    assert (row["stop_month"], row["status"]) == ("2026-03", "1")  # benefits to the end of the month
    again = await remove(hall, removal(person_id))
    assert (again.status_code, again.json()["code"]) == (409, "not_insured_here")


@pytest.mark.parametrize("unit", [UNIT, OTHER_UNIT])
@pytest.mark.parametrize(("start", "accepted"), [("2026-03", True), ("2026-04", True)])
async def test_re_entry_in_the_month_of_the_stop_or_the_next(
    hall: ServiceHarness, unit: str, start: str, accepted: bool
) -> None:
    number = resident_id()
    person_id = await _employee(hall, number)
    await _since(hall, "2025-06")
    await removed(hall, person_id)
    await insured(hall, addition(number, insurance_start_month=start, insurance_reason="03"), unit=unit)

    first, second = ("2025-06", "2026-03"), (start, None)
    held = [cover for cover in await _covers(hall, unit) if cover[0] == "310"]
    assert held == [("310", *second)] if unit == OTHER_UNIT else [("310", *first), ("310", *second)]


@pytest.mark.parametrize("start", ["2026-03", "2026-04"])
@pytest.mark.parametrize("insurance", ["390", "310"])
async def test_a_cancelled_start_gives_back_what_it_had_stopped(
    hall: ServiceHarness, start: str, insurance: str
) -> None:
    number = resident_id()
    await _self_insured(hall, number, insurance)
    assert (await withdraw(hall, await _pending_no(hall))).status_code == 200
    await insured(hall, addition(number, insurance_start_month=start, insurance_reason="04"))
    assert await _covers(hall, None) == [(insurance, "2024-01", start)]

    await removed(hall, await person_id_of(hall, number))
    assert await _covers(hall, None) == [(insurance, "2024-01", None)]
    assert await _covers(hall, UNIT) == [(code, start, start) for code in ("310", "330", "510")]
    assert {one.never_started for one in await events(hall, CoverageStopped)} == {True}


async def test_a_cancelled_return_leaves_the_earlier_spell_on_the_roster(hall: ServiceHarness) -> None:
    number = resident_id()
    person_id = await _employee(hall, number)
    await _since(hall, "2025-06")
    await removed(hall, person_id, reason="03")
    await insured(hall, addition(number, insurance_start_month="2026-04"))
    await removed(hall, person_id)
    found = await hall.client.post(f"{API}/roster/searches", json={"id_number": number}, headers=hall.clerk(UNIT))
    (row,) = found.json()["items"]
    assert (row["start_month"], row["stop_month"]) == ("2025-06", "2026-03")


async def test_retirement(hall: ServiceHarness) -> None:
    number = resident_id()
    person_id = await _employee(hall, number)
    await _since(hall, "2025-06")
    await removed(hall, person_id, reason="04", event_date="2026-03-01")
    assert await _covers(hall, None) == [("310", "2026-03", None)]
    answer = await submit(hall, addition(number), unit=OTHER_UNIT)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_retired")


async def test_a_death_told_late(hall: ServiceHarness) -> None:
    number = resident_id()
    person_id = await _employee(hall, number)
    await _since(hall, "2025-06")
    await removed(hall, person_id, reason="05", event_date="2026-01-20")
    assert {stop for _, _, stop in await _covers(hall, UNIT)} == {"2026-01"}
    assert await _covers(hall, None) == []
    answer = await submit(hall, addition(number), unit=OTHER_UNIT)
    assert (answer.status_code, answer.json()["code"]) == (409, "coverage_ended")


async def test_a_late_review_stops_in_the_declared_month(hall: ServiceHarness) -> None:
    person_id = await _employee(hall, resident_id())
    await _since(hall, "2025-06")
    no = (await remove(hall, removal(person_id))).json()["no"]
    hall.clock.advance(timedelta(days=30))
    assert (await decide(hall, no)).json()["status"] == "approved"
    assert {stop for _, _, stop in await _covers(hall, UNIT)} == {"2026-03"}


async def test_a_pending_addition_blocks_a_removal(hall: ServiceHarness) -> None:
    number = resident_id()
    person_id = await _employee(hall, number)
    await _since(hall, "2025-06")
    await removed(hall, person_id)
    no = (await submitted(hall, addition(number)))["no"]
    answer = await remove(hall, removal(person_id))
    assert (answer.status_code, answer.json()["code"]) == (409, "addition_pending")
    assert no in answer.json()["detail"]


async def test_removal_here_against_addition_there(hall: ServiceHarness) -> None:
    """Another unit declared the person while they were free; the approvals meet. Never two coverages at a time."""
    for _ in range(4):
        number = resident_id()
        theirs = (await submitted(hall, addition(number), unit=OTHER_UNIT))["no"]
        person_id = await _employee(hall, number)
        mine = (await remove(hall, removal(person_id))).json()["no"]
        left, joined = await asyncio.gather(decide(hall, mine), decide(hall, theirs))
        assert left.json()["status"] == "approved"
        assert joined.json()["status"] in ("approved", "rejected")  # whichever came first
    assert len(await events(hall, CoverageStopped)) == 12
    approved = [one for one in await events(hall, ApplicationDecided) if one.decision == "approved"]
    joined_there = len(approved) - 8
    assert len(await events(hall, CoverageStarted)) == 3 * (4 + joined_there)


async def test_withdraw_against_approve(hall: ServiceHarness) -> None:
    for turn in range(4):
        person_id = await _employee(hall, resident_id())
        no = (await remove(hall, removal(person_id))).json()["no"]
        calls = [withdraw(hall, no), decide(hall, no)]
        answers = await asyncio.gather(*(calls if turn % 2 else reversed(calls)))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
