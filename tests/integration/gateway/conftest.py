"""The gateway's integration tests run on uvloop, as the gateway does."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import uvloop

from tests.integration.gateway.rig import Rig, running


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Hook of pytest-asyncio; holds for this folder only."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A gateway with ordinary settings."""
    async with running() as started:
        yield started
