"""Consuming over AMQP: one connection for a service's work queues; acknowledged after the commit."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from servicekit.bus.link import FAULTS, Link
from servicekit.bus.names import Names
from servicekit.bus.protocol import Message, NotTaken, TransportDown, Unroutable
from servicekit.bus.publishing import ATTEMPT, Publisher, properties_of
from servicekit.consumer import Consumers, Done, Outcome, Parked, Subscription, TryAgain, process

if TYPE_CHECKING:
    from servicekit.runtime import Runtime

REASON, DETAIL, PARKED_AT = "x-hall-reason", "x-hall-detail", "x-hall-parked-at"
_REPUBLISH_PAUSE = 1.0

log = structlog.get_logger(__name__)


def message_of(incoming: AbstractIncomingMessage) -> Message:
    """What came in, in our terms. Anything may be missing when somebody else has published it."""
    attempt = incoming.headers.get(ATTEMPT, 0)
    return Message(
        id=incoming.message_id or "",
        type=incoming.type or incoming.routing_key or "",
        body=incoming.body,
        attempt=attempt if isinstance(attempt, int) else 0,
    )


class Consuming:
    """Handles the work queues of one service until stopped."""

    def __init__(
        self, runtime: "Runtime", consumers: Consumers, urls: tuple[str, ...], names: Names, publisher: Publisher
    ) -> None:
        self._runtime = runtime
        self._consumers = consumers
        self._names = names
        self._publisher = publisher
        self._own_exchange = names.own_exchange(consumers.service)
        self._under_way: set[asyncio.Task[object]] = set()
        self._subscribed: list[tuple[AbstractChannel, str]] = []
        self._connections = 0
        self._stopping = False
        # Queues may deliver more at once than the pool has connections: relay, jobs and health need some, too.
        self._slots = asyncio.Semaphore(runtime.settings.database_pool_size)
        self.link = Link(urls, f"{consumers.service} consumer", self._subscribe)

    async def _subscribe(self, link: Link, connection: AbstractConnection) -> None:
        self._subscribed = []
        self._connections += 1
        for subscription in self._consumers.subscriptions:
            channel = await link.open_channel(connection, confirms=False, prefetch=subscription.prefetch)
            queue = await channel.get_queue(self._names.queue(subscription.queue), ensure=False)
            tag = await queue.consume(self._receiver(subscription))
            self._subscribed.append((channel, tag))

    def _receiver(self, subscription: Subscription):  # type: ignore[no-untyped-def]  # aio-pika's own callback type
        async def receive(incoming: AbstractIncomingMessage) -> None:
            # A task of ours: those of aio-pika end with their channel, and a handler is not to be cut off by that.
            task = asyncio.create_task(self._handle(subscription, incoming), name=subscription.queue)
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

        return receive

    async def stop(self) -> None:
        """Takes nothing new and waits for the handlers under way."""
        self._stopping = True
        for channel, tag in self._subscribed:
            try:
                underlay = await channel.get_underlay_channel()
                await underlay.basic_cancel(tag, timeout=2)
            except FAULTS:
                continue  # the connection is gone, and with it the subscription
        if self._under_way:
            await asyncio.wait(set(self._under_way))

    async def _handle(self, subscription: Subscription, incoming: AbstractIncomingMessage) -> None:
        connection = self._connections
        message = message_of(incoming)
        try:
            async with self._slots:
                outcome = await process(self._runtime, subscription, message)
            while not isinstance(outcome, Done) and not await self._passed_on(subscription, message, outcome):
                # Kept, not given back: each return counts towards the delivery limit, and a broker that is short of
                # memory blocks publishers for as long as it likes while it goes on delivering.
                await asyncio.sleep(_REPUBLISH_PAUSE)
                if self._stopping or connection != self._connections:
                    return  # the broker has it back as soon as the connection is gone
            await incoming.ack()
        except FAULTS as error:  # committed but not acknowledged: it comes again, and the inbox knows it
            log.warning("message_not_acknowledged", queue=subscription.queue, error=type(error).__name__)

    async def _passed_on(self, subscription: Subscription, message: Message, outcome: Outcome) -> bool:
        try:
            await self._pass_on(subscription, message, outcome)
        except (TransportDown, NotTaken, Unroutable) as error:
            log.warning("message_not_passed_on", queue=subscription.queue, error=type(error).__name__)
            return False
        return True

    async def _pass_on(self, subscription: Subscription, message: Message, outcome: Outcome) -> None:
        """Republishes to the retry tier or the parking queue; the caller acknowledges after the confirm."""
        headers: dict[str, str | int] = {}
        if isinstance(outcome, TryAgain):
            routing_key = self._names.retry(subscription.queue, outcome.tier)
            headers[ATTEMPT] = message.attempt + (1 if outcome.counted else 0)
        elif isinstance(outcome, Parked):
            routing_key = self._names.parked(subscription.queue)
            headers |= {
                REASON: outcome.reason,
                DETAIL: outcome.detail,
                PARKED_AT: datetime.now(UTC).isoformat(timespec="seconds"),
            }
        else:
            return
        properties = properties_of(message, headers)
        await self._publisher.publish(self._own_exchange, routing_key, message, properties, mandatory=True)
