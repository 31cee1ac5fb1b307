"""Conversion months (城乡转职工, 灵活转职工): no day without cover, no month paid twice, over both services.

A resident or flexibly employed person is declared as an employee and approved in enrollment; its news is handed to the
ledger. 8000 in 2026 (domain.md §5.9): 310 8.5 % 680.00 and 2 % 160.00; 330 own 8.00; 510 0.7 % 56.00.
"""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from contracts.enrollment import CoverageStarted, CoverageStopped
from contracts.values.month import Month
from enrollment.coverage.models import Coverage
from enrollment.service import SERVICE as ENROLLMENT
from tests.integration.employer import office
from tests.integration.employer.office import SCHOOL, UNIT, assess, ledger
from tests.integration.enrollment import desk
from tests.support.databases import TestDatabases
from tests.support.harness import ServiceHarness, service_harness
from tests.support.people import resident_id


@pytest.fixture
async def enrollment(databases: TestDatabases) -> AsyncIterator[ServiceHarness]:
    """The enrollment service, which knows the unit and a school."""
    async with service_harness(ENROLLMENT, databases) as running:
        for unit in (desk.opened(UNIT), desk.opened(SCHOOL, kind="50")):
            await desk.deliver(running, unit)
        yield running


@pytest.mark.parametrize(
    ("former", "reason", "start", "last_own_month"),
    [
        # From this month on: the former coverage isn't owed for it any more.
        pytest.param("390", "04", "2026-03", "2026-02", id="a-resident-this-month"),
        pytest.param("310", "05", "2026-03", "2026-02", id="flexible-this-month"),
        # From next month on: this month is still the person's own.
        pytest.param("310", "05", "2026-04", "2026-03", id="flexible-next-month"),
    ],
)
async def test_each_month_is_paid_once_and_none_is_without_cover(
    hall: ServiceHarness, enrollment: ServiceHarness, former: str, reason: str, start: str, last_own_month: str
) -> None:
    number = resident_id()
    person_id = await desk.covered_alone(enrollment, number, insurance=former)
    await desk.insured(enrollment, desk.addition(number, insurance_reason=reason, insurance_start_month=start))

    async with desk.seen_by_all(enrollment) as tx:
        query = select(Coverage.stop_month).where(Coverage.person_id == person_id, Coverage.employer_no.is_(None))
        own_until = (await tx.execute(query)).scalar_one()
    assert own_until.previous() == Month.parse(last_own_month)  # owed to the month before the stop
    assert own_until == Month.parse(start), "no day without cover"
    assert await desk.events(enrollment, CoverageStopped) == []  # no unit paid for the former coverage

    for news in await desk.events(enrollment, CoverageStarted):
        if news.employer_no == UNIT:
            await office.deliver(hall, news)
    await assess(hall, "2026-03")
    hall.clock.advance(timedelta(days=31))
    await assess(hall, "2026-04")
    each_month = [
        ("310", "8000.00", "680.00", "160.00"),
        ("330", "8000.00", "0.00", "8.00"),
        ("510", "8000.00", "56.00", "0.00"),
    ]
    paid = Month.range(Month.parse(start), Month(2026, 4))
    assert await ledger(hall, person_id) == [(str(month), *row) for month in paid for row in each_month]
