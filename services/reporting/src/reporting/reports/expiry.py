"""Periodic duties: expired reports leave the report centre, their files the store, and files without a report too."""

from datetime import timedelta
from typing import cast

import structlog

from reporting.files import repository as files
from reporting.reports import repository
from reporting.resources import resources_in
from reporting.settings import ReportingSettings
from servicekit.db.tx import Scope, begin
from servicekit.db.types import utc_now
from servicekit.jobs import Periodic
from servicekit.runtime import Runtime

_BATCH = 200
# A worker may be about to write the row of a file this young.
_ORPHAN_AGE = timedelta(days=1)
log = structlog.get_logger(__name__)


async def expire_reports(runtime: Runtime) -> None:
    """Removes what has expired. The file goes before its mark is committed: after a crash it is done again."""
    store = resources_in(runtime).store
    now = runtime.clock.now()
    removed = _BATCH
    while removed == _BATCH:
        async with begin(runtime, scope=Scope.system()) as tx:
            expired = await files.expired(tx, now, limit=_BATCH)
            await files.mark_removed(tx, [file.job_id for file in expired], now)
            # Two exports of the same rows in the same moment are one object.
            needed = await files.known_objects(tx, [file.sha256 for file in expired])
            for digest in sorted({file.sha256 for file in expired} - needed):
                await store.objects.delete(digest)
        removed = len(expired)
    settings = cast("ReportingSettings", runtime.settings)
    forgotten = _BATCH
    while forgotten == _BATCH:
        async with begin(runtime, scope=Scope.system()) as tx:
            forgotten = await repository.forget_before(tx, now - timedelta(days=settings.report_days), limit=_BATCH)


async def sweep_orphans(runtime: Runtime) -> None:
    """Removes files that no report knows: their worker died, or lost its lease, before it was finished."""
    store = resources_in(runtime).store
    batch: list[str] = []
    # The store knows the machine's time only, whatever the business clock says.
    async for key in store.objects.keys_before(utc_now() - _ORPHAN_AGE):
        batch.append(key)
        if len(batch) == _BATCH:
            await _sweep(runtime, batch)
            batch = []
    await _sweep(runtime, batch)


async def _sweep(runtime: Runtime, keys: list[str]) -> None:
    if not keys:
        return
    async with begin(runtime, scope=Scope.system()) as tx:
        known = await files.known_objects(tx, keys)
    orphans = [key for key in keys if key not in known]
    for key in orphans:
        await resources_in(runtime).store.objects.delete(key)
    if orphans:
        log.info("orphans_removed", count=len(orphans))


DUTIES = (
    Periodic("reporting.expire_reports", 600.0, expire_reports),
    Periodic("reporting.sweep_orphans", 24 * 3600.0, sweep_orphans),
)
