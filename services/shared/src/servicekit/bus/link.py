"""An AMQP connection that comes back by itself.

Our own loop instead of `connect_robust`: that takes one URL, and hides from its user that a connection was replaced.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection
from aiormq.exceptions import AMQPError

CONNECT_SECONDS = 5.0
CLOSE_SECONDS = 2.0
# A half-open connection is noticed after about three and a half of these.
HEARTBEAT_SECONDS = 5
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0

log = structlog.get_logger(__name__)

FAULTS = (AMQPError, OSError, TimeoutError, RuntimeError)
"""What opening and using a connection can end with."""


def split_urls(urls: str) -> tuple[str, ...]:
    """Several brokers are given as URLs with blanks or commas between."""
    return tuple(urls.replace(",", " ").split())


async def connect(url: str, name: str) -> AbstractConnection:
    """A plain connection. Raises one of FAULTS."""
    return await aio_pika.connect(
        url,
        timeout=CONNECT_SECONDS,
        heartbeat=HEARTBEAT_SECONDS,
        client_properties={"connection_name": name},
    )


async def close(connection: AbstractConnection) -> None:
    """Closes a connection that may be dead already."""
    with contextlib.suppress(*FAULTS):
        async with asyncio.timeout(CLOSE_SECONDS):
            await connection.close()


class Link:
    """Keeps one connection up. `set_up` opens what is to live on it and is called anew for each connection."""

    def __init__(
        self, urls: tuple[str, ...], name: str, set_up: Callable[["Link", AbstractConnection], Awaitable[None]]
    ) -> None:
        self._urls = itertools.cycle(urls)
        self._name = name
        self._set_up = set_up
        self._broken = asyncio.Event()
        self._channels: list[AbstractChannel] = []  # aio-pika holds channels weakly
        self.up = asyncio.Event()

    async def open_channel(
        self, connection: AbstractConnection, *, confirms: bool, prefetch: int = 0
    ) -> AbstractChannel:
        """A channel whose end is the link's end: everything is then set up anew."""
        channel = await connection.channel(publisher_confirms=confirms, on_return_raises=confirms)
        channel.close_callbacks.add(self._on_close)
        underlay = await channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(lambda _: self.renew())  # its queue was deleted or moved
        if prefetch:
            await channel.set_qos(prefetch_count=prefetch)
        self._channels.append(channel)
        return channel

    def _on_close(self, *_: object) -> None:
        self._broken.set()

    def renew(self) -> None:
        """Gives this connection up and opens another."""
        self._broken.set()

    async def run(self) -> None:
        """Until cancelled."""
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._serve()
                pause = _FIRST_PAUSE
            except FAULTS as error:
                log.warning("broker_link_failed", link=self._name, error=type(error).__name__)
            except Exception:  # a fault of ours, but without the link nothing at all would happen any more
                log.exception("broker_link_broken", link=self._name)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _serve(self) -> None:
        url = next(self._urls)
        connection = await connect(url, self._name)
        try:
            self._broken = asyncio.Event()
            connection.close_callbacks.add(self._on_close)
            await self._set_up(self, connection)
            self.up.set()
            log.info("broker_connected", link=self._name, host=urlsplit(url).hostname)
            await self._broken.wait()
            log.warning("broker_connection_lost", link=self._name)
        finally:
            self.up.clear()
            self._channels.clear()
            await close(connection)
