"""Periodic duties: files that no request took leave, and so do objects that no row names."""

from collections.abc import Collection

from employer.registration_changes import files, repository
from employer.registration_changes.rules import LOOSE_FOR
from employer.resources import attachments_in
from servicekit.db.tx import Scope, begin
from servicekit.jobs import Periodic
from servicekit.runtime import Runtime
from servicekit.store import sweep

_BATCH = 200


async def drop_loose(runtime: Runtime) -> None:
    """Removes uploaded files of yesterday: first the content, then the row. Done again after a crash in between."""
    before = runtime.clock.now() - LOOSE_FOR
    removed = _BATCH
    while removed == _BATCH:
        async with begin(runtime, scope=Scope.system()) as tx:
            loose = await repository.loose_before(tx, before, limit=_BATCH)
            for attachment in loose:
                await files.remove(attachments_in(runtime), attachment)
                await tx.delete(attachment)
        removed = len(loose)


async def sweep_orphans(runtime: Runtime) -> None:
    """Removes contents whose upload died before its row was committed."""

    async def known(digests: Collection[str]) -> Collection[str]:
        async with begin(runtime, scope=Scope.system()) as tx:
            return await repository.known_digests(tx, digests)

    await sweep(attachments_in(runtime).objects, known)


DUTIES = (
    Periodic("employer.drop_loose_attachments", 3600.0, drop_loose),
    Periodic("employer.sweep_attachments", 24 * 3600.0, sweep_orphans),
)
