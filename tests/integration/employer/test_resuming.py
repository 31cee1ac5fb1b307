"""An assessment whose worker dies in the middle is taken over, and the ledger is as if nothing had happened."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from employer.assessments import jobs as assessment_jobs
from employer.assessments import service
from employer.assessments.jobs import ASSESSMENT, ASSESSMENT_PART
from servicekit.consumer import Done
from servicekit.db.tx import Scope, begin
from servicekit.job_runner import JobRunner
from servicekit.jobs import JobRow
from tests.integration.employer.office import (
    API,
    assess,
    deliver,
    ledger,
    open_unit,
    request_assessment,
    rows,
    started,
    stopped,
)
from tests.support.harness import ServiceHarness
from tests.support.waiting import until

UNITS = [f"3302000000000009{number:02d}" for number in range(6)]
EVERYTHING = (
    "SELECT employer_no, person_id, month, insurance, base, employer_amount, own_amount FROM contributions "
    "ORDER BY 1, 2, 3, 4"
)


class Killed(BaseException):
    """The process is gone: no handler of ours runs any more."""


@pytest.fixture
async def busy_hall(empty_hall: ServiceHarness, monkeypatch: pytest.MonkeyPatch) -> ServiceHarness:
    """Six units of two people, cut into six parts."""
    monkeypatch.setattr(service, "PART_SIZE", 2)
    for unit in UNITS:
        await open_unit(empty_hall, unit)
        for wage in ("6000.00", "7000.00"):
            await deliver(empty_hall, started(employer_no=unit, month="2026-03", wage=wage))
    return empty_hall


async def die_in_part(hall: ServiceHarness, monkeypatch: pytest.MonkeyPatch, fatal: int, *, after_effect: bool) -> None:
    """Runs the job until its worker dies in the given part, before or after the part's rows were written."""
    intact = service.assess_part

    async def mortal(tx: Any, assessment_id: UUID, month: Any, part: int, **values: Any) -> None:
        if part == fatal and not after_effect:
            raise Killed
        await intact(tx, assessment_id, month, part, **values)
        if part == fatal:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(service, "assess_part", mortal)
        with pytest.raises(Killed):
            await JobRunner(hall.runtime, ASSESSMENT).run_once()


async def lose_lease(hall: ServiceHarness) -> None:
    """Time passes until the dead worker's lease is over."""
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await tx.execute(sa.update(JobRow).values(lease_until=sa.func.now() - sa.text("interval '1 second'")))


@pytest.mark.parametrize("after_effect", [False, True])
async def test_taken_over_after_a_kill(
    busy_hall: ServiceHarness, monkeypatch: pytest.MonkeyPatch, *, after_effect: bool
) -> None:
    where = (await request_assessment(busy_hall, "2026-03")).headers["Location"]
    await die_in_part(busy_hall, monkeypatch, 3, after_effect=after_effect)
    assert len(await rows(busy_hall, EVERYTHING)) == 6  # three parts of two: what was under way is undone
    half = (await busy_hall.client.get(where, headers=busy_hall.staff("operator"))).json()
    assert (half["status"], half["progress"], half["total"]) == ("running", 3, 6)
    await lose_lease(busy_hall)
    await busy_hall.drain()
    whole = (await busy_hall.client.get(where, headers=busy_hall.staff("operator"))).json()
    assert (whole["status"], whole["progress"], whole["rows"]) == ("done", 6, 12)
    assert len(await rows(busy_hall, EVERYTHING)) == 12
    (sums,) = await rows(busy_hall, "SELECT sum(people) AS people, count(*) AS statements FROM statements")
    assert tuple(sums) == (12, 6)
    (news,) = await rows(
        busy_hall, "SELECT count(*) AS count FROM outbox WHERE type = 'employer.contributions_assessed.v1'"
    )
    assert news.count == 6


async def test_a_worker_thought_dead_that_goes_on_does_nothing_twice(busy_hall: ServiceHarness) -> None:
    answer = await request_assessment(busy_hall, "2026-03")
    assessment_id = UUID(answer.json()["id"])
    await busy_hall.drain()
    before = await rows(busy_hall, EVERYTHING)
    now, month = busy_hall.clock.now(), busy_hall.clock.month()
    async with begin(busy_hall.runtime, scope=Scope.system()) as tx:
        await service.plan(tx, assessment_id, month, now=now)
        for part in range((await service.progress(tx, assessment_id)).parts):
            await service.assess_part(tx, assessment_id, month, part, now=now)
    assert await rows(busy_hall, EVERYTHING) == before
    (sums,) = await rows(busy_hall, "SELECT sum(people) AS people FROM statements")
    assert sums.people == 12


