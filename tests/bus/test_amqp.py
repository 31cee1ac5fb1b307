"""What only AMQP has: a broker that restarts, hangs or isn't there, and the broker's own delivery limit."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from contracts.identity import SessionEnded
from servicekit import outbox
from servicekit.bus import topology
from servicekit.bus.amqp import AmqpTransport
from servicekit.bus.bare import listening_transport
from servicekit.bus.link import close, connect
from servicekit.bus.names import Names
from servicekit.bus.protocol import Message, TransportDown
from servicekit.bus.publishing import Publisher
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from servicekit.runtime import Runtime
from servicekit.worker import Worker
from standalone.broker import PrivateBroker, private_broker
from tests.bus.conftest import open_amqp
from tests.bus.opening import FAST_RETRIES, sample_runtime
from tests.bus.sample import SAMPLE, granted, times_noted
from tests.support.databases import Database
from tests.support.waiting import until

pytestmark = pytest.mark.broker
BACK_WITHIN = 5.0


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[PrivateBroker]:
    """A broker of this test's own, to stop and freeze."""
    with private_broker(tmp_path / "broker") as broker:
        yield broker


@asynccontextmanager
async def _working(database: Database, transport: AmqpTransport) -> AsyncIterator[Runtime]:
    async with sample_runtime(database, transport) as runtime:
        worker = Worker(runtime)
        await worker.start()
        yield runtime
        await worker.stop()


async def _announce_and_wait(runtime: Runtime) -> None:
    event = granted()
    async with begin(runtime, scope=Scope.system()) as tx:
        await outbox.add(tx, event)

    async def noted() -> bool:
        async with begin(runtime, scope=Scope.system()) as tx:
            return await times_noted(tx, event.mandate_id) == 1

    await until(noted)


async def test_everything_is_back_by_itself_after_a_broker_restart(
    database: Database, own_broker: PrivateBroker
) -> None:
    async with open_amqp(own_broker.url, "") as transport, _working(database, transport) as runtime:
        await _announce_and_wait(runtime)
        await asyncio.to_thread(own_broker.restart)
        up = asyncio.get_running_loop().time()
        await transport.ready()
        assert asyncio.get_running_loop().time() - up < BACK_WITHIN
        await _announce_and_wait(runtime)


async def test_work_goes_on_without_a_broker_and_arrives_when_it_comes(
    database: Database, own_broker: PrivateBroker
) -> None:
    async with open_amqp(own_broker.url, "") as declared:
        assert declared.connected
    await asyncio.to_thread(own_broker.stop)
    transport = AmqpTransport(own_broker.url, name="sample", retry_delays=FAST_RETRIES)
    async with transport, _working(database, transport) as runtime:
        assert not transport.connected
        with pytest.raises(TransportDown):
            await transport.publish(Message(str(uuid7()), "a.b.v1", b"{}"), mandatory=False)
        events = [granted() for _ in range(20)]
        async with begin(runtime, scope=Scope.system()) as tx:  # accepted as usual
            await outbox.add(tx, *events)
        await asyncio.to_thread(own_broker.start)

        async def all_arrived() -> bool:
            async with begin(runtime, scope=Scope.system()) as tx:
                return all([await times_noted(tx, event.mandate_id) == 1 for event in events])

        await until(all_arrived)


