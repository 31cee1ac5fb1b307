"""One kept HTTP/1.1 connection to an upstream, and the answer that is coming in on it.

httptools checks the syntax (strict mode: no bare line feeds, no doubled or conflicting framing); this module decides
when an answer is over, whether the connection may be used again, and holds the sender back when the reader is slow.
Time is counted in sweeps of the pool (`quiet`), so the hot path sets no timers.
"""

import asyncio
from typing import Any, Protocol, cast

import httptools

from gateway.upstream import Body, BodyRefused, ClientGone, Headers, UpstreamBroken, UpstreamError

HEAD_LIMIT = 64 * 1024
"""Bytes of an answer's headers: far above what our services send; a runaway is cut off."""
HIGH_WATER = 256 * 1024
"""Bytes of a body held for a slow reader before the upstream is made to wait."""

IDLE, HEAD, BODY, DONE = range(4)
_FRAMING = (b"content-length", b"transfer-encoding")


class Owner(Protocol):
    """The pool that a connection belongs to."""

    def released(self, connection: "HttpConnection") -> None:
        """The connection is free for the next request."""

    def lost(self, connection: "HttpConnection") -> None:
        """The connection is closed."""


class HttpResponse:
    """An answer from an upstream (see `gateway.upstream.UpstreamResponse`)."""

    __slots__ = ("_chunks", "_connection", "_error", "_size", "_waiter", "complete", "endless", "headers", "status")

    def __init__(self, connection: "HttpConnection") -> None:
        self.status = 0
        self.headers: Headers = []
        self.complete = False
        self.endless = False
        self._connection: HttpConnection | None = connection
        self._chunks: list[bytes] = []
        self._size = 0
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    async def head(self) -> None:
        """Wait for the status line and the headers. Raises UpstreamError, ClientGone or BodyRefused."""
        while not self.status:
            if self._error is not None:
                raise self._error
            await self._wait()

    def take(self) -> bytes:
        """What has arrived and was not read yet."""
        chunks = self._chunks
        if not chunks:
            return b""
        data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        self._chunks = []
        if self._size > HIGH_WATER and self._connection is not None:
            self._connection.resume_reading()
        self._size = 0
        return data

    async def read(self) -> bytes:
        """Wait for the next piece of the body; b"" at its end."""
        while not self._chunks:
            if self.complete:
                return b""
            if self._error is not None:
                raise self._error
            await self._wait()
        return self.take()

    def close(self) -> None:
        """Give up: the connection cannot be used again because the rest of the answer is still on its way."""
        if not self.complete:
            self.fail(UpstreamBroken("the exchange was given up"))

    def fail(self, error: Exception) -> None:
        """End the answer with an error and drop the connection under it."""
        if self.complete or self._error is not None:
            return
        self._error = error
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.abort()
        self.wake()

    def add(self, data: bytes) -> None:
        """Take in a piece of the body; the upstream is made to wait when too much is unread."""
        self._chunks.append(data)
        self._size += len(data)
        if self._size > HIGH_WATER and self._connection is not None:
            self._connection.pause_reading()

    def finish(self) -> None:
        """The last byte has arrived. The connection reads on, whenever this answer is taken: the next one needs it."""
        self.complete = True
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.resume_reading()

    def wake(self) -> None:
        """Let the reader look: called once per burst of data."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None


class HttpConnection(asyncio.Protocol):
    """The protocol object of one connection. At most one request is under way on it; there is no pipelining."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.transport: asyncio.Transport = cast(asyncio.Transport, None)
        self.served = 0
        self.quiet = 0
        self.closed = False
        self.born = 0.0
        self.response: HttpResponse | None = None
        self.sending = False
        self.paused = False
        self._parser: Any = httptools.HttpResponseParser(self)
        self._phase = IDLE
        self._headers: Headers = []
        self._head_bytes = 0
        self._head_only = False
        self._interim = False
        self._kept = False
        self._spoilt = False
        self._pump: asyncio.Task[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self.full = False

    # -- sending ---------------------------------------------------------------------------------------------------

    def start(self, payload: bytes, *, head_only: bool, body: Body | None = None) -> HttpResponse:
        """Send a request (head and small body in `payload`); a long `body` follows while the answer is awaited."""
        response = self.response = HttpResponse(self)
        self._phase = HEAD
        self._head_only = head_only
        self.quiet = 0
        self.transport.write(payload)
        if body is not None:
            self.sending = True
            self._pump = asyncio.create_task(self._send_body(response, body))
        return response

    async def _send_body(self, response: HttpResponse, body: Body) -> None:
        try:
            while data := await body.read():
                if body.length is None:
                    self.transport.writelines([b"%x\r\n" % len(data), data, b"\r\n"])
                else:
                    self.transport.write(data)
                self.quiet = 0
                if self.full:
                    self._drained = asyncio.get_running_loop().create_future()
                    await self._drained
            if body.length is None:
                self.transport.write(b"0\r\n\r\n")
            self.sending = False
        except (ClientGone, BodyRefused, UpstreamError) as error:
            response.fail(error)

    def pause_writing(self) -> None:
        """The socket's buffer is full: the body's sender waits."""
        self.full = True

    def resume_writing(self) -> None:
        """The socket takes data again."""
        self.full = False
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    # -- receiving -------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: connected."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """asyncio: bytes of an answer (or, on an idle connection, bytes nobody asked for: it is dropped)."""
        response = self.response
        if response is None:
            self.abort()
            return
        self.quiet = 0
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            response.fail(UpstreamBroken(f"not a usable HTTP answer: {error}"))  # no effect on a complete one
            self.abort()
            response.wake()
            return
        if self._phase == DONE:
            self._end(response)
        elif self._phase == HEAD:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_LIMIT:
                response.fail(UpstreamBroken("the answer's headers are too long"))
            return
        response.wake()

    def _end(self, response: HttpResponse) -> None:
        """The answer is complete: free the connection, or close it when it cannot serve again."""
        self.response = None
        self._phase = IDLE
        self._head_bytes = 0
        self.served += 1
        if self.sending:  # answered before it had read the request: what is left of the body would be taken for another
            self._spoilt = True
            if self._pump is not None:
                self._pump.cancel()
        self._pump = None
        if self._spoilt or not self._kept:
            self.abort(gently=True)
            return
        if self._head_only:  # the parser still expects the body that its Content-Length announced
            self._parser = httptools.HttpResponseParser(self)
        self.owner.released(self)

    def on_message_begin(self) -> None:
        """httptools: an answer begins. A second one to the same request makes the connection useless."""
        if self._phase == HEAD:
            self._headers = []
        else:
            self._spoilt = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """httptools: a header; those after the body (trailers) are dropped."""
        if self._phase == HEAD:
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """httptools: the head is complete, possibly that of a 1xx answer, which is not passed on."""
        if self._phase != HEAD:
            return
        status = self._parser.get_status_code()
        if status < 200:
            if status < 100 or status == 101:
                raise UpstreamBroken(f"unexpected status {status}")
            self._interim = True
            return
        response = self.response
        if response is None:  # given up while this very burst was parsed
            return
        response.status = status
        response.headers = self._headers
        self._kept = self._parser.should_keep_alive()
        self._phase = BODY
        if self._head_only:
            self._phase = DONE
            response.finish()

    def on_body(self, data: bytes) -> None:
        """httptools: a piece of the body."""
        if self._phase == BODY and self.response is not None:
            self.response.add(data)
        else:
            self._spoilt = True

    def on_message_complete(self) -> None:
        """httptools: the answer is over."""
        if self._interim:
            self._interim = False
            self._headers = []
        elif self._phase == BODY and self.response is not None:
            self._phase = DONE
            self.response.finish()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: closed, by either side."""
        self.closed = True
        self.resume_writing()
        if self._pump is not None:
            self._pump.cancel()
        response, self.response = self.response, None
        if response is not None and not response.complete:
            unframed = self._phase == BODY and not any(name in _FRAMING for name, _ in response.headers)
            if unframed and exc is None:  # HTTP/1.0 style: the end of the connection is the end of the body
                response.finish()
                response.wake()
            else:
                response.fail(UpstreamBroken("the upstream closed the connection"))
        self.owner.lost(self)

    # -- flow and end ----------------------------------------------------------------------------------------------

    def pause_reading(self) -> None:
        """The reader is slow: let the upstream wait."""
        if not self.paused and not self.closed:
            self.paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """The reader has caught up."""
        if self.paused and not self.closed:
            self.paused = False
            self.quiet = 0
            self.transport.resume_reading()

    def abort(self, *, gently: bool = False) -> None:
        """Close the connection; whatever is under way on it ends with it."""
        if self._pump is not None and self._pump is not asyncio.current_task():
            self._pump.cancel()
        self._pump = None
        if not self.closed:
            self.closed = True
            self.owner.lost(self)
            if gently:
                self.transport.close()
            else:
                self.transport.abort()
