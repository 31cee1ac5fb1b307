"""The AMQP topology of a service, declared by one step before its workers start.

    hall.events (topic) --wire name--> <queue>            quorum, delivery limit, dead letters only to <queue>.parked
    <service>.direct    --<queue>----> <queue>            from expired retries and redrives
                        --<queue>.retry.n--> retry tiers  quorum, TTL, expire to <service>.direct / <queue>
                        --<queue>.parked--> <queue>.parked

Only what RabbitMQ 3.10 and 4.x both have. Dead letters travel at-least-once, which needs reject-publish overflow.
"""

from typing import Any

from aio_pika.abc import AbstractChannel, AbstractConnection, ExchangeType

from servicekit.bus.names import Names
from servicekit.consumer import Consumers, Subscription

DELIVERY_LIMIT = 20
"""Deliveries without an answer before the broker parks a message: its handler kills the worker. 3.10 has no default."""
# 4.x limits every quorum queue to 20 by default and drops beyond it; looking into a parking queue is a delivery.
_NO_LIMIT = 2_000_000_000
_AT_LEAST_ONCE: dict[str, Any] = {"x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish"}


async def declare(
    connection: AbstractConnection, consumers: Consumers, names: Names, retry_delays: tuple[float, ...]
) -> None:
    """Declares everything; repeating it is harmless. Raises ChannelPreconditionFailed when a queue exists otherwise."""
    channel = await connection.channel()
    events = await channel.declare_exchange(names.events, ExchangeType.TOPIC, durable=True)
    own = await channel.declare_exchange(names.own_exchange(consumers.service), ExchangeType.DIRECT, durable=True)
    for subscription in consumers.subscriptions:
        parked = await _declare_queue(channel, names.parked(subscription.queue), {"x-delivery-limit": _NO_LIMIT})
        await parked.bind(own, parked.name)
        await _declare_retries(channel, subscription, names, own.name, retry_delays)
        work = await _declare_queue(
            channel,
            names.queue(subscription.queue),
            {
                "x-delivery-limit": DELIVERY_LIMIT,
                "x-dead-letter-exchange": own.name,
                "x-dead-letter-routing-key": parked.name,
                **_AT_LEAST_ONCE,
            },
        )
        await work.bind(own, work.name)
        for event in subscription.events:
            await work.bind(events, event.wire_name)


async def _declare_retries(
    channel: AbstractChannel, subscription: Subscription, names: Names, own: str, retry_delays: tuple[float, ...]
) -> None:
    for tier, delay in enumerate(retry_delays):
        queue = await _declare_queue(
            channel,
            names.retry(subscription.queue, tier),
            {
                "x-message-ttl": round(delay * 1000),
                "x-delivery-limit": _NO_LIMIT,
                "x-dead-letter-exchange": own,
                "x-dead-letter-routing-key": names.queue(subscription.queue),
                **_AT_LEAST_ONCE,
            },
        )
        await queue.bind(own, queue.name)


async def _declare_queue(channel: AbstractChannel, name: str, arguments: dict[str, Any]) -> Any:
    return await channel.declare_queue(name, durable=True, arguments={"x-queue-type": "quorum", **arguments})
