"""The AMQP transport: RabbitMQ 3.10 or later. Separate connections for publishing, work queues and broadcasts.

It opens with the broker down as well and connects when it can. A process that only wants broadcasts (the gateway) uses
it with `publishing=False` and needs neither database nor `Service`.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self
from uuid import uuid4

import structlog
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage
from pydantic import ValidationError

from contracts.base import Envelope, Event
from servicekit.bus.link import Link, close, connect, split_urls
from servicekit.bus.names import Names
from servicekit.bus.protocol import BroadcastHandler, Message, ParkedMessage
from servicekit.bus.publishing import Publisher, properties_of

if TYPE_CHECKING:
    from servicekit.consumer import Consumers
    from servicekit.runtime import Runtime

DEFAULT_RETRY_DELAYS = (10.0, 60.0, 600.0)
_BROADCAST_PREFETCH = 100

log = structlog.get_logger(__name__)


class AmqpTransport:
    """Carries messages over RabbitMQ. `async with` connects and disconnects it."""

    batch = 500

    def __init__(
        self,
        url: str,
        *,
        name: str,
        namespace: str = "",
        retry_delays: tuple[float, ...] = DEFAULT_RETRY_DELAYS,
        publishing: bool = True,
    ) -> None:
        """`url` may be several, with blanks between. `name` is shown in the broker's list of connections."""
        self._urls = split_urls(url)
        self._name = name
        self._names = Names(namespace)
        self._retry_delays = retry_delays
        self._publisher = Publisher(self._urls, name)
        self._publishing = publishing
        self._links: list[Link] = []
        self._tasks: dict[Link, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        if self._publishing:
            self._start(self._publisher.link)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for link in list(self._tasks):
            await self._stop(link)

    def _start(self, link: Link) -> None:
        self._tasks[link] = asyncio.create_task(link.run(), name="broker link")

    async def _stop(self, link: Link) -> None:
        task = self._tasks.pop(link)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    @property
    def connected(self) -> bool:
        """Whether every link that was asked for is up."""
        return all(link.up.is_set() for link in self._tasks)

    @property
    def can_publish(self) -> bool:
        """Whether the publisher's connection is up."""
        return self._publisher.link.up.is_set()

    async def publish(self, message: Message, *, mandatory: bool, listeners: Sequence[str] = ()) -> None:
        """Publishes with a confirm. Raises Unroutable, NotTaken or TransportDown."""
        await self._publisher.publish(
            self._names.events, message.type, message, properties_of(message), mandatory=mandatory
        )

    @asynccontextmanager
    async def attach(self, runtime: "Runtime", consumers: "Consumers") -> AsyncIterator[None]:
        """Makes the service's broadcast subscriptions work."""
        handlers = consumers.broadcast_handlers(runtime)
        if not handlers:
            yield
            return
        async with self.broadcast(handlers):
            yield

    @asynccontextmanager
    async def consume(self, runtime: "Runtime", consumers: "Consumers") -> AsyncIterator[None]:
        """Handles the service's work queues; leaving waits for the handlers under way."""
        from servicekit.bus.consuming import Consuming  # needs the database, which the gateway has none of

        consuming = Consuming(runtime, consumers, self._urls, self._names, self._publisher)
        self._start(consuming.link)
        try:
            yield
        finally:
            await consuming.stop()
            await self._stop(consuming.link)

    @asynccontextmanager
    async def broadcast(
        self, handlers: Mapping[type[Event], BroadcastHandler], on_gap: Callable[[], None] | None = None
    ) -> AsyncIterator[None]:
        """Gets a copy of each event of these types, in a queue that lives as long as its connection."""
        subscriptions = 0

        async def subscribe(link: Link, connection: AbstractConnection) -> None:
            nonlocal subscriptions
            channel = await link.open_channel(connection, confirms=False, prefetch=_BROADCAST_PREFETCH)
            name = self._names.broadcast(self._name, uuid4().hex)
            queue = await channel.declare_queue(name, exclusive=True, auto_delete=True)
            for event in handlers:
                await queue.bind(self._names.events, event.wire_name)
            await queue.consume(receive, no_ack=True)
            subscriptions += 1
            if subscriptions > 1 and on_gap is not None:
                on_gap()

        async def receive(incoming: AbstractIncomingMessage) -> None:
            await _hear(handlers, incoming)

        link = Link(self._urls, f"{self._name} broadcast", subscribe)
        self._start(link)
        try:
            yield
        finally:
            await self._stop(link)

    async def declare(self, consumers: "Consumers") -> None:
        """Declares the service's topology. Raises when the broker can't be reached."""
        from servicekit.bus import topology

        async with self._one_connection("topology") as connection:
            await topology.declare(connection, consumers, self._names, self._retry_delays)

    @asynccontextmanager
    async def _one_connection(self, purpose: str) -> AsyncIterator[AbstractConnection]:
        connection = await connect(self._urls[0], f"{self._name} {purpose}")
        try:
            yield connection
        finally:
            await close(connection)

    async def ready(self) -> None:
        """Waits until every link that was asked for is up."""
        for link in list(self._tasks):
            await link.up.wait()

    async def parked(self, runtime: "Runtime", queue: str) -> AsyncIterator[ParkedMessage]:
        """The parked messages of a queue; they stay there."""
        from servicekit.bus import parked_queue

        async with self._one_connection("parked") as connection:
            async for _, message in parked_queue.messages(connection, self._names, queue):
                yield message

    async def parked_counts(self, runtime: "Runtime", queues: Sequence[str]) -> Mapping[str, int]:
        """How many messages are parked at each of these work queues. Raises when the broker can't be reached."""
        counts = {}
        async with self._one_connection("parked") as connection:
            channel = await connection.channel()
            for queue in queues:
                there = await channel.get_queue(self._names.parked(queue))
                counts[queue] = there.declaration_result.message_count or 0
        return counts

    async def redrive(self, runtime: "Runtime", queue: str, ids: frozenset[str] | None) -> list[str]:
        """Publishes parked messages to their queue as new, each confirmed before it leaves the parking queue."""
        from servicekit.bus import parked_queue

        own = self._names.own_exchange(runtime.service.name)
        done = []
        await self._publisher.link.up.wait()
        async with self._one_connection("redrive") as connection:
            async for incoming, parked in parked_queue.messages(connection, self._names, queue):
                if ids is None or parked.id in ids:
                    message = Message(parked.id, parked.type, parked.body)
                    await self._publisher.publish(
                        own, self._names.queue(queue), message, properties_of(message), mandatory=True
                    )
                    await incoming.ack()
                    done.append(parked.id)
        return done

    async def discard(self, runtime: "Runtime", queue: str, ids: frozenset[str]) -> list[str]:
        """Drops parked messages for good."""
        from servicekit.bus import parked_queue

        gone = []
        async with self._one_connection("discard") as connection:
            async for incoming, parked in parked_queue.messages(connection, self._names, queue):
                if parked.id in ids:
                    await incoming.ack()
                    gone.append(parked.id)
        return gone


async def _hear(handlers: Mapping[type[Event], BroadcastHandler], incoming: AbstractIncomingMessage) -> None:
    try:
        envelope = Envelope.model_validate_json(incoming.body)
        for event, handler in handlers.items():
            if event.wire_name == envelope.type:
                await handler(event.model_validate(envelope.data))
    except ValidationError:
        log.warning("broadcast_unreadable", type=incoming.routing_key)
    except Exception:  # one bad piece of news must not end the subscription
        log.exception("broadcast_handler_failed", type=incoming.routing_key)
