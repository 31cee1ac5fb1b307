"""The gateway as an ASGI application: who answers what, and what lives as long as the process."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import orjson
import structlog

from gateway import ops, security
from gateway.access import CLIENT_GONE, AccessLog, Entry
from gateway.docs import ApiDocument, DocsPage
from gateway.limits import KeyRates
from gateway.news import listening
from gateway.pages import Asset, Pages
from gateway.proxy import Proxy
from gateway.sessions import SwapCache, SwapClient
from gateway.settings import GatewaySettings
from gateway.upstream import Upstream
from servicekit.bus.protocol import Transport

FLUSH_SECONDS = 0.25
_log = structlog.get_logger()

Message = dict[str, Any]


class Gateway:
    """Call it as an ASGI application. Made by `build_gateway`."""

    def __init__(
        self,
        settings: GatewaySettings,
        upstreams: Mapping[str, Upstream],
        open_transport: Callable[[], contextlib.AbstractAsyncContextManager[Transport]] | None,
        access_log: AccessLog,
    ) -> None:
        self._settings = settings
        self._upstreams = dict(upstreams)
        self._open_transport = open_transport
        self._log = access_log
        identity = SwapClient(upstreams["identity"], settings.gateway_secret.get_secret_value())
        self.swaps = SwapCache(identity, time.monotonic, lifetime=settings.swap_lifetime, size=settings.swap_entries)
        key_rates = KeyRates(identity.portion, time.monotonic, size=settings.swap_entries)
        self.proxy = Proxy(settings, upstreams, self.swaps, key_rates)
        self._document = ApiDocument(upstreams)
        self._docs = DocsPage()
        self._pages: Pages | None = None
        self._https = settings.profile == "production"
        self._ready = False
        self._stack = contextlib.AsyncExitStack()

    def __call__(self, scope: Message, receive: Any, send: Any) -> Awaitable[None]:
        """ASGI."""
        if scope["type"] == "http":
            return self._http(scope, receive, send)
        if scope["type"] == "lifespan":
            return self._lifespan(receive, send)
        return cast(Awaitable[None], send({"type": "websocket.close", "code": 1000}))

    async def _http(self, scope: Message, receive: Any, send: Any) -> None:
        started = time.perf_counter()
        path: bytes = scope["raw_path"]
        entry = Entry(scope["method"], path.decode("latin-1"), started)
        watch = None if "hall.cancels" in (scope.get("extensions") or ()) else _ClientWatch(scope, receive)
        try:
            if path.startswith(b"/api/"):
                if path.startswith((b"/api/docs", b"/api/openapi.json")):
                    await self._documents(scope, send, entry)
                else:
                    await self.proxy.handle(scope, watch.receive if watch else receive, send, entry)
            elif path in (b"/livez", b"/readyz"):
                await self._health(path, send, entry)
            else:
                await self._static(scope, send, entry)
        except asyncio.CancelledError:
            entry.status = CLIENT_GONE
            if watch is None or not watch.gone:
                raise
        except Exception:
            _log.exception("request_failed", trace_id=entry.trace_id, path=entry.path)
            if entry.status:
                entry.broken = "internal_error"
                raise
            await self.proxy.refuse(send, "internal_error", entry)
        finally:
            if watch is not None:
                watch.stop()
            self._log.add(entry, time.perf_counter() - started)

    async def _documents(self, scope: Message, send: Any, entry: Entry) -> None:
        path: bytes = scope["raw_path"].rstrip(b"/")
        entry.service = "gateway"
        if scope["method"] not in ("GET", "HEAD"):
            await self.proxy.refuse(send, "method_not_allowed", entry)
        elif path == b"/api/openapi.json":
            await self._asset(await self._document.asset(), scope, send, entry)
        elif path == b"/api/docs":
            body, policy = self._docs.page()
            headers = [
                (b"content-type", b"text/html; charset=utf-8"),
                (b"content-length", b"%d" % len(body)),
                (b"cache-control", b"no-store"),
                (b"content-security-policy", policy),
                *security.of_pages(https=self._https),
            ]
            await self._send(send, 200, headers, body, entry)
        elif asset := await self._docs.file(path.removeprefix(b"/api/docs/").decode("latin-1")):
            await self._asset(asset, scope, send, entry)
        else:
            await self.proxy.refuse(send, "not_found", entry)

    async def _asset(self, asset: Asset, scope: Message, send: Any, entry: Entry) -> None:
        status, headers, body = asset.answer(scope["headers"], https=self._https)
        await self._send(send, status, headers, body, entry)

    async def _static(self, scope: Message, send: Any, entry: Entry) -> None:
        entry.service = "pages"
        found = None
        if self._pages is not None:
            found = self._pages.find(scope["raw_path"], scope["headers"], https=self._https)
        if found is None:
            await self.proxy.refuse(send, "not_found", entry)
        elif scope["method"] not in ("GET", "HEAD"):
            await self.proxy.refuse(send, "method_not_allowed", entry, extra=[(b"allow", b"GET, HEAD")])
        else:
            await self._send(send, *found, entry)

    def breakers(self) -> dict[str, str]:
        """State of each upstream's circuit breaker."""
        return {
            name: getattr(getattr(upstream, "breaker", None), "state", "closed")
            for name, upstream in self._upstreams.items()
        }

    async def _health(self, path: bytes, send: Any, entry: Entry) -> None:
        """Ready means: started and not stopping. A service that is away is no reason to take the gateway away too."""
        entry.service = "gateway"
        ok = path == b"/livez" or self._ready
        body = orjson.dumps({"status": "ok" if ok else "stopping", "upstreams": self.breakers()})
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
        ]
        await self._send(send, 200 if ok else 503, headers, body, entry)

    async def _send(
        self, send: Any, status: int, headers: list[tuple[bytes, bytes]], body: bytes, entry: Entry
    ) -> None:
        entry.status = status
        entry.bytes_out = len(body)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    # -- lifespan --------------------------------------------------------------------------------------------------

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        try:
            await self.start()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": f"{type(error).__name__}: {error}"})
            raise
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def start(self) -> None:
        """Read the pages, listen to the bus. For whoever mounts the gateway without a lifespan of its own."""
        folder = self._settings.web_dir
        if folder is not None:
            self._pages = await asyncio.to_thread(Pages, folder)
            self._background(self._pages.compress())
        if self._open_transport is not None:
            transport = await self._stack.enter_async_context(self._open_transport())
            await self._stack.enter_async_context(listening(transport, self.swaps))
        if self._settings.metrics_port is not None:
            await self._stack.enter_async_context(ops.serving(self, self._log.metrics, self._settings.metrics_port))
        self._background(self._flush())
        self._ready = True

    async def stop(self) -> None:
        """Close what `start` opened, and the connections to the services."""
        self._ready = False
        await self._stack.aclose()
        for upstream in self._upstreams.values():
            await upstream.aclose()
        self._log.flush()

    def _background(self, coroutine: Any) -> None:
        task = asyncio.create_task(coroutine)

        async def end() -> None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

        self._stack.push_async_callback(end)

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            self._log.flush()


