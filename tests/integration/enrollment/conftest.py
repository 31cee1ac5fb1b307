"""A running enrollment service that knows a few units."""

from collections.abc import AsyncIterator

import pytest

from enrollment.service import SERVICE
from tests.integration.enrollment.desk import OTHER_UNIT, SCHOOL, UNIT, VIRTUAL, deliver, opened
from tests.support.databases import TestDatabases
from tests.support.harness import ServiceHarness, service_harness


@pytest.fixture
async def hall(databases: TestDatabases) -> AsyncIterator[ServiceHarness]:
    """On 2026-03-10: two enterprises, a school, a virtual unit that may not declare online."""
    async with service_harness(SERVICE, databases) as running:
        for unit in (
            opened(UNIT, name="甬江智造科技有限公司"),
            opened(OTHER_UNIT),
            opened(SCHOOL, kind="50"),
            opened(VIRTUAL, kind="99", online=False),
        ):
            await deliver(running, unit)
        yield running
