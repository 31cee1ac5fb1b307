"""The sample service on either transport: what the conformance suite runs on."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from contracts.base import Event
from servicekit import outbox
from servicekit.bus.amqp import AmqpTransport
from servicekit.bus.inprocess import InProcessTransport
from servicekit.bus.protocol import ParkedMessage, Transport
from servicekit.db.tx import Scope, begin
from servicekit.runtime import Runtime
from servicekit.worker import Worker
from tests.bus.opening import FAST_RETRIES, sample_runtime
from tests.bus.sample import SAMPLE, Behaviour, behaviour_of
from tests.support.databases import Database, TestDatabases
from tests.support.waiting import until


@dataclass
class Bus:
    """One transport with the sample service working on it."""

    transport: Transport
    runtime: Runtime
    worker: Worker
    amqp: AmqpTransport | None = None
    namespace: str = ""
    broker_url: str = ""
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def behaviour(self) -> Behaviour:
        """What the sample does and saw."""
        return behaviour_of(self.runtime)

    async def announce(self, *events: Event) -> None:
        """Writes events as a use case would."""
        async with begin(self.runtime, scope=Scope.system()) as tx:
            await outbox.add(tx, *events)

    async def parked(self, queue: str = "sample.note_grant") -> list[ParkedMessage]:
        """What is parked at a queue."""
        return [message async for message in self.transport.parked(self.runtime, queue)]

    async def until_parked(self, count: int = 1) -> list[ParkedMessage]:
        """Waits until so many messages are parked."""

        async def enough() -> bool:
            return len(await self.parked()) >= count

        await until(enough)
        return await self.parked()


@asynccontextmanager
async def open_amqp(url: str, namespace: str) -> AsyncIterator[AmqpTransport]:
    """A connected transport on a declared topology."""
    transport = AmqpTransport(url, name="sample", namespace=namespace, retry_delays=FAST_RETRIES)
    async with transport:
        assert SAMPLE.consumers is not None
        await transport.declare(SAMPLE.consumers)
        await transport.ready()
        yield transport


@pytest.fixture
async def database(databases: TestDatabases) -> AsyncIterator[Database]:
    """A fresh database of the sample service."""
    async with databases.fresh(SAMPLE) as fresh:
        yield fresh


@pytest.fixture(params=["inprocess", pytest.param("amqp", marks=pytest.mark.broker)])
async def bus(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[Bus]:
    """The sample service and its worker on each transport in turn."""
    async with AsyncExitStack() as stack:
        transport: Transport
        amqp, namespace, url = None, "", ""
        if request.param == "amqp":
            url, namespace = request.getfixturevalue("broker_url"), f"t{uuid4().hex[:12]}"
            transport = amqp = await stack.enter_async_context(open_amqp(url, namespace))
        else:
            transport = InProcessTransport()
        runtime = await stack.enter_async_context(sample_runtime(database, transport))
        worker = Worker(runtime)
        await worker.start()
        stack.push_async_callback(worker.stop)
        if amqp is not None:
            await amqp.ready()
        yield Bus(transport, runtime, worker, amqp, namespace, url)
