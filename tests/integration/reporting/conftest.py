"""A running reporting service whose siblings answer."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reporting.service import make_service
from tests.integration.reporting.siblings import Siblings, settings_in
from tests.support.databases import TestDatabases
from tests.support.harness import ServiceHarness, service_harness


@pytest.fixture
def siblings() -> Siblings:
    """The other services, as far as reporting asks them."""
    return Siblings()


@pytest.fixture
async def hall(databases: TestDatabases, siblings: Siblings, tmp_path: Path) -> AsyncIterator[ServiceHarness]:
    """On 2026-03-10. No worker runs: `hall.drain()` makes what was asked for."""
    settings = settings_in(tmp_path)
    async with service_harness(make_service(siblings.transports()), databases, settings=settings) as running:
        yield running
