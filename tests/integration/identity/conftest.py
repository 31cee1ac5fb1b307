"""A running identity service that knows four units."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.identity.entrance import (
    SCHOOL,
    SECOND_UNIT,
    UNIT,
    VIRTUAL,
    Visitor,
    deliver,
    identity_service,
    opened,
)
from tests.support.databases import TestDatabases
from tests.support.harness import ServiceHarness


@pytest.fixture
async def hall(databases: TestDatabases) -> AsyncIterator[ServiceHarness]:
    """On 2026-03-10: one USCC with two units, a school, a virtual unit."""
    async with identity_service(databases) as running:
        for number in (UNIT, SECOND_UNIT, SCHOOL, VIRTUAL):
            await deliver(running, opened(number))
        yield running


@pytest.fixture
def visitor(hall: ServiceHarness) -> Visitor:
    """A browser without a session."""
    return Visitor(hall)
