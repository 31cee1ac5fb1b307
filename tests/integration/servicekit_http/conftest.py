"""The probe service, running in this process on a fresh database."""

from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from servicekit import logs
from tests.integration.servicekit_http.probe import PROBE, Behaviour
from tests.support.databases import TestDatabases
from tests.support.harness import ServiceHarness, service_harness


@pytest.fixture(autouse=True)
def _lines_as_in_production() -> Iterator[None]:
    """Without this structlog draws every exception as a picture, three seconds each."""
    before = structlog.get_config()
    logs.configure("probe", "WARNING")
    yield
    structlog.configure(**before)


@pytest.fixture
async def hall(databases: TestDatabases) -> AsyncIterator[ServiceHarness]:
    """The probe service behind HTTP."""
    async with service_harness(PROBE, databases) as running:
        yield running


@pytest.fixture
def behaviour(hall: ServiceHarness) -> Behaviour:
    """What happens in the middle of its requests."""
    found: Behaviour = hall.runtime.resources["behaviour"]
    return found
