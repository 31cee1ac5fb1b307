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
        self.link = Link(urls, f"{consumers.service} consumer", self._subscribe)

    async def _subscribe(self, link: Link, connection: AbstractConnection) -> None:
        self._subscribed = []
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
        for channel, tag in self._subscribed:
            try:
                underlay = await channel.get_underlay_channel()
                await underlay.basic_cancel(tag, timeout=2)
            except FAULTS:
                continue  # the connection is gone, and with it the subscription
        if self._under_way:
            await asyncio.wait(set(self._under_way))

    async def _handle(self, subscription: Subscription, incoming: AbstractIncomingMessage) -> None:
        message = message_of(incoming)
        try:
            outcome = await process(self._runtime, subscription, message)
            if not isinstance(outcome, Done):
                await self._pass_on(subscription, message, outcome)
            await incoming.ack()
        except (TransportDown, NotTaken, Unroutable) as error:
            log.warning("message_not_passed_on", queue=subscription.queue, error=type(error).__name__)
            await asyncio.sleep(_REPUBLISH_PAUSE)
            await self._give_back(incoming)
        except FAULTS as error:  # committed but not acknowledged: it comes again, and the inbox knows it
            log.warning("message_not_acknowledged", queue=subscription.queue, error=type(error).__name__)

    async def _give_back(self, incoming: AbstractIncomingMessage) -> None:
        try:
            await incoming.nack(requeue=True)
        except FAULTS:
            return  # the connection is gone: the broker has it back already

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
