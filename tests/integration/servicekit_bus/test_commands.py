"""The commands of a service, as real processes."""

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from servicekit import parking
from servicekit.bus.inprocess import InProcessTransport
from servicekit.bus.protocol import Message
from servicekit.web import openapi_of
from standalone.broker import free_port
from tests.bus.opening import open_sample, sample_values
from tests.bus.sample import SAMPLE, granted
from tests.support.databases import Database
from tests.support.waiting import until

pytestmark = pytest.mark.processes
ROOT = Path(__file__).parents[3]
# Nobody listens there: a broker that is down.
NO_BROKER = "amqp://sample:sample-test-only@127.0.0.1:1/"


def _environment(values: Mapping[str, Any]) -> dict[str, str]:
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
    return {f"HALL_{name.upper()}": text for name, text in texts.items()}


async def _start(values: Mapping[str, Any], *arguments: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bus.sample_cli", *arguments,
        cwd=ROOT, env=_environment(values), stdout=pipe, stderr=pipe,
    )  # fmt: skip


async def _run(values: Mapping[str, Any], *arguments: str) -> tuple[int, str]:
    process = await _start(values, *arguments)
    out, error = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode() + error.decode()


async def _answers(client: httpx.AsyncClient, url: str) -> httpx.Response:
    answers: list[httpx.Response] = []

    async def answered() -> bool:
        try:
            answers.append(await client.get(url))
        except httpx.TransportError:
            return False
        return True

    await until(answered)
    return answers[-1]


async def test_web_starts_and_stops_in_order_with_the_broker_down(database: Database) -> None:
    port, metrics_port = free_port(), free_port()
    values = sample_values(database, profile="cluster", broker_url=NO_BROKER, metrics_port=metrics_port)
    process = await _start(values, "web", "--port", str(port), "--reuse-port")
    async with httpx.AsyncClient() as client:
        assert (await _answers(client, f"http://127.0.0.1:{port}/livez")).status_code == 200
        ready = await client.get(f"http://127.0.0.1:{port}/readyz")
        assert (ready.status_code, ready.json()["checks"]) == (200, {"database": "ok", "broker": "away"})
        assert "hall_http_seconds" in (await _answers(client, f"http://127.0.0.1:{metrics_port}/metrics")).text
    process.terminate()
    _, error = await process.communicate()
    assert process.returncode == 0, error.decode()


async def test_web_listens_on_a_socket_file(database: Database, tmp_path: Path) -> None:
    socket = tmp_path / "web.sock"
    values = sample_values(database, profile="cluster", broker_url=NO_BROKER)
    process = await _start(values, "web", "--uds", str(socket))
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=str(socket))) as client:
        assert (await _answers(client, "http://sample/livez")).status_code == 200
    process.terminate()
    await process.communicate()
    assert process.returncode == 0


async def test_worker_tells_its_health_and_stops_on_sigterm_with_the_broker_down(database: Database) -> None:
    port = free_port()
    values = sample_values(database, profile="cluster", broker_url=NO_BROKER, metrics_port=port)
    process = await _start(values, "worker")
    async with httpx.AsyncClient() as client:
        assert (await _answers(client, f"http://127.0.0.1:{port}/livez")).status_code == 200
        assert (await client.get(f"http://127.0.0.1:{port}/readyz")).json()["checks"]["broker"] == "away"
    process.terminate()
    _, error = await process.communicate()
    assert process.returncode == 0, error.decode()


async def test_migrate_and_its_check(database: Database) -> None:
    values = sample_values(database)
    assert await _run(values, "migrate") == (0, "sample: 0002\n")
    assert await _run(values, "migrate", "--check") == (0, "models and database match\n")
    del values["migration_database_url"]
    code, said = await _run(values, "migrate")
    assert code == 2
    assert "HALL_MIGRATION_DATABASE_URL" in said


async def test_a_missing_secret_is_named_and_never_shown(database: Database) -> None:
    values = sample_values(database)
    del values["blind_index_key"]
    code, said = await _run(values, "worker")
    assert code != 0
    assert "blind_index_key" in said
    assert values["personal_keys"]["k1"] not in said


async def test_topology_says_that_the_broker_is_away(database: Database) -> None:
    values = sample_values(database, profile="cluster", broker_url=NO_BROKER)
    code, said = await _run(values, "topology", "--wait", "0")
    assert code == 1
    assert "can't be reached" in said


@pytest.mark.broker
async def test_topology_may_be_run_again(database: Database, broker_url: str) -> None:
    values = sample_values(database, profile="cluster", broker_url=broker_url)
    for _ in range(2):
        assert await _run(values, "topology") == (0, "sample: sample.note_grant, sample.watch_mandates\n")


async def test_openapi_needs_nothing_to_run() -> None:
    code, said = await _run({}, "openapi")
    assert code == 0
    assert json.loads(said) == openapi_of(SAMPLE)


async def test_parked_messages_of_standalone_can_be_seen_and_redriven(database: Database) -> None:
    values = sample_values(database)
    message = Message("no-uuid", granted().wire_name, b'{"broken": true}')
    transport = InProcessTransport()
    async with open_sample(values, transport) as runtime:
        await transport.publish(message, mandatory=False)
        assert len([parked async for parked in parking.parked(runtime)]) == 2
    code, said = await _run(values, "parked", "list")
    assert code == 0
    assert "2 parked" in said
    assert "unreadable_body" in said
    assert '{"broken": true}' in (await _run(values, "parked", "show", "no-uuid"))[1]
    code, said = await _run(values, "parked", "redrive", "sample.note_grant", "--all")
    assert code == 0
    assert "0 sent back" in said  # it is as broken as before, so it stays
    assert (await _run(values, "parked", "discard", "sample.note_grant", "--id", "no-uuid"))[0] == 0
    assert "1 parked" in (await _run(values, "parked", "list"))[1]
    code, said = await _run(values, "parked", "list", "--queue", "sample.nothing")
    assert (code, "no queue sample.nothing" in said, "Traceback" in said) == (2, True, False)
    code, said = await _run(values, "audit", "verify")
    assert code == 0, said
    assert "every chain is whole" in said
