"""A runtime of the sample service on the in-process transport."""

from collections.abc import AsyncIterator

import pytest

from servicekit.bus.inprocess import InProcessTransport
from servicekit.runtime import Runtime
from tests.bus.opening import sample_runtime
from tests.bus.sample import SAMPLE
from tests.support.databases import Database, TestDatabases


@pytest.fixture
async def database(databases: TestDatabases) -> AsyncIterator[Database]:
    """A fresh database of the sample service."""
    async with databases.fresh(SAMPLE) as fresh:
        yield fresh


@pytest.fixture
async def runtime(database: Database) -> AsyncIterator[Runtime]:
    """The sample service, open, with a database of its own."""
    async with sample_runtime(database, InProcessTransport()) as opened:
        yield opened
