"""The gateway as a process: two of them on one port, and a stop in good order."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL

import httpx
import pytest

from standalone.broker import free_port
from tests.support.waiting import until

pytestmark = pytest.mark.processes


async def _serves(port: int) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(f"http://127.0.0.1:{port}/livez")).status_code == 200
        except httpx.TransportError:
            return False


async def test_processes_share_a_port_and_end_well() -> None:
    port = free_port()
    environment = {"PATH": os.defpath, "HALL_PROFILE": "standalone", "HALL_GATEWAY_SECRET": "gateway-test-secret"}
    command = (sys.executable, "-m", "gateway", "web", "--port", str(port), "--reuse-port")
    first = await asyncio.create_subprocess_exec(*command, env=environment, stdout=DEVNULL)
    await until(lambda: _serves(port))
    second = await asyncio.create_subprocess_exec(*command, env=environment, stdout=DEVNULL)
    first.terminate()
    assert await first.wait() == 0  # by itself, after everything was closed; not by the signal
    await until(lambda: _serves(port))
    second.terminate()
    assert await second.wait() == 0
