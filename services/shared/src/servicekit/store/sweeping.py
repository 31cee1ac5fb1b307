"""Removing objects that nobody knows: whoever put them died before the row that names them was committed."""

from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta

import structlog

from servicekit.db.types import utc_now
from servicekit.store.port import ObjectStore

_BATCH = 200
# Whoever put an object this young may be about to commit the row that names it.
_ORPHAN_AGE = timedelta(days=1)
log = structlog.get_logger(__name__)


async def sweep(objects: ObjectStore, known: Callable[[Collection[str]], Awaitable[Collection[str]]]) -> int:
    """Removes objects older than a day which `known`, asked with some keys at a time, doesn't name; how many."""
    removed = 0
    batch: list[str] = []
    # The store knows the machine's time only, whatever the business clock says.
    async for key in objects.keys_before(utc_now() - _ORPHAN_AGE):
        batch.append(key)
        if len(batch) == _BATCH:
            removed += await _sweep(objects, batch, known)
            batch = []
    removed += await _sweep(objects, batch, known)
    if removed:
        log.info("orphans_removed", count=removed)
    return removed


async def _sweep(
    objects: ObjectStore, keys: Collection[str], known: Callable[[Collection[str]], Awaitable[Collection[str]]]
) -> int:
    if not keys:
        return 0
    named = await known(keys)
    orphans = [key for key in keys if key not in named]
    for key in orphans:
        await objects.delete(key)
    return len(orphans)
