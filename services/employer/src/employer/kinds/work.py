"""Telling the other services of every unit of a kind, part by part. Telling twice does no harm: versions only grow."""

from datetime import timedelta
from typing import Any

from employer.kinds import repository
from employer.kinds.service import ANNOUNCE
from employer.units import repository as units
from employer.units import service as unit_service
from servicekit import outbox
from servicekit.db.tx import Scope, begin
from servicekit.jobs import JobFailed, JobHandler, JobRun

UNITS_AT_ONCE = 500


async def announce(run: JobRun) -> dict[str, Any]:
    """One event for each unit, in the order of their numbers."""
    code, after, done = str(run.payload["code"]), "", 0
    while True:
        async with begin(run.runtime, scope=Scope.system()) as tx:
            kind = await units.kind(tx, code)
            if kind is None:
                raise JobFailed("kind_gone", "该单位类型已不存在")
            found = await repository.units_behind(tx, code, after, limit=UNITS_AT_ONCE)
            if not found:
                return {"units": done}
            for unit in found:
                unit.version += 1
            await tx.flush()
            await outbox.add(tx, *(unit_service.changed(unit, kind) for unit in found))
            after, done = found[-1].employer_no, done + len(found)
            await run.progress_in(tx, done)


ANNOUNCING = JobHandler(kind=ANNOUNCE, run=announce, retry_seconds=1.0, keep=timedelta(days=30))