async def test_two_runs_side_by_side_share_the_rows(busy_hall: ServiceHarness) -> None:
    for month in ("2026-02", "2026-03"):
        for unit in UNITS:
            await deliver(busy_hall, started(employer_no=unit, month="2026-02"))
        await request_assessment(busy_hall, month)
    await busy_hall.drain()
    doubled = await rows(
        busy_hall,
        "SELECT employer_no, person_id, month, insurance FROM contributions GROUP BY 1, 2, 3, 4 HAVING count(*) > 1",
    )
    assert doubled == []
    (sums,) = await rows(
        busy_hall, "SELECT (SELECT count(*) FROM contributions) AS rows, (SELECT sum(people) FROM statements) AS people"
    )
    assert sums.rows == sums.people == 12 + 12 * 2


async def test_a_failure_is_told_and_the_month_can_be_assessed_again(
    busy_hall: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = (await request_assessment(busy_hall, "2026-03")).headers["Location"]

    async def broken(*_: Any, **__: Any) -> Mapping[str, Any]:
        raise RuntimeError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(service, "assess_part", broken)
        patched.setattr(assessment_jobs, "ASSESSMENT_PART", replace(ASSESSMENT_PART, retry_seconds=0))
        await JobRunner(busy_hall.runtime, ASSESSMENT).run_once()
    failed = (await busy_hall.client.get(where, headers=busy_hall.staff("operator"))).json()
    assert failed["status"] == "failed"
    assert "核定未能完成" in failed["error"]["detail"]
    assert (await request_assessment(busy_hall, "2026-03")).status_code == 202
    await busy_hall.drain()
    assert len(await rows(busy_hall, EVERYTHING)) == 12
    listed = (await busy_hall.client.get(f"{API}/assessments", headers=busy_hall.staff("operator"))).json()
    assert [item["status"] for item in listed["items"]] == ["done", "failed"]


async def test_any_number_of_workers_share_the_parts(busy_hall: ServiceHarness) -> None:
    where = (await request_assessment(busy_hall, "2026-03")).headers["Location"]
    others = [JobRunner(busy_hall.runtime, ASSESSMENT_PART) for _ in range(3)]
    async with asyncio.TaskGroup() as group:
        work = [group.create_task(other.run()) for other in others]
        await JobRunner(busy_hall.runtime, ASSESSMENT).run_once()
        for each in work:
            each.cancel()
    whole = (await busy_hall.client.get(where, headers=busy_hall.staff("operator"))).json()
    assert (whole["status"], whole["progress"], whole["rows"]) == ("done", 6, 12)
    jobs = await rows(busy_hall, "SELECT status, attempts FROM jobs WHERE kind = 'assessment_part'")
    assert [tuple(job) for job in jobs] == [("done", 1)] * 6
    (sums,) = await rows(busy_hall, "SELECT sum(people) AS people, count(*) AS statements FROM statements")
    assert tuple(sums) == (12, 6)


async def test_a_part_of_a_run_that_was_called_off_writes_nothing(
    busy_hall: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    assessment_id = UUID((await request_assessment(busy_hall, "2026-03")).json()["id"])
    intact = service.assess_part

    async def overtaken(*arguments: Any, **values: Any) -> None:
        await intact(*arguments, **values)
        async with begin(busy_hall.runtime, scope=Scope.system()) as tx:
            await service.call_off(tx, assessment_id)

    with monkeypatch.context() as patched:
        patched.setattr(service, "assess_part", overtaken)
        await JobRunner(busy_hall.runtime, ASSESSMENT).run_once()
    assert await rows(busy_hall, EVERYTHING) == []
    told = await rows(busy_hall, "SELECT status, error_code FROM jobs WHERE kind = 'assessment'")
    assert [tuple(job) for job in told] == [("failed", "part_failed")]


async def test_news_that_comes_while_its_unit_is_assessed_counts_as_told_after_it(busy_hall: ServiceHarness) -> None:
    leaver, late = started(employer_no=UNITS[0], month="2026-03"), started(employer_no=UNITS[0], month="2026-02")
    await deliver(busy_hall, leaver)
    assessment_id = UUID((await request_assessment(busy_hall, "2026-03")).json()["id"])
    now, month = busy_hall.clock.now(), busy_hall.clock.month()
    waiting = (
        "SELECT count(*) AS waiters FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )

    async def both_wait() -> bool:
        (found,) = await rows(busy_hall, waiting)
        return int(found.waiters) == 2

    async with asyncio.TaskGroup() as group, begin(busy_hall.runtime, scope=Scope.system()) as tx:
        await service.plan(tx, assessment_id, month, now=now)
        await service.assess_part(tx, assessment_id, month, 0, now=now)
        coming = [group.create_task(deliver(busy_hall, news)) for news in (late, stopped(leaver, "2026-03"))]
        await until(both_wait)
    assert [task.result() for task in coming] == [Done(), Done()]
    await busy_hall.drain()
    assert await ledger(busy_hall, late.person_id) == []
    await assess(busy_hall, "2026-03")
    assert [month for month, *_ in await ledger(busy_hall, late.person_id)] == ["2026-02", "2026-03"]
    assert [employer for *_, employer, _ in await ledger(busy_hall, leaver.person_id)] == ["680.00", "-680.00"]
