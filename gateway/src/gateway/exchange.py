"""One request and its answer on a client connection, as the ASGI application sees them."""

import asyncio
import http
from typing import Any, Protocol, cast

Headers = list[tuple[bytes, bytes]]

BUFFER = 256 * 1024
"""Bytes of a request body held for a slow application before the client is made to wait."""
_PHRASES = {status.value: status.phrase.encode() for status in http.HTTPStatus}
STATUS_LINES = {status: b"HTTP/1.1 %d %b\r\n" % (status, _PHRASES.get(status, b"")) for status in range(200, 600)}
_DISCONNECT = {"type": "http.disconnect"}


class ClientConnection(Protocol):
    """What an exchange needs of the connection it happens on: `gateway.server.HallProtocol`."""

    loop: asyncio.AbstractEventLoop
    app: Any
    state: Any
    transport: asyncio.Transport
    exchange: "Exchange | None"
    closing: bool
    deadline: float
    write_paused: bool

    def pause_reading(self) -> None:
        """Hold the client back."""

    def resume_reading(self) -> None:
        """Let the client send."""

    async def drain(self) -> None:
        """Wait until the client takes data again."""

    def finished(self, exchange: "Exchange") -> None:
        """The answer is complete."""


class Exchange:
    """One request and its answer, as the application sees them."""

    __slots__ = (
        "_arrived",
        "_body",
        "_continue",
        "_ended",
        "_head",
        "_head_only",
        "_left",
        "_size",
        "_waiter",
        "begun",
        "bounded",
        "chunked",
        "connection",
        "done",
        "ending",
        "keep",
        "remaining",
        "scope",
        "streaming",
        "task",
    )  # fmt: skip

    def __init__(self, connection: ClientConnection, scope: dict[str, Any], *, keep: bool) -> None:
        self.connection = connection
        self.scope = scope
        self.keep = keep
        self.begun = False
        self.done = False
        self.ending = False
        self.streaming = False
        self.chunked = False
        self.bounded = False
        self.remaining = 0
        self.task: asyncio.Task[None] | None = None
        self._head = b""
        self._head_only = scope["method"] == "HEAD"
        self._body: list[bytes] = []
        self._size = 0
        self._ended = False
        self._left = False
        self._waiter: asyncio.Future[None] | None = None
        self._continue = True  # until the first look at the body

    @property
    def unread(self) -> bool:
        """A part of the request is still to come."""
        return not self._ended

    def run(self) -> None:
        """Start the application on it."""
        connection = self.connection
        connection.exchange = self
        connection.deadline = float("inf")
        self.task = task = connection.loop.create_task(self._run())
        connection.state.tasks.add(task)

    async def _run(self) -> None:
        try:
            await self.connection.app(cast(Any, self.scope), cast(Any, self.receive), cast(Any, self.send))
        except asyncio.CancelledError:
            if not self._left and not self.ending:
                self.connection.transport.abort()
                raise
        except Exception:
            # The gateway answers its own faults; what arrives here broke that too. Nothing more can be said.
            self.connection.transport.abort()
            raise
        finally:
            self.connection.state.tasks.discard(self.task)
            if not self.done and not self._left:
                if self.begun and not (self.ending or self.chunked or self.bounded):
                    self.connection.transport.abort()  # else it would look like the end of the body
                else:
                    self.connection.transport.close()

    # -- the request -----------------------------------------------------------------------------------------------

    def body_arrived(self, data: bytes) -> None:
        """A piece of the body; the client waits when the application is slow."""
        if self.done:
            return
        self._body.append(data)
        self._size += len(data)
        if self._size > BUFFER:
            self.connection.pause_reading()
        self._wake()

    def body_ended(self) -> None:
        """The request is complete."""
        self._ended = True
        self._wake()

    def client_left(self) -> None:
        """The client is gone: so is the reason for the application's work."""
        if self._left or self.done:
            return
        self._left = True
        self._wake()
        if self.task is not None:
            self.task.cancel()

    def end_soon(self) -> None:
        """The process ends: an event stream never would by itself, everything else is let finish."""
        self.keep = False
        if self.streaming and self.task is not None:
            self.ending = True
            self.task.cancel()

    async def receive(self) -> dict[str, Any]:
        """ASGI: the next piece of the body, or the news that the client left."""
        connection = self.connection
        if self._continue:
            self._continue = False
            if self._awaits_continue() and not connection.transport.is_closing():
                connection.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        while not self._left and not self.done:
            if self._body or (self._ended and self._size >= 0):
                body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
                self._body = []
                self._size = 0
                if self._ended:
                    self._size = -1  # the end was told; after it only the disconnect is news
                else:
                    connection.resume_reading()
                return {"type": "http.request", "body": body, "more_body": not self._ended}
            self._waiter = connection.loop.create_future()
            await self._waiter
        return _DISCONNECT

    def _awaits_continue(self) -> bool:
        if self.begun or self._body or self._ended:
            return False
        return any(name == b"expect" and value.lower() == b"100-continue" for name, value in self.scope["headers"])

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # -- the answer ------------------------------------------------------------------------------------------------

    async def send(self, message: dict[str, Any]) -> None:
        """ASGI: the head or a piece of the body. The head waits for the first piece."""
        if self._left or self.ending:
            return
        if message["type"] == "http.response.start":
            if self._head or self.begun:
                raise RuntimeError("the answer was begun before")
            self._head = self._render_head(message["status"], message["headers"])
            return
        more: bool = message.get("more_body", False)
        if self.done or not (self._head or self.begun):
            raise RuntimeError("a body without a head, or after its end")
        data = self._framed(message.get("body", b""), more=more)
        if not self.begun:
            self.begun = True
            data = self._head + data
            self._head = b""
        connection = self.connection
        if data:
            connection.transport.write(data)
        if not more:
            self.done = True
            self._wake()
            connection.finished(self)
        elif connection.write_paused:
            await connection.drain()

    def _framed(self, data: bytes, *, more: bool) -> bytes:
        if self._head_only:
            return b""
        if self.chunked:
            if data:
                data = b"%x\r\n%b\r\n" % (len(data), data)
            return data if more else data + b"0\r\n\r\n"
        if self.bounded:
            self.remaining -= len(data)
            if self.remaining < 0 or (self.remaining and not more):
                raise RuntimeError("the body is not as long as was announced")
        return data

    def _render_head(self, status: int, headers: Headers) -> bytes:
        length: int | None = None
        for name, value in headers:
            if name == b"content-length":
                length = int(value)
            elif name == b"content-type":
                self.streaming = value.startswith(b"text/event-stream")
            elif name == b"connection":
                self.keep = False  # the only thing an application says with it
                headers = [header for header in headers if header[0] != b"connection"]
        # The latter is uvicorn's clock: `date`, made once a second.
        lines = [*map(b": ".join, headers), *map(b": ".join, self.connection.state.default_headers)]
        lines += self._frame(status, length)
        if self.unread or self.connection.closing:
            self.keep = False
        if not self.keep:
            lines.append(b"connection: close")
        lines.append(b"\r\n")
        head = b"\r\n".join(lines)
        if head.count(b"\n") != len(lines) or head.count(b"\r") != len(lines) or b"\0" in head:
            raise RuntimeError("a header carries a line break")
        return STATUS_LINES[status] + head

    def _frame(self, status: int, length: int | None) -> list[bytes]:
        """Decide how the end of the body will be known; returns the header that says so, if one more is needed."""
        if status in (204, 304):
            self._head_only = True
        elif length is not None or self._head_only:
            self.bounded = True
            self.remaining = length or 0
        elif self.scope["http_version"] == "1.0":
            self.keep = False  # its end is the end of the connection
        else:
            self.chunked = True
            return [b"transfer-encoding: chunked"]
        return []
