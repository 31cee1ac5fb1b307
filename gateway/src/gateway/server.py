"""The HTTP/1.1 side towards clients: a protocol class for uvicorn's server, and how to start it.

uvicorn's own protocols put no limit on headers and no deadline on slow ones, answer syntax errors in English, tell the
application nothing when a client leaves unless it keeps a task waiting for that, and check every outgoing header with
two regular expressions. This one is made for a proxy: it cancels the application's task when the client leaves, writes
the head together with the first piece of the body, lingers when it has to answer before it has read the request (so
that the answer arrives instead of a reset), and ends event streams at shutdown.
"""

import asyncio
from collections import deque
from typing import Any, cast
from urllib.parse import unquote

import httptools
import uvicorn

from gateway import problems
from gateway.access import new_trace_id
from gateway.exchange import STATUS_LINES, Exchange

HEAD_LIMIT = 32 * 1024
TARGET_LIMIT = 8 * 1024
HEADER_COUNT_LIMIT = 100
HEAD_SECONDS = 15.0
"""From the first byte of a request to the end of its headers; also from connecting to the first byte."""
IDLE_SECONDS = 75.0
STALL_SECONDS = 60.0
"""A client that takes nothing for so long while an answer waits is dropped."""
LINGER_SECONDS = 2.0
LINGER_BYTES = 4 * 1024 * 1024
_EXTENSIONS: dict[str, dict[str, Any]] = {"hall.cancels": {}}
"""Tells the application that its task is cancelled when the client leaves."""


