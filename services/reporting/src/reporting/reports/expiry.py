"""Periodic duties: expired reports leave the report centre, their files the store, and files without a report too."""

from collections.abc import Collection
from datetime import timedelta
from typing import cast

from reporting.files import repository as files
from reporting.reports import repository
from reporting.resources import resources_in
from reporting.settings import ReportingSettings
from servicekit.db.tx import Scope, begin
from servicekit.jobs import Periodic
from servicekit.runtime import Runtime
from servicekit.store import sweep

_BATCH = 200


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

    async def known(keys: Collection[str]) -> Collection[str]:
        async with begin(runtime, scope=Scope.system()) as tx:
            return await files.known_objects(tx, keys)

    await sweep(resources_in(runtime).store.objects, known)


DUTIES = (
    Periodic("reporting.expire_reports", 600.0, expire_reports),
    Periodic("reporting.sweep_orphans", 24 * 3600.0, sweep_orphans),
)
