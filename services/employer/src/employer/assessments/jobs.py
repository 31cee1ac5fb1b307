"""The assessment as leased work: many small jobs, one per part, that any number of workers share.

The assessment's own job cuts the units into parts, hands each out as a job, lends a hand and waits for the others. Each
part is one transaction; whoever dies loses the part under way, and its lease lets somebody else do it.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from employer.assessments import service
from servicekit.db.tx import Scope, begin, clock_of
from servicekit.job_runner import POLL_SECONDS, JobRunner
from servicekit.jobs import JobFailed, JobHandler, JobRow, JobRun
from servicekit.wakeup import JOB_CHANGED

_FAILURE = "核定未能完成，已完成的部分保持有效；请稍后重新发起核定。"


async def run_assessment(run: JobRun) -> Mapping[str, Any]:
    """Hands out the parts and sees them done. Taken over by another worker, it goes on where the last one stopped."""
    runtime = run.runtime
    month = Month.parse(run.payload["month"])
    async with begin(runtime, scope=Scope.system()) as tx:
        await service.plan(tx, run.id, month, now=runtime.clock.now())
    helper = JobRunner(runtime, ASSESSMENT_PART)
    told: service.Progress | None = None
    with runtime.wakeup.subscribe(JOB_CHANGED, str(run.id)) as changes:
        while True:
            async with begin(runtime, scope=Scope.system()) as tx:
                now = await service.progress(tx, run.id)
            if now != told:
                await run.progress(now.done, now.parts)
                told = now
            if now.failed:
                raise JobFailed("part_failed", _FAILURE)
            if now.done == now.parts:
                break
            if not await helper.run_once():
                await changes.wait(POLL_SECONDS)
    async with begin(runtime, scope=Scope.system()) as tx:
        return await service.totals(tx, run.id)


async def run_part(run: JobRun) -> Mapping[str, Any]:
    """Assesses one part, as long as this worker holds it."""
    runtime = run.runtime
    assessment_id, part = UUID(run.payload["assessment_id"]), int(run.payload["part"])
    async with begin(runtime, scope=Scope.system()) as tx:
        month = Month.parse(run.payload["month"])
        await service.assess_part(tx, assessment_id, month, part, now=runtime.clock.now())
        await run.fence(tx, {"status": "running"})  # changes nothing; not earlier, since it holds up the beat
    return {}


async def _finish(tx: AsyncSession, job: JobRow, result: Mapping[str, Any]) -> None:
    await service.finish(tx, job, result, now=clock_of(tx).now())


async def _fail(tx: AsyncSession, job: JobRow) -> None:
    await service.call_off(tx, job.id)


async def _fail_part(tx: AsyncSession, job: JobRow) -> None:
    service.tell_of_part(tx, UUID(job.payload["assessment_id"]))


ASSESSMENT = JobHandler(
    kind=service.JOB_KIND, run=run_assessment, finish=_finish, fail=_fail, failure_detail=_FAILURE, concurrency=2
)
ASSESSMENT_PART = JobHandler(
    kind=service.PART_KIND, run=run_part, fail=_fail_part, failure_detail=_FAILURE, retry_seconds=1.0
)
