"""Calls to identity providers: short, small, to the address they were meant for, and without a trace in any log.

A provider is another's machine. However it behaves, a request of ours ends within the deadline, reads a bounded answer,
follows no redirect (tickets and secrets travel in the body), and tells whoever waits in one of two refusals.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import structlog

from identity.sso.rules import ProviderAway, ProviderFault
from servicekit.tracing import outgoing_headers

DEADLINE = 8.0
"""Seconds for a whole call: somebody is looking at a blank page meanwhile."""
MOST_BYTES = 256 * 1024
_TIMEOUT = httpx.Timeout(5.0, connect=3.0, pool=1.0)
_LIMITS = httpx.Limits(max_connections=20, max_keepalive_connections=5)
"""So many calls to all providers at a time and process; more wait a second, then hear that the provider is away."""

log = structlog.get_logger(__name__)


class AnswerTooLarge(httpx.TransportError):
    """The answer is larger than anything a provider has to say."""


class _Counted(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream, most: int) -> None:
        self._stream = stream
        self._left = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._left -= len(chunk)
            if self._left < 0:
                raise AnswerTooLarge("the answer is too large")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class BoundedTransport(httpx.AsyncBaseTransport):
    """Another transport, of whose answers no more than `most` bytes are read. Compressed ones are refused: a small one
    may unpack to anything."""

    def __init__(self, inner: httpx.AsyncBaseTransport, most: int = MOST_BYTES) -> None:
        self._inner = inner
        self._most = most

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request."""
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            await response.aclose()
            raise AnswerTooLarge("the answer is compressed, though none was asked for")
        stream = response.stream
        assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101 - an asynchronous transport answers with these
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=_Counted(stream, self._most),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Closes the inner one."""
        await self._inner.aclose()


@asynccontextmanager
async def open_caller(transport: httpx.AsyncBaseTransport | None, proxy: str | None) -> AsyncIterator["Caller"]:
    """What calls providers: over `transport` if given, else over the network, through `proxy` if there is one."""
    inner = transport or httpx.AsyncHTTPTransport(limits=_LIMITS, proxy=proxy)
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    async with httpx.AsyncClient(
        transport=BoundedTransport(inner), timeout=_TIMEOUT, headers=headers, follow_redirects=False
    ) as client:
        yield Caller(client)


class Caller:
    """Calls a provider and reads its JSON."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def get(self, provider: str, url: str, *, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object that a GET answers. Raises as `call`."""
        return await self._answer(provider, "GET", url, headers=dict(headers or {}))

    async def post(
        self,
        provider: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
        refused: tuple[int, ...] = (),
    ) -> dict[str, Any]:
        """The JSON object that a POST answers, also with one of the `refused` statuses.

        Raises:
            ProviderAway: no connection, no answer in time, or the provider's own failure.
            ProviderFault: an answer that can't be one: too large, a redirect, no JSON object.
        """
        return await self._answer(
            provider, "POST", url, data=form, content=body, headers=dict(headers or {}), auth=auth, refused=refused
        )

    async def _answer(
        self, provider: str, method: str, url: str, *, refused: tuple[int, ...] = (), **sent: Any
    ) -> dict[str, Any]:
        sent["headers"] = {**outgoing_headers(), **sent["headers"]}
        try:
            async with asyncio.timeout(DEADLINE):
                answer = await self._client.request(method, url, **{k: v for k, v in sent.items() if v is not None})
        except AnswerTooLarge as fault:
            raise _fault(provider, "too_large") from fault
        except (httpx.TransportError, TimeoutError, OSError) as fault:
            log.warning("identity provider is away", provider=provider, error=type(fault).__name__)
            raise ProviderAway from fault
        except httpx.HTTPError as fault:
            raise _fault(provider, type(fault).__name__) from fault
        if answer.status_code >= 500 or answer.status_code == 429:
            log.warning("identity provider is away", provider=provider, status=answer.status_code)
            raise ProviderAway
        if answer.status_code != 200 and answer.status_code not in refused:
            raise _fault(provider, f"status_{answer.status_code}")
        try:
            read = answer.json()
        except (ValueError, RecursionError) as fault:
            raise _fault(provider, "no_json") from fault
        if not isinstance(read, dict):
            raise _fault(provider, "no_object")
        return read


def _fault(provider: str, reason: str) -> ProviderFault:
    log.warning("identity provider answers otherwise than agreed", provider=provider, reason=reason)
    return ProviderFault()
