"""Leased jobs on a real database."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from servicekit import jobs
from servicekit.db.tx import Scope, begin
from servicekit.db.types import utc_now
from servicekit.ids import uuid7
from servicekit.job_runner import JobRunner, run_due_jobs
from servicekit.jobs import JobFailed, JobHandler, JobRow, JobRun
from servicekit.runtime import Runtime
from servicekit.service import Service
from tests.bus.sample import SAMPLE, behaviour_of

UNIT = "330200000000000101"


def _handler(service: Service = SAMPLE) -> JobHandler:
    (handler,) = service.jobs
    assert isinstance(handler, JobHandler)
    return handler


async def _enqueue(runtime: Runtime, **more: Any) -> JobRow:
    async with begin(runtime, scope=Scope.system()) as tx:
        return await jobs.enqueue(tx, kind="sample", payload={"n": 1}, employer_no=UNIT, **more)


async def _now(runtime: Runtime, job: JobRow) -> JobRow:
    async with begin(runtime, scope=Scope.system()) as tx:
        found = await jobs.find(tx, job.id)
    assert found is not None
    return found


async def _expire_lease(runtime: Runtime, job: JobRow) -> None:
    async with begin(runtime, scope=Scope.system()) as tx:
        await tx.execute(update(JobRow).where(JobRow.id == job.id).values(lease_until=utc_now() - timedelta(seconds=1)))


async def test_a_job_is_done_once_and_its_finish_hook_ran(runtime: Runtime) -> None:
    job = await _enqueue(runtime, total=5)
    assert await run_due_jobs(runtime) == 1
    done = await _now(runtime, job)
    assert (done.status, done.result, done.progress, done.attempts) == ("done", {"ok": True}, 5, 1)
    assert behaviour_of(runtime).finished == [job.id]
    assert await run_due_jobs(runtime) == 0


async def test_progress_is_seen_by_whoever_watches(runtime: Runtime) -> None:
    told = asyncio.Event()

    async def work(run: JobRun) -> Mapping[str, Any]:
        await run.progress(1, 2)
        await told.wait()
        return {}

    behaviour_of(runtime).on_job = work
    job = await _enqueue(runtime)
    working = asyncio.create_task(JobRunner(runtime, _handler()).run_once())
    seen = []
    async for state in jobs.watch(runtime, job.id):
        seen.append((state.status, state.progress, state.total))
        if state.progress == 1:
            told.set()
    await working
    assert seen[-1] == ("done", 2, 2)
    assert ("running", 1, 2) in seen


async def test_an_error_is_tried_again_and_in_the_end_said_plainly(runtime: Runtime) -> None:
    async def work(run: JobRun) -> Mapping[str, Any]:
        raise ValueError("secret of a person")

    behaviour_of(runtime).on_job = work
    job = await _enqueue(runtime)
    runner = JobRunner(runtime, _handler())
    while not (await _now(runtime, job)).finished:
        await runner.run_once()
    failed = await _now(runtime, job)
    assert (failed.status, failed.error_code, failed.attempts) == ("failed", "job_failed", 3)
    assert failed.error_detail == _handler().failure_detail
    assert behaviour_of(runtime).failed == ["job_failed"]


async def test_a_job_that_can_not_succeed_is_not_tried_again(runtime: Runtime) -> None:
    async def work(run: JobRun) -> Mapping[str, Any]:
        raise JobFailed("nothing_to_print", "没有可打印的内容。")

    behaviour_of(runtime).on_job = work
    job = await _enqueue(runtime)
    assert await run_due_jobs(runtime) == 1
    failed = await _now(runtime, job)
    assert (failed.error_code, failed.error_detail) == ("nothing_to_print", "没有可打印的内容。")


async def test_a_dead_workers_job_is_taken_over_and_done_once(runtime: Runtime) -> None:
    entered, release = asyncio.Event(), asyncio.Event()

    async def work(run: JobRun) -> Mapping[str, Any]:
        if run.attempt == 1:
            entered.set()
            await release.wait()
        return {"attempt": run.attempt}

    behaviour_of(runtime).on_job = work
    # The first worker beats once an hour: to the others it is as good as dead when its lease runs out.
    slow = JobHandler("sample", _handler().run, finish=_handler().finish, lease_seconds=10_000)
    job = await _enqueue(runtime)
    first = asyncio.create_task(JobRunner(runtime, slow).run_once())
    await entered.wait()
    await _expire_lease(runtime, job)
    assert await JobRunner(runtime, _handler()).run_once()
    assert (await _now(runtime, job)).result == {"attempt": 2}
    release.set()
    await first  # the first worker comes back: fenced off, it changes nothing
    done = await _now(runtime, job)
    assert (done.status, done.result) == ("done", {"attempt": 2})
    assert behaviour_of(runtime).finished == [job.id]


async def test_beating_keeps_the_job_longer_than_one_lease(runtime: Runtime) -> None:
    lease = 0.3

    async def work(run: JobRun) -> Mapping[str, Any]:
        first = (await _now(runtime, job)).lease_until
        while (await _now(runtime, job)).lease_until == first:  # until the runner has beaten
            pass
        return {}

    behaviour_of(runtime).on_job = work
    job = await _enqueue(runtime)
    handler = JobHandler("sample", _handler().run, lease_seconds=lease)
    assert await JobRunner(runtime, handler).run_once()
    assert (await _now(runtime, job)).status == "done"


async def test_a_cancelled_job_stops_its_worker(runtime: Runtime) -> None:
    stopped = asyncio.Event()

    async def work(run: JobRun) -> Mapping[str, Any]:
        async with begin(runtime, scope=Scope.system()) as tx:
            assert await jobs.cancel(tx, job.id)
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        raise AssertionError

    behaviour_of(runtime).on_job = work
    job = await _enqueue(runtime)
    handler = JobHandler("sample", _handler().run, lease_seconds=0.1)
    assert await JobRunner(runtime, handler).run_once()
    assert stopped.is_set()
    assert (await _now(runtime, job)).status == "cancelled"


async def test_a_stopping_worker_hands_its_job_back(runtime: Runtime) -> None:
    entered = asyncio.Event()

    async def work(run: JobRun) -> Mapping[str, Any]:
        entered.set()
        await asyncio.Event().wait()
        raise AssertionError

    behaviour_of(runtime).on_job = work
    job = await _enqueue(runtime)
    runner = asyncio.create_task(JobRunner(runtime, _handler()).run())
    await entered.wait()
    runner.cancel()
    await asyncio.gather(runner, return_exceptions=True)
    assert (await _now(runtime, job)).status == "queued"


async def test_a_job_that_kills_every_worker_is_given_up(runtime: Runtime) -> None:
    job = await _enqueue(runtime)
    async with begin(runtime, scope=Scope.system()) as tx:
        await tx.execute(update(JobRow).values(status="running", attempts=13, lease_until=utc_now()))
    assert await JobRunner(runtime, _handler()).run_once()
    assert (await _now(runtime, job)).error_code == "worker_lost"


async def test_higher_priority_goes_first(runtime: Runtime) -> None:
    low, high = await _enqueue(runtime), await _enqueue(runtime, priority=5)
    await run_due_jobs(runtime)
    assert behaviour_of(runtime).finished == [high.id, low.id]


async def test_waiting_ends_with_the_job_or_with_patience(runtime: Runtime) -> None:
    job = await _enqueue(runtime)
    waited = await jobs.wait(runtime, job.id, 0.01)
    assert waited is not None
    assert waited.status == "queued"
    waiting = asyncio.create_task(jobs.wait(runtime, job.id, 30))
    await run_due_jobs(runtime)
    finished = await waiting
    assert finished is not None
    assert finished.status == "done"
    assert await jobs.wait(runtime, uuid7(), 30) is None


async def test_row_level_security_hides_other_units_jobs(runtime: Runtime) -> None:
    job = await _enqueue(runtime)
    async with begin(runtime, scope=Scope.unit("330200000000000999")) as tx:
        assert await jobs.find(tx, job.id) is None
    async with begin(runtime, scope=Scope.none()) as tx:
        assert await jobs.find(tx, job.id) is None
    async with begin(runtime, scope=Scope.unit(UNIT)) as tx:
        assert await jobs.find(tx, job.id) is not None
