"""The bus beside its reference: `python -m tests.bench.bus [events]`. Reported, never asserted.

Reference: what aio-pika gives when it publishes the same bodies to the same quorum queue from memory, one by one and
500 at a time. Ours: rows of the outbox table, claimed, published with confirms, marked and committed.
Latency: from a use case's `outbox.add` to its consumer's claim in the inbox, so with the first commit and without the
second; in another process over RabbitMQ, and in the same one. Both moments are this machine's clock.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika
import uvloop
from sqlalchemy import func, select, text

from servicekit import inbox, outbox
from servicekit.bus.inprocess import InProcessTransport
from servicekit.bus.names import Names
from servicekit.db import migrate
from servicekit.db.provision import app_url, migrator_url, provision
from servicekit.db.tx import Scope, begin
from servicekit.relay import Relay, waiting
from servicekit.runtime import Runtime
from servicekit.worker import Worker
from standalone.broker import private_broker
from standalone.postgres import EmbeddedPostgres
from tests.bus.conftest import open_amqp
from tests.bus.opening import open_sample, sample_values
from tests.bus.sample import SAMPLE, granted
from tests.support.databases import Database

_BATCH = 500
_PAUSES = 200
_ROUNDS = 3


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


async def _reference(url: str, names: Names, bodies: list[bytes]) -> tuple[float, float]:
    """Messages per second published by aio-pika: one by one, and in batches."""
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        exchange = await channel.get_exchange(names.events, ensure=False)

        async def publish(body: bytes) -> None:
            message = aio_pika.Message(body, message_id=str(uuid4()), delivery_mode=2)
            await exchange.publish(message, granted().wire_name, mandatory=True)

        few = bodies[:1000]
        start = time.perf_counter()
        for body in few:
            await publish(body)
        single = len(few) / (time.perf_counter() - start)
        start = time.perf_counter()
        for at in range(0, len(bodies), _BATCH):
            await asyncio.gather(*(publish(body) for body in bodies[at : at + _BATCH]))
        return single, len(bodies) / (time.perf_counter() - start)


async def _fill(runtime: Runtime, count: int) -> float:
    start = time.perf_counter()
    for _ in range(0, count, 10_000):
        async with begin(runtime, scope=Scope.system()) as tx:
            await outbox.add(tx, *(granted() for _ in range(min(count, 10_000))))
    return time.perf_counter() - start


async def _relay_all(runtime: Runtime) -> float:
    """Seconds until the outbox is empty, with the relay as a worker runs it."""
    relay = Relay(runtime)
    start = time.perf_counter()
    running = asyncio.create_task(relay.run())
    while True:
        async with begin(runtime, scope=Scope.system()) as tx:
            if (await waiting(tx))[0] == 0:
                break
        await asyncio.sleep(0.02)
    took = time.perf_counter() - start
    relay.stop()
    await running
    return took


async def _latencies(runtime: Runtime, pause: float) -> list[float]:
    """Milliseconds from commit to handled, one event at a time, the worker being another process."""
    for _ in range(_PAUSES):
        async with begin(runtime, scope=Scope.system()) as tx:
            await outbox.add(tx, granted())
        await asyncio.sleep(pause)
    while await _unhandled(runtime):  # noqa: ASYNC110  the worker is another process
        await asyncio.sleep(0.05)
    handled = select(inbox.table.c.message_id, inbox.table.c.handled_at).where(
        inbox.table.c.consumer == "sample.note_grant"
    )
    async with begin(runtime, scope=Scope.system()) as tx:
        at = {row.message_id: row.handled_at for row in await tx.execute(handled)}
        sent = (await tx.execute(select(outbox.table.c.id, outbox.table.c.created_at))).all()
    return sorted((at[row.id] - row.created_at).total_seconds() * 1000 for row in sent if row.id in at)


async def _unhandled(runtime: Runtime) -> int:
    async with begin(runtime, scope=Scope.system()) as tx:
        handled = await tx.scalar(select(func.count()).where(inbox.table.c.consumer == "sample.note_grant"))
        sent = await tx.scalar(select(func.count()).select_from(outbox.table))
    return (sent or 0) - (handled or 0)


@asynccontextmanager
async def _worker_process(values: dict[str, Any], namespace: str, folder: Path) -> AsyncIterator[None]:
    settings = folder / "settings.json"
    settings.write_text(json.dumps(values))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bus.sample_process", str(settings), namespace, "nowhere",
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def _clear(runtime: Runtime) -> None:
    async with begin(runtime, scope=Scope.system()) as tx:
        await tx.execute(text("DELETE FROM outbox"))
        await tx.execute(text("DELETE FROM inbox"))


async def main(count: int) -> None:
    """Runs everything once on servers of its own."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        server = EmbeddedPostgres(folder / "pg").start()
        stack.callback(server.stop)
        broker = stack.enter_context(private_broker(folder / "broker"))
        await provision(server.url(), "sample", migrator_password="bench-only", app_password="bench-only")
        migrator = migrator_url(server.url(), "sample", "bench-only")
        await migrate.upgrade(SAMPLE, migrator)
        database = Database("sample", app_url(server.url(), "sample", "bench-only"), migrator)
        values = sample_values(database, broker_url=broker.url, job_lease_seconds=15.0)
        transport = await stack.enter_async_context(open_amqp(broker.url, ""))
        runtime = await stack.enter_async_context(open_sample(values, transport))

        filled, singles, batches, relayed = [], [], [], []
        for _ in range(_ROUNDS):
            filled.append(count / await _fill(runtime, count))
            async with begin(runtime, scope=Scope.system()) as tx:
                rows = await tx.execute(select(outbox.table.c.envelope))
                bodies = [json.dumps(row.envelope).encode() for row in rows]
            single, batched = await _reference(broker.url, Names(), bodies)
            singles.append(single)
            batches.append(batched)
            relayed.append(count / await _relay_all(runtime))
            await _clear(runtime)
        _say(f"outbox.add            {max(filled):8.0f} rows/s (10,000 per transaction)")
        _say(f"aio-pika one by one   {max(singles):8.0f} messages/s")
        _say(f"aio-pika 500 at once  {max(batches):8.0f} messages/s")
        ratio = statistics.median(ours / theirs for ours, theirs in zip(relayed, batches, strict=True))
        _say(f"relay                 {max(relayed):8.0f} events/s, {ratio:.2f} x aio-pika from memory")
        namespace = "latency"
        async with open_amqp(broker.url, namespace), _worker_process(values, namespace, folder):
            await _latencies(runtime, 0.02)  # the process starts, pools and plans fill
            await _clear(runtime)
            milliseconds = await _latencies(runtime, 0.02)
        _say(
            f"add -> handled        median {statistics.median(milliseconds):.1f} ms, "
            f"p95 {milliseconds[int(len(milliseconds) * 0.95)]:.1f} ms ({len(milliseconds)} events, AMQP, 2 processes)"
        )
        await _clear(runtime)
        async with open_sample(values, InProcessTransport()) as alone:
            worker = Worker(alone)
            await worker.start()
            milliseconds = await _latencies(alone, 0.02)
            await worker.stop()
        _say(f"add -> handled        median {statistics.median(milliseconds):.1f} ms (in process)")


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
