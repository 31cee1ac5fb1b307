"""What the proxy needs of an upstream, whatever carries the request there.

Two carriers exist: `gateway.http_upstream` (own HTTP/1.1 client, for separate processes) and
`gateway.inprocess` (another ASGI app in this process, for standalone).
"""

from dataclasses import dataclass
from typing import Protocol

Headers = list[tuple[bytes, bytes]]


class UpstreamError(Exception):
    """The upstream gave no usable answer. `code` names the problem that the client is told."""

    code = "upstream_broken"


class UpstreamUnreachable(UpstreamError):
    """No address of the upstream accepted a connection."""

    code = "upstream_unreachable"


class UpstreamBroken(UpstreamError):
    """The upstream closed the connection, or what it sent was not HTTP."""

    code = "upstream_broken"


class UpstreamTimeout(UpstreamError):
    """A deadline passed: no first byte, or silence in the middle of a body."""

    code = "upstream_timeout"


class UpstreamBusy(UpstreamError):
    """Every connection is in use and the queue for one is full or took too long."""

    code = "upstream_busy"


class UpstreamOpen(UpstreamError):
    """The circuit breaker is open: the upstream failed just now and is left alone for a moment."""

    code = "upstream_unreachable"


class ClientGone(Exception):
    """The client closed its connection before the exchange was over."""


class BodyRefused(Exception):
    """The request body may not be read further: too large, or it came too slowly."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Body(Protocol):
    """A request body as it comes in. `length` is None when it is chunked."""

    length: int | None

    async def read(self) -> bytes:
        """The next piece, b"" at the end. Raises ClientGone or BodyRefused."""
        ...


@dataclass(slots=True)
class UpstreamRequest:
    """One request to an upstream. `target` is the raw path with the query; `headers` carry no framing."""

    method: bytes
    target: bytes
    headers: Headers
    body: Body | None
    replayable: bool
    """May be sent a second time when a kept connection turns out to be dead: idempotent by method or by key."""


class UpstreamResponse(Protocol):
    """An answer whose head has arrived."""

    status: int
    headers: Headers
    complete: bool
    """The whole body has arrived; `take` gives what of it was not read yet."""
    endless: bool
    """Set by the proxy for event streams: silence is then no fault."""

    def take(self) -> bytes:
        """What has arrived and was not read yet; b"" when nothing has."""
        ...

    async def read(self) -> bytes:
        """Wait for the next piece of the body; b"" at its end. Raises UpstreamError when it breaks off."""
        ...

    def close(self) -> None:
        """Give the answer up: nobody wants the rest. Wakes a pending `read`. Harmless when it is complete."""
        ...


class Upstream(Protocol):
    """A service behind the gateway."""

    name: str

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        """Send a request and return when the head of the answer is there. Raises UpstreamError."""
        ...

    async def aclose(self) -> None:
        """Close what is kept open."""
        ...