class HallProtocol(asyncio.Protocol):
    """One client connection. uvicorn makes it (`http=HallProtocol`) and calls `shutdown` at the end."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: Any,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        if not config.loaded:
            config.load()
        self.loop = _loop or asyncio.get_event_loop()
        self.app = config.loaded_app
        self.state = server_state
        self.app_state = app_state
        self.root_path = config.root_path
        self.transport: asyncio.Transport = cast(asyncio.Transport, None)
        self.client: tuple[str, int] | None = None
        self.server: tuple[str, int | None] | None = None
        self.scheme = "http"
        self.exchange: Exchange | None = None
        self.queue: deque[Exchange] = deque()
        self.closing = False
        self.lingered: int | None = None
        self.deadline = self.loop.time() + HEAD_SECONDS
        self._timer: asyncio.TimerHandle | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._reading: Exchange | None = None
        self._in_head = False
        self._head_bytes = 0
        self._burst = 0
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._read_paused = False
        self.write_paused = False
        self._writable: asyncio.Future[None] | None = None

    # -- connection ------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: a client connected."""
        self.transport = cast(asyncio.Transport, transport)
        self.state.connections.add(self)
        peer, own = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        self.client = (str(peer[0]), int(peer[1])) if isinstance(peer, tuple) else None
        self.server = (str(own[0]), int(own[1])) if isinstance(own, tuple) else None
        self.scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        self._timer = self.loop.call_later(HEAD_SECONDS, self._check_deadline)

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: the connection is gone; what is under way for it is cancelled."""
        self.state.connections.discard(self)
        self.closing = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        if self.exchange is not None:
            self.exchange.client_left()
        self.queue.clear()

    def _check_deadline(self) -> None:
        """One timer a connection, re-armed when it was moved: requests only set `deadline`."""
        now = self.loop.time()
        if now < self.deadline:
            # Looks again soon even while a request has no deadline: the next one sets a new one without re-arming.
            wait = min(self.deadline - now, HEAD_SECONDS) + 0.01
            self._timer = self.loop.call_later(wait, self._check_deadline)
            return
        self._timer = None
        if self.exchange is None and self._in_head:
            self.fail("request_timeout")
        else:
            self.transport.abort()

    def shutdown(self) -> None:
        """uvicorn: the process ends. Idle connections close now, busy ones after their answer, streams at once."""
        self.closing = True
        if self.exchange is None:
            self.transport.close()
        else:
            self.exchange.end_soon()

    # -- reading ---------------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """asyncio: bytes of requests."""
        if self.lingered is not None:
            self.lingered += len(data)
            if self.lingered > LINGER_BYTES:
                self.transport.abort()
            return
        if self.closing and self._reading is None:
            return
        self._burst = len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # answered as an ordinary request; the connection ends with it
            self.closing = True
            if self._reading is not None:
                self._reading.body_ended()
                self._reading = None
            return
        except httptools.HttpParserError as error:
            if self.closing and self._reading is None:
                return  # something after a request that said `Connection: close`
            cause = error.__context__
            self.fail(cause.code if isinstance(cause, _Unacceptable) else "bad_request")
            return
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_LIMIT:
                self.fail("headers_too_large")

    def on_message_begin(self) -> None:
        """httptools: a request begins."""
        if self.exchange is None:
            self.deadline = self.loop.time() + HEAD_SECONDS
        self._in_head = True
        self._head_bytes = 0
        self._url = b""
        self._headers = []

    def on_url(self, url: bytes) -> None:
        """httptools: (a piece of) the request target."""
        self._url += url
        if len(self._url) > TARGET_LIMIT:
            raise _Unacceptable("uri_too_long")

    def on_header(self, name: bytes, value: bytes) -> None:
        """httptools: a header; those after the body (trailers) are dropped."""
        if self._in_head:
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """httptools: the head is complete: the application starts, the body follows while it runs."""
        self._in_head = False
        headers = self._headers
        if len(headers) > HEADER_COUNT_LIMIT or (
            self._head_bytes + self._burst > HEAD_LIMIT
            and sum(len(name) + len(value) for name, value in headers) > HEAD_LIMIT
        ):
            raise _Unacceptable("headers_too_large")
        target = self._url
        if not target.startswith(b"/"):  # absolute form, `*` or an authority: nobody has a reason to send those here
            raise _Unacceptable("bad_request")
        path, _, query = target.partition(b"?")
        version = self._parser.get_http_version()
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": version,
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "root_path": self.root_path,
            "method": self._parser.get_method().decode("ascii"),
            "path": unquote(path.decode("latin-1")),
            "raw_path": path,
            "query_string": query,
            "headers": headers,
            "state": self.app_state,
            "extensions": _EXTENSIONS,
        }
        exchange = Exchange(self, scope, keep=version != "1.0" and self._parser.should_keep_alive())
        if not exchange.keep:
            self.closing = True
        self._reading = exchange
        if self.exchange is None:
            exchange.run()
        else:  # pipelined: one at a time, and nothing more is read meanwhile
            self.queue.append(exchange)
            self.pause_reading()

    def on_body(self, data: bytes) -> None:
        """httptools: a piece of the body."""
        if self._reading is not None:
            self._reading.body_arrived(data)

    def on_message_complete(self) -> None:
        """httptools: the request is complete."""
        if self._reading is not None:
            self._reading.body_ended()
            self._reading = None

    def pause_reading(self) -> None:
        """Hold the client back."""
        if not self._read_paused and not self.transport.is_closing():
            self._read_paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Let the client send."""
        if self._read_paused and not self.transport.is_closing():
            self._read_paused = False
            self.transport.resume_reading()

    # -- writing ---------------------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        """asyncio: the client is slow."""
        self.write_paused = True
        self.deadline = self.loop.time() + STALL_SECONDS

    def resume_writing(self) -> None:
        """asyncio: the client has caught up."""
        self.write_paused = False
        self.deadline = float("inf") if self.exchange is not None else self.loop.time() + IDLE_SECONDS
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)

    async def drain(self) -> None:
        """Wait until the client takes data again."""
        while self.write_paused and not self.transport.is_closing():
            if self._writable is None or self._writable.done():
                self._writable = self.loop.create_future()
            await self._writable

    def write_problem(self, code: str) -> None:
        """Answer without the application and close."""
        status, headers, body = problems.render(code, new_trace_id())
        lines = b"".join([b"%b: %b\r\n" % header for header in headers if header[0] != b"connection"])
        self.transport.write(b"%b%bconnection: close\r\n\r\n%b" % (STATUS_LINES[status], lines, body))

    def fail(self, code: str) -> None:
        """What came in is not a request that can be served: say so if no answer was begun, and close."""
        self._reading = None
        exchange = self.exchange
        if exchange is not None:
            begun = exchange.begun
            exchange.client_left()
            if begun or self.queue:
                self.transport.abort()
                return
        self.write_problem(code)
        self.linger()

    def finished(self, exchange: Exchange) -> None:
        """An answer is complete: next request, or wait for one, or close."""
        self.exchange = None
        self.state.total_requests += 1
        if self.transport.is_closing():
            return
        if self.queue and exchange.keep:
            self.queue.popleft().run()
            if not self.queue:
                self.resume_reading()
            return
        if exchange.unread or self.queue:
            self._reading = None
            self.queue.clear()
            self.linger()
        elif self.closing or not exchange.keep:
            self.transport.close()
        else:
            self.deadline = self.loop.time() + IDLE_SECONDS
            self.resume_reading()

    def linger(self) -> None:
        """Answered before the request was read: closing now would reset the connection and lose the answer."""
        self.closing = True
        self.lingered = 0
        self.deadline = self.loop.time() + LINGER_SECONDS
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(LINGER_SECONDS, self.transport.abort)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.resume_reading()


class _Unacceptable(Exception):
    """Raised inside the parser's callbacks: syntactically right, but over a limit."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def uvicorn_config(app: Any, *, host: str, port: int, **more: Any) -> uvicorn.Config:
    """uvicorn as the gateway needs it: this protocol, uvloop, no second guess at who the client is."""
    options: dict[str, Any] = {
        "http": HallProtocol,
        "loop": "uvloop",
        "ws": "none",
        "lifespan": "on",
        "interface": "asgi3",
        "proxy_headers": False,
        "server_header": False,
        "access_log": False,
        "log_config": None,
        "timeout_graceful_shutdown": 25,
        "backlog": 2048,
    }
    return uvicorn.Config(app, host=host, port=port, **{**options, **more})
