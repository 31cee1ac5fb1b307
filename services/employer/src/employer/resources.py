"""The long-lived things of this service: the store of attachments, the readers of tables. Opened once per process."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncSession

from employer.settings import EmployerSettings
from servicekit.db.tx import runtime_of
from servicekit.runtime import Runtime
from servicekit.sheets.readers import TABLE_CHILD, reading_with
from servicekit.store import FileStore, SealedStore

_ATTACHMENTS = "attachments"
_readers = reading_with(TABLE_CHILD)


@asynccontextmanager
async def open_resources(runtime: Runtime) -> AsyncIterator[Mapping[str, Any]]:
    """What `runtime.resources` holds for this service."""
    settings = cast("EmployerSettings", runtime.settings)
    store = SealedStore.of(FileStore(settings.object_dir), settings, owner="employer")
    async with _readers(runtime) as readers:
        yield {**readers, _ATTACHMENTS: store}


def attachments_in(runtime: Runtime) -> SealedStore:
    """The store of attachments of a runtime."""
    return cast("SealedStore", runtime.resources[_ATTACHMENTS])


def attachments_of(tx: AsyncSession) -> SealedStore:
    """The store of attachments of a transaction's runtime."""
    return attachments_in(runtime_of(tx))