async def test_a_frozen_broker_is_noticed_and_nothing_is_lost(
    database: Database, own_broker: PrivateBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("servicekit.bus.publishing.PUBLISH_TIMEOUT", 0.2)
    async with open_amqp(own_broker.url, "") as transport, _working(database, transport) as runtime:
        own_broker.pause()
        try:
            with pytest.raises(TransportDown):
                await transport.publish(Message(str(uuid7()), "a.b.v1", b"{}"), mandatory=False)
            event = granted()
            async with begin(runtime, scope=Scope.system()) as tx:
                await outbox.add(tx, event)
        finally:
            own_broker.resume()

        async def noted() -> bool:
            async with begin(runtime, scope=Scope.system()) as tx:
                return await times_noted(tx, event.mandate_id) == 1

        await until(noted)


async def test_a_connection_lost_between_commit_and_acknowledgement_has_one_effect(
    database: Database, broker_url: str
) -> None:
    async with open_amqp(broker_url, f"t{uuid7().hex}") as transport, _working(database, transport) as runtime:
        await transport.ready()
        behaviour = runtime.resources["behaviour"]
        delivered_again = asyncio.Event()
        event = granted()

        async def lose_connection(_: object) -> None:
            if delivered_again.is_set():
                raise AssertionError("the second delivery must wait for the first one's claim")
            for link in transport._tasks:
                link.renew()
            await transport.ready()  # the message is delivered again and waits for our claim to end
            delivered_again.set()

        behaviour.on_grant = lose_connection
        async with begin(runtime, scope=Scope.system()) as tx:
            await outbox.add(tx, event)
        await asyncio.wait_for(delivered_again.wait(), 20)
        behaviour.on_grant = None
        await _announce_and_wait(runtime)
        async with begin(runtime, scope=Scope.system()) as tx:
            assert await times_noted(tx, event.mandate_id) == 1


async def test_a_broker_that_blocks_publishers_does_not_use_up_deliveries(
    database: Database, broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("servicekit.bus.consuming._REPUBLISH_PAUSE", 0.001)
    refused = 0
    publish = Publisher.publish

    async def blocked(self: Publisher, exchange: str, *rest: Any, **options: Any) -> None:
        nonlocal refused
        if exchange.endswith("sample.direct") and refused < 2 * topology.DELIVERY_LIMIT:
            refused += 1
            raise TransportDown
        await publish(self, exchange, *rest, **options)

    monkeypatch.setattr(Publisher, "publish", blocked)
    async with open_amqp(broker_url, f"t{uuid7().hex}") as transport, _working(database, transport) as runtime:
        await transport.publish(Message(str(uuid7()), granted().wire_name, b"poison"), mandatory=True)

        async def parked() -> bool:
            found = [message.reason async for message in transport.parked(runtime, "sample.note_grant")]
            return found == ["unreadable_body"]

        await until(parked)


async def test_the_delivery_limit_parks_what_kills_its_worker_each_time(database: Database, broker_url: str) -> None:
    namespace = f"t{uuid7().hex}"
    names = Names(namespace)
    async with open_amqp(broker_url, namespace) as transport, sample_runtime(database, transport) as runtime:
        message = Message(str(uuid7()), granted().wire_name, b"{}")
        await transport.publish(message, mandatory=True)
        for _ in range(topology.DELIVERY_LIMIT + 1):  # taken, and the connection dies without an answer
            connection = await connect(broker_url, "crashing")
            channel = await connection.channel()
            queue = await channel.get_queue(names.queue("sample.note_grant"), ensure=False)

            async def taken() -> bool:
                return await queue.get(fail=False) is not None  # noqa: B023  called before the next round

            await until(taken)
            await close(connection)

        async def parked() -> bool:
            found = [message.reason async for message in transport.parked(runtime, "sample.note_grant")]
            return found == ["delivery_limit"]

        await until(parked)


async def test_looking_at_parked_messages_never_uses_them_up(database: Database, broker_url: str) -> None:
    async with open_amqp(broker_url, f"t{uuid7().hex}") as transport, _working(database, transport) as runtime:
        await transport.publish(Message(str(uuid7()), granted().wire_name, b"poison"), mandatory=True)

        async def parked() -> bool:
            return [True async for _ in transport.parked(runtime, "sample.note_grant")] == [True]

        await until(parked)
        for _ in range(topology.DELIVERY_LIMIT + 5):
            await until(parked)


async def test_declaring_twice_is_harmless(broker_url: str) -> None:
    async with open_amqp(broker_url, f"t{uuid7().hex}") as transport:
        assert SAMPLE.consumers is not None
        await transport.declare(SAMPLE.consumers)


async def test_a_process_without_database_hears_broadcasts_and_is_told_of_gaps(own_broker: PrivateBroker) -> None:
    heard: list[SessionEnded] = []
    gaps: list[bool] = []

    async def hear(event: SessionEnded) -> None:
        heard.append(event)

    async with (
        open_amqp(own_broker.url, ""),
        listening_transport(own_broker.url, name="gateway") as gateway,
        gateway.broadcast({SessionEnded: hear}, on_gap=lambda: gaps.append(True)),
    ):
        await gateway.ready()
        assert gateway.connected
        assert gaps == []
        await asyncio.to_thread(own_broker.restart)

        async def told() -> bool:
            return gaps == [True] and gateway.connected

        await until(told)
        assert heard == []
