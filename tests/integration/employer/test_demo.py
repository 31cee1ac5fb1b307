"""The demo data: opened and assessed by the real use cases, once, in whatever year."""

from datetime import date

import pytest

from contracts.employer import EmployerOpened
from contracts.values.identifiers import check_uscc
from employer import demo
from employer.service import SERVICE
from servicekit.clock import FixedClock
from tests.integration.employer.office import API, UNIT, deliver, rows, started
from tests.support.databases import TestDatabases
from tests.support.harness import service_harness


@pytest.mark.parametrize("today", [date(2026, 3, 10), date(2031, 1, 2)])
async def test_a_year_of_contributions(databases: TestDatabases, today: date) -> None:
    async with service_harness(SERVICE, databases, clock=FixedClock.on(today)) as hall:
        for _ in range(2):
            await demo.seed(hall.runtime)
        start = started(month="2019-06")
        await deliver(hall, start)
        for _ in range(2):
            await demo.seed_contributions(hall.runtime)
        listed = (await hall.client.get(f"{API}/employers", headers=hall.staff("operator"))).json()
        assert listed["total"] == 6
        path = f"{API}/contributions/people/{start.person_id}"
        found = (await hall.client.get(path, headers=hall.clerk(UNIT))).json()["items"]
        newest = hall.clock.month().previous()
        # the default range ends with the current month, which is not assessed yet
        assert [item["month"] for item in found] == [str(newest.plus(-back)) for back in range(11)]
        assert [item["status"] for item in found] == ["0"] + ["1"] * 10
        (counted,) = await rows(hall, "SELECT count(*) AS rows FROM contributions")
        assert counted.rows == demo.MONTHS
        (news,) = await rows(hall, "SELECT count(*) AS count FROM outbox WHERE type = 'employer.employer_opened.v1'")
        assert news.count == 6


async def test_the_payroll_bureaus_employers(databases: TestDatabases) -> None:
    async with service_harness(SERVICE, databases) as hall:
        news = await demo.seed_bureau(hall.runtime)
        assert await demo.seed_bureau(hall.runtime) == []
        assert len({one.employer_no for one in news}) == len({one.uscc for one in news}) == demo.BUREAU_UNITS
        assert all(check_uscc(one.uscc) == one.uscc for one in news)
        listed = (await hall.client.get(f"{API}/employers", headers=hall.staff("operator"))).json()
        assert listed["total"] == demo.BUREAU_UNITS
        told = await rows(hall, "SELECT 1 FROM outbox WHERE type = :type", type=EmployerOpened.wire_name)
        assert told == []  # handed over by whoever seeds the demo
