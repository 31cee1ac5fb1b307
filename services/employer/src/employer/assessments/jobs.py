"""The assessment as leased work: part by part, each in a transaction of its own, so that it survives its worker."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from employer.assessments import service
from servicekit.db.tx import Scope, begin, clock_of
from servicekit.jobs import JobHandler, JobRow, JobRun


async def run_assessment(run: JobRun) -> Mapping[str, Any]:
    """Assesses every part that is not done. Taken over by another worker, it goes on where the last one stopped."""
    runtime = run.runtime
    month = Month.parse(run.payload["month"])
    async with begin(runtime, scope=Scope.system()) as tx:
        parts = await service.plan(tx, run.id, month, now=runtime.clock.now())
    done = sum(is_done for _, is_done in parts)
    await run.progress(done, len(parts))
    for part in (part for part, is_done in parts if not is_done):
        async with begin(runtime, scope=Scope.system()) as tx:
            await service.assess_part(tx, run.id, month, part, now=runtime.clock.now())
        done += 1
        await run.progress(done, len(parts))
    async with begin(runtime, scope=Scope.system()) as tx:
        return await service.totals(tx, run.id)


async def _finish(tx: AsyncSession, job: JobRow, result: Mapping[str, Any]) -> None:
    await service.finish(tx, job, result, now=clock_of(tx).now())


ASSESSMENT = JobHandler(
    kind=service.JOB_KIND,
    run=run_assessment,
    finish=_finish,
    failure_detail="核定未能完成，已完成的部分保持有效；请稍后重新发起核定。",
)
