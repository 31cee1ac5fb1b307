"""A service in this very process, for standalone: the same interface as `gateway.http_upstream`, without a socket.

The service runs as its own task and sees what it would see behind a server: a body that streams in, a reader that may
be slow, a client that may leave.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import structlog

from gateway.upstream import (
    Body,
    BodyRefused,
    ClientGone,
    Headers,
    UpstreamBroken,
    UpstreamRequest,
    UpstreamTimeout,
)

HIGH_WATER = 256 * 1024
_BAD_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_BAD_NAME = re.compile(rb"[^!#$%&'*+.^_`|~0-9A-Za-z-]")
_log = structlog.get_logger()
_ENDED = {"type": "http.disconnect"}


class AsgiUpstream:
    """An ASGI application as an upstream. Its lifespan is the caller's business."""

    def __init__(self, app: Any, *, name: str = "service", first_byte: float = 30.0) -> None:
        self.name = name
        self._app = app
        self._first_byte = first_byte
        self._running: set[asyncio.Task[None]] = set()

    async def send(self, request: UpstreamRequest) -> "AsgiResponse":
        """Start the application on a request and return when it has begun its answer."""
        path = request.target.partition(b"?")
        headers = list(request.headers)
        if request.body is not None and request.body.length is not None:
            headers.append((b"content-length", b"%d" % request.body.length))
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": request.method.decode("ascii"),
            "scheme": "http",
            "path": unquote(path[0].decode("latin-1")),
            "raw_path": path[0],
            "query_string": path[2],
            "root_path": "",
            "headers": headers,
            "client": next(
                ((value.decode("latin-1"), 0) for name, value in headers if name == b"x-forwarded-for"), None
            ),
            "server": None,
            "state": {},
        }
        response = AsgiResponse(request.body, head_only=request.method == b"HEAD")
        task = asyncio.create_task(response.run(self._app, scope))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            async with asyncio.timeout(self._first_byte) as deadline:
                response.on_progress = lambda: deadline.reschedule(asyncio.get_running_loop().time() + self._first_byte)
                await response.head()
        except TimeoutError:
            response.close()
            raise UpstreamTimeout(f"{self.name} did not answer in time") from None
        except BaseException:
            response.close()
            raise
        finally:
            response.on_progress = None
        return response

    async def aclose(self) -> None:
        """Wait for the requests under way; the caller bounds the time."""
        if self._running:
            await asyncio.gather(*self._running, return_exceptions=True)


class AsgiResponse:
    """An answer that the application is giving (see `gateway.upstream.UpstreamResponse`)."""

    def __init__(self, body: Body | None, *, head_only: bool) -> None:
        self.status = 0
        self.headers: Headers = []
        self.complete = False
        self.endless = False
        self.on_progress: Callable[[], None] | None = None
        self._request_body = body
        self._head_only = head_only
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._error: Exception | None = None
        self._told_end = False
        self._gone = asyncio.Event()
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    # -- the reader's side -----------------------------------------------------------------------------------------

    async def head(self) -> None:
        """Wait for the status and the headers."""
        while not self.status:
            if self._error is not None:
                raise self._error
            self._changed.clear()
            await self._changed.wait()

    def take(self) -> bytes:
        """What has arrived and was not read yet."""
        data = b"".join(self._chunks)
        self._chunks.clear()
        self._size = 0
        self._room.set()
        return data

    async def read(self) -> bytes:
        """Wait for the next piece of the body; b"" at its end."""
        while not self._chunks:
            if self.complete:
                return b""
            if self._error is not None:
                raise self._error
            self._changed.clear()
            await self._changed.wait()
        return self.take()

    def close(self) -> None:
        """Give up: the application hears that its client left."""
        self._gone.set()
        self._room.set()
        if not self.complete and self._error is None:
            self._error = UpstreamBroken("the exchange was given up")
        self._changed.set()

    # -- the application's side ------------------------------------------------------------------------------------

    async def run(self, app: Any, scope: dict[str, Any]) -> None:
        """The application's task."""
        try:
            await app(scope, self._receive, self._send)
        except Exception:
            # Services answer their own faults and log them; one that got this far did not.
            if not self.status:
                _log.exception("service_failed_before_answering")
        finally:
            if not self.complete:
                self._error = self._error or UpstreamBroken("the application ended without finishing its answer")
            self._changed.set()

    async def _receive(self) -> dict[str, Any]:
        body = self._request_body
        if body is None:
            if not self._told_end:
                self._told_end = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await self._gone.wait()
            return _ENDED
        try:
            data = await body.read()
        except (ClientGone, BodyRefused) as error:
            if not self.status:
                self._error = error
            self.close()
            return _ENDED
        if self.on_progress is not None:
            self.on_progress()
        if not data:
            self._request_body = None
            self._told_end = True
        return {"type": "http.request", "body": data, "more_body": bool(data)}

    async def _send(self, message: dict[str, Any]) -> None:
        if self._gone.is_set():
            return
        if message["type"] == "http.response.start":
            for name, value in message["headers"]:
                if _BAD_NAME.search(name) or _BAD_VALUE.search(value):
                    raise RuntimeError("a header carries a character that has no place in it")
            self.headers = [(bytes(name).lower(), bytes(value)) for name, value in message["headers"]]
            self._head_only = self._head_only or message["status"] in (204, 304)
            self.status = message["status"]
            self._changed.set()
            return
        data = message.get("body", b"")
        if data and not self._head_only:
            self._chunks.append(bytes(data))
            self._size += len(data)
        self.complete = not message.get("more_body", False)
        self._changed.set()
        if self._size > HIGH_WATER:
            self._room.clear()
            await self._room.wait()