class _ClientWatch:
    """Under a server that doesn't cancel the task of a client that left: wait for that news beside the work."""

    def __init__(self, scope: Message, receive: Any) -> None:
        self.gone = False
        self._receive = receive
        self._owner = asyncio.current_task()
        self._task: asyncio.Task[None] | None = None
        if not any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"]):
            self._begin()

    async def receive(self) -> Message:
        """The request's body; when it has ended the watch begins."""
        message: Message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            self._begin()
        return message

    def _begin(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._wait())

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        if self._owner is not None:
            self._owner.cancel()

    def stop(self) -> None:
        """The answer is complete."""
        if self._task is not None:
            self._task.cancel()


def build_gateway(
    settings: GatewaySettings,
    upstreams: Mapping[str, Upstream],
    transport: Transport | None = None,
    *,
    open_transport: Callable[[], contextlib.AbstractAsyncContextManager[Transport]] | None = None,
    access_log: AccessLog | None = None,
) -> Gateway:
    """A gateway in front of `upstreams` (by the name in `/api/<name>`; `identity` swaps the credentials).

    The news of ended sessions comes over `transport` (standalone) or one that `open_transport` opens with the lifespan.
    """
    if transport is not None:
        given = transport
        open_transport = lambda: contextlib.nullcontext(given)  # noqa: E731
    return Gateway(settings, upstreams, open_transport, access_log or AccessLog(enabled=settings.access_log))
