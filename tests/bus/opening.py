"""Opens runtimes of the sample service for tests."""

import base64
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from servicekit.auth.keys import TokenKeys
from servicekit.bus.protocol import Transport
from servicekit.runtime import Runtime, open_runtime
from servicekit.settings import ServiceSettings
from tests.bus.sample import SAMPLE
from tests.support.databases import Database

FAST_RETRIES = (0.02, 0.03, 0.04)


def _key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def sample_values(database: Database, **more: Any) -> dict[str, Any]:
    """Settings of the sample service with quick retries and short leases, as plain JSON."""
    return {
        "profile": "standalone",
        "database_url": database.app_url,
        "migration_database_url": database.migrator_url,
        "personal_keys": {"k1": _key()},
        "personal_key_id": "k1",
        "blind_index_key": _key(),
        "retry_delays": FAST_RETRIES,
        "job_lease_seconds": 1.0,
        "shutdown_seconds": 5.0,
        **more,
    }


@asynccontextmanager
async def open_sample(values: Mapping[str, Any], transport: Transport) -> AsyncIterator[Runtime]:
    """The sample service, open with these settings on a transport."""
    keys = TokenKeys.static({"keys": []})
    async with open_runtime(SAMPLE, ServiceSettings(**values), transport=transport, keys=keys) as runtime:
        yield runtime


@asynccontextmanager
async def sample_runtime(database: Database, transport: Transport, **settings: Any) -> AsyncIterator[Runtime]:
    """The sample service, open on a database and a transport."""
    async with open_sample(sample_values(database, **settings), transport) as runtime:
        yield runtime
