"""Publishing over AMQP: one connection of its own, confirms for each message."""

import asyncio

from aio_pika.abc import AbstractConnection
from aiormq.channel import Channel as RawChannel
from aiormq.exceptions import DeliveryError, PublishError
from pamqp.commands import Basic

from servicekit.bus.link import FAULTS, Link
from servicekit.bus.protocol import PUBLISH_TIMEOUT, Message, NotTaken, TransportDown, Unroutable

PERSISTENT = 2
ATTEMPT = "x-hall-attempt"


def properties_of(message: Message, headers: dict[str, str | int] | None = None) -> Basic.Properties:
    """AMQP properties of a message: durable, with its id and type."""
    return Basic.Properties(
        content_type="application/cloudevents+json",
        delivery_mode=PERSISTENT,
        message_id=message.id,
        message_type=message.type,
        headers=dict(headers or {}),
    )


class Publisher:
    """Publishes with confirms. Many publishes may be under way at once."""

    def __init__(self, urls: tuple[str, ...], name: str) -> None:
        self.link = Link(urls, f"{name} publisher", self._open)
        self._channel: RawChannel | None = None

    async def _open(self, link: Link, connection: AbstractConnection) -> None:
        channel = await link.open_channel(connection, confirms=True)
        # The channel below aio-pika's: its publish can be told not to wait for the socket to drain after each message.
        underlay = await channel.get_underlay_channel()
        if not isinstance(underlay, RawChannel):
            raise TypeError("aio-pika is built on something else than aiormq now")
        self._channel = underlay

    async def publish(
        self, exchange: str, routing_key: str, message: Message, properties: Basic.Properties, *, mandatory: bool
    ) -> None:
        """Returns when the broker has the message. Raises Unroutable, NotTaken or TransportDown."""
        channel = self._channel
        if channel is None or not self.link.up.is_set():
            raise TransportDown("not connected")
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT):
                await channel.basic_publish(
                    message.body,
                    exchange=exchange,
                    routing_key=routing_key,
                    properties=properties,
                    mandatory=mandatory,
                    wait=False,
                )
        except PublishError as error:
            raise Unroutable(routing_key) from error
        except DeliveryError as error:
            raise NotTaken(routing_key) from error
        except TimeoutError as error:
            self.link.renew()  # whatever it is that hangs, a new connection is the way out
            raise TransportDown("no confirm in time") from error
        except FAULTS as error:
            raise TransportDown(type(error).__name__) from error
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise TransportDown("the channel closed") from error  # it cancels what waits for a confirm
