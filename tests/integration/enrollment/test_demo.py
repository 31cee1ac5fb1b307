"""The demo's people: well-formed, insured, announced, and there once however often the seed runs."""

from sqlalchemy import func, select

from contracts.enrollment import CoverageStarted
from contracts.values.identifiers import check_resident_id
from contracts.values.month import Month
from enrollment import demo
from enrollment.coverage.models import Coverage
from enrollment.people.models import Person
from enrollment.roster.models import RosterEntry
from enrollment.service import SERVICE
from tests.integration.enrollment.desk import API, deliver, events, opened, seen_by_all
from tests.support.databases import TestDatabases
from tests.support.harness import TODAY, service_harness


async def test_seeded_once(databases: TestDatabases) -> None:
    async with service_harness(SERVICE, databases) as hall:
        for employer_no, _ in demo._UNITS:
            await deliver(hall, opened(employer_no, kind="99" if employer_no.endswith("301") else "10"))
        await demo.seed(hall.runtime)
        await demo.seed(hall.runtime)

        async with seen_by_all(hall) as tx:
            people = list((await tx.execute(select(Person))).scalars())
            on_roster = dict(
                (
                    await tx.execute(select(RosterEntry.employer_no, func.count()).group_by(RosterEntry.employer_no))
                ).all()
            )
            self_insured = (await tx.execute(select(func.count()).where(Coverage.employer_no.is_(None)))).scalar_one()
        assert len(people) == 75 + 8 + 3
        assert on_roster["330200000000000101"] == 30 + 2
        assert on_roster["330200000000000301"] == 5
        assert self_insured == 8
        numbers = [hall.runtime.vault.open("id_number", person.id_number).reveal() for person in people]
        assert len(set(numbers)) == len(numbers)
        for person, number in zip(people, numbers, strict=True):
            checked = check_resident_id(number, today=TODAY)
            assert (checked.birth_date, checked.sex) == (person.birth_date, person.sex)
        started = await events(hall, CoverageStarted)
        assert len(started) == 3 * (75 + 2)
        assert min(event.month for event in started) < Month(2025, 3)
        decided = await hall.client.post(
            f"{API}/applications/searches", json={"state": "decided"}, headers=hall.clerk("330200000000000101")
        )
        assert sorted(row["status"] for row in decided.json()["items"]) == ["approved", "approved", "rejected"]


async def test_the_large_unit(databases: TestDatabases) -> None:
    async with service_harness(SERVICE, databases) as hall:
        await deliver(hall, opened(demo.LARGE_UNIT))
        news = await demo.seed_large_unit(hall.runtime)
        assert await demo.seed_large_unit(hall.runtime) == []

        totals = {}
        for status in (None, "1", "2"):
            answer = await hall.client.post(
                f"{API}/roster/searches", json={"status": status}, headers=hall.clerk(demo.LARGE_UNIT)
            )
            totals[status] = answer.json()["total"]
        assert totals == {None: 1500, "1": 1375, "2": 125}
        assert len(news) == 3 * 1375
        assert len({event.person_id for event in news}) == 1375
        assert await events(hall, CoverageStarted) == []
