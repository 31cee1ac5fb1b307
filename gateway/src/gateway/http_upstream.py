"""Own HTTP/1.1 client: a pool of kept connections to one upstream.

Plain httpx reaches 0.006 of nginx here (its pool scans every connection on each request); this one does a list pop.
"""

import asyncio
import contextlib
import socket
import ssl
import time
from collections import deque
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.breaker import Breaker
from gateway.http_connection import HttpConnection, HttpResponse
from gateway.upstream import (
    Body,
    UpstreamBroken,
    UpstreamBusy,
    UpstreamRequest,
    UpstreamTimeout,
    UpstreamUnreachable,
)

SWEEP = 0.25
"""Seconds between two looks at the connections: the grain of every deadline here."""
SMALL_BODY = 64 * 1024
"""A body up to this size is read first and sent in one piece with its head, so that it can be sent again."""
MAX_REPLAYS = 2


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How long and how much. Seconds."""

    connect: float = 2.0
    first_byte: float = 30.0
    silence: float = 30.0
    idle: float = 4.0  # below uvicorn's default keep-alive of 5 s, so that we close first
    age: float = 60.0  # a new replica behind the same name gets its share after this
    resolve: float = 5.0
    connections: int = 256
    queue: int = 512
    queue_wait: float = 5.0
    breaker_threshold: int = 5
    breaker_rest: float = 2.0


class HttpUpstream:
    """A service reached over HTTP; its name may resolve to several addresses."""

    def __init__(self, name: str, url: str, limits: PoolLimits | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError(f"not the base URL of a service: {url!r}")
        self.name = name
        self.limits = limits or PoolLimits()
        self.breaker = Breaker(time.monotonic, threshold=self.limits.breaker_threshold, rest=self.limits.breaker_rest)
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._idle: list[HttpConnection] = []
        self._connections: set[HttpConnection] = set()
        self._opening = 0
        self._waiting: deque[asyncio.Future[HttpConnection | None]] = deque()
        self._addresses: list[tuple[str, int]] = []
        self._resolved_at = float("-inf")
        self._turn = 0
        self._sweeper: asyncio.TimerHandle | None = None
        self._closing = False

    # -- requests --------------------------------------------------------------------------------------------------

    async def send(self, request: UpstreamRequest) -> HttpResponse:
        """Send a request and return when the head of the answer is there."""
        self.breaker.enter()
        try:
            response = await self._send(request)
        except (UpstreamUnreachable, UpstreamBroken, UpstreamTimeout):
            self.breaker.failed()
            raise
        except BaseException:
            self.breaker.abandoned()
            raise
        self.breaker.succeeded()
        return response

    async def _send(self, request: UpstreamRequest) -> HttpResponse:
        body = request.body
        payload = _head(request)
        if body is not None and body.length is not None and body.length <= SMALL_BODY:
            payload += await _read_whole(body)
            body = None
        replays = 0
        while True:
            connection = self._take() if replays < MAX_REPLAYS else None
            if connection is None:
                connection = await self._obtain(fresh=replays >= MAX_REPLAYS)
            stale = connection.served > 0
            response = connection.start(payload, head_only=request.method == b"HEAD", body=body)
            try:
                await response.head()
            except UpstreamBroken:
                # A kept connection that died before saying anything was most likely closed while we were writing.
                if stale and request.replayable and body is None and replays < MAX_REPLAYS:
                    replays += 1
                    continue
                raise
            except BaseException:
                response.close()
                raise
            return response

    # -- the pool --------------------------------------------------------------------------------------------------

    def _take(self) -> HttpConnection | None:
        idle = self._idle
        while idle:
            connection = idle.pop()
            if not connection.closed and not connection.transport.is_closing():
                return connection
        return None

    async def _obtain(self, *, fresh: bool) -> HttpConnection:
        """Open a connection, or queue for one when the limit is reached."""
        if fresh or len(self._connections) + self._opening < self.limits.connections:
            return await self._open()
        if len(self._waiting) >= self.limits.queue:
            raise UpstreamBusy("too many requests wait for a connection")
        turn: asyncio.Future[HttpConnection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self.limits.queue_wait):
                connection = await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():  # handed over in the very moment we gave up
                self._hand_on(turn.result())
            else:
                with contextlib.suppress(ValueError):
                    self._waiting.remove(turn)
            if isinstance(error, TimeoutError):
                raise UpstreamBusy("no connection became free in time") from None
            raise
        if connection is None or connection.closed:  # a place became free, not a connection
            return await self._open()
        return connection

    def _hand_on(self, connection: HttpConnection | None) -> None:
        """Give a connection (or, with None, the place for one) to the longest waiting request."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        if connection is not None and not connection.closed:
            self._idle.append(connection)

    async def _open(self) -> HttpConnection:
        """Connect to one of the addresses, beginning with the next in turn."""
        self._opening += 1
        try:
            addresses = await self._resolve()
            loop = asyncio.get_running_loop()
            last: Exception | None = None
            for _ in range(min(len(addresses), 3)):
                self._turn += 1
                host, port = addresses[self._turn % len(addresses)]
                try:
                    async with asyncio.timeout(self.limits.connect):
                        _, connection = await loop.create_connection(
                            lambda: HttpConnection(self),
                            host,
                            port,
                            ssl=self._tls,
                            server_hostname=self._host if self._tls else None,
                        )
                except (OSError, TimeoutError) as error:
                    last = error
                    self._resolved_at = float("-inf")
                    continue
                connection.born = loop.time()
                self._connections.add(connection)
                if self._sweeper is None:
                    self._sweeper = loop.call_later(SWEEP, self._sweep)
                return connection
            raise UpstreamUnreachable(f"{self.name} cannot be reached") from last
        finally:
            self._opening -= 1

    async def _resolve(self) -> list[tuple[str, int]]:
        loop = asyncio.get_running_loop()
        if self._addresses and loop.time() - self._resolved_at < self.limits.resolve:
            return self._addresses
        try:
            async with asyncio.timeout(self.limits.connect):
                found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except (OSError, TimeoutError) as error:
            if self._addresses:  # the name server is away: what we knew is better than nothing
                return self._addresses
            raise UpstreamUnreachable(f"the name of {self.name} cannot be resolved") from error
        self._addresses = list(dict.fromkeys((str(entry[4][0]), int(entry[4][1])) for entry in found))
        self._resolved_at = loop.time()
        return self._addresses

    def released(self, connection: HttpConnection) -> None:
        """A connection is free: to the longest waiting request, or to the idle ones."""
        if self._closing or asyncio.get_running_loop().time() - connection.born > self.limits.age:
            connection.abort(gently=True)
            return
        connection.quiet = 0
        if self._waiting:
            self._hand_on(connection)
        else:
            self._idle.append(connection)

    def lost(self, connection: HttpConnection) -> None:
        """A connection is gone; a waiting request may open another."""
        if connection not in self._connections:
            return
        self._connections.discard(connection)
        with contextlib.suppress(ValueError):
            self._idle.remove(connection)
        self._hand_on(None)

    def _sweep(self) -> None:
        """Enforce the deadlines: one timer for all connections instead of one for each request."""
        limits = self.limits
        for connection in list(self._connections):
            if connection.paused or (connection.sending and not connection.full):
                continue  # waiting for the client, whose slowness is judged elsewhere
            connection.quiet += 1
            response = connection.response
            if response is None:
                if connection.quiet * SWEEP > limits.idle:
                    connection.abort(gently=True)
            elif not response.endless:
                allowed = limits.silence if response.status else limits.first_byte
                if (connection.quiet - 1) * SWEEP > allowed:
                    response.fail(UpstreamTimeout(f"{self.name} did not answer in time"))
        self._sweeper = None
        if self._connections and not self._closing:
            self._sweeper = asyncio.get_running_loop().call_later(SWEEP, self._sweep)

    async def aclose(self) -> None:
        """Close every connection."""
        self._closing = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for connection in list(self._connections):
            connection.abort()


def _head(request: UpstreamRequest) -> bytes:
    """The request line and the headers, framed anew: never by what the client said of the length."""
    lines = [b"%b %b HTTP/1.1" % (request.method, request.target), *map(b": ".join, request.headers)]
    body = request.body
    if body is not None:
        lines.append(b"transfer-encoding: chunked" if body.length is None else b"content-length: %d" % body.length)
    lines.append(b"\r\n")
    head = b"\r\n".join(lines)
    if head.count(b"\n") != len(lines) or head.count(b"\r") != len(lines) or b"\0" in head:
        raise ValueError("a header carries a line break")
    return head


async def _read_whole(body: Body) -> bytes:
    pieces = []
    while data := await body.read():
        pieces.append(data)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
