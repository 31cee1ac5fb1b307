"""A running employer service with three units."""

from collections.abc import AsyncIterator

import pytest

from employer.service import SERVICE
from tests.integration.employer.office import OTHER_UNIT, SCHOOL, UNIT, open_unit
from tests.support.databases import TestDatabases
from tests.support.harness import ServiceHarness, service_harness


@pytest.fixture
async def empty_hall(databases: TestDatabases) -> AsyncIterator[ServiceHarness]:
    """On 2026-03-10, before any unit was opened."""
    async with service_harness(SERVICE, databases) as running:
        yield running


@pytest.fixture
async def hall(empty_hall: ServiceHarness) -> ServiceHarness:
    """On 2026-03-10: two enterprises with one USCC, and a school; all billed from 2025-01 on."""
    await open_unit(empty_hall, UNIT)
    await open_unit(empty_hall, OTHER_UNIT, name="甬江智造科技有限公司鄞州分部")
    await open_unit(empty_hall, SCHOOL, name="宁波市海曙区示范小学", kind="50", uscc="12330200419500123Q")
    return empty_hall
