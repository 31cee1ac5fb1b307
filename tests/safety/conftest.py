"""Each service, filled."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.safety.filled import NAMES, Filled, filled
from tests.support.databases import TestDatabases


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=NAMES)
async def service(
    request: pytest.FixtureRequest, databases: TestDatabases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Filled]:
    """Each service in turn, with data of two units, for all tests of a module."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    async with filled(request.param, databases, folder) as running:
        yield running
