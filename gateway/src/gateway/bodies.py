"""The request body as the proxy reads it: counted, bounded in size and in silence."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from gateway.upstream import BodyRefused, ClientGone

Receive = Callable[[], Awaitable[Any]]


class RequestBody:
    """An ASGI request body (see `gateway.upstream.Body`)."""

    __slots__ = ("_ended", "_limit", "_receive", "_seen", "_silence", "length")

    def __init__(self, receive: Receive, *, length: int | None, limit: int, silence: float) -> None:
        self.length = length
        self._receive = receive
        self._limit = limit
        self._silence = silence
        self._seen = 0
        self._ended = False

    @property
    def ended(self) -> bool:
        """The whole body was read."""
        return self._ended

    async def read(self) -> bytes:
        """The next piece, b"" at the end. Raises ClientGone or BodyRefused."""
        while not self._ended:
            try:
                async with asyncio.timeout(self._silence):
                    message = await self._receive()
            except TimeoutError:
                raise BodyRefused("request_timeout") from None
            if message["type"] != "http.request":
                raise ClientGone
            self._ended = not message.get("more_body", False)
            data: bytes = message.get("body", b"")
            self._seen += len(data)
            if self._seen > self._limit:
                raise BodyRefused("payload_too_large")
            if data:
                return data
        return b""
