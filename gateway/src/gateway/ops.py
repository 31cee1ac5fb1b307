"""Metrics on a port of their own, which is not published."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Protocol

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.access import RequestMetrics

_STATES = {"closed": 0, "half-open": 1, "open": 2}


class Watched(Protocol):
    """What is measured of the gateway besides its requests."""

    @property
    def proxy(self) -> Any:
        """Has `under_way`."""
        ...

    @property
    def swaps(self) -> Any:
        """Has a length."""
        ...

    def breakers(self) -> Mapping[str, str]:
        """State of each upstream's circuit breaker."""
        ...


class _State(Collector):
    """The gateway's own state at the moment of the question."""

    def __init__(self, gateway: Watched) -> None:
        self._gateway = gateway

    def collect(self) -> Iterator[Metric]:
        """prometheus_client: the numbers now."""
        under_way = GaugeMetricFamily("hall_gateway_requests_under_way", "Requests being answered.")
        under_way.add_metric((), self._gateway.proxy.under_way)
        yield under_way
        swaps = GaugeMetricFamily("hall_gateway_cached_swaps", "Sessions and keys whose token is cached.")
        swaps.add_metric((), len(self._gateway.swaps))
        yield swaps
        breakers = GaugeMetricFamily("hall_gateway_breaker", "0 closed, 1 half-open, 2 open.", labels=("upstream",))
        for name, state in self._gateway.breakers().items():
            breakers.add_metric((name,), _STATES[state])
        yield breakers


@contextlib.asynccontextmanager
async def serving(
    gateway: Watched,
    requests: RequestMetrics,
    port: int,
    *,
    host: str = "0.0.0.0",  # noqa: S104 - scraped from outside
) -> AsyncIterator[None]:
    """Answer `GET /metrics` while the context lasts."""
    collectors: list[Collector] = [requests, _State(gateway)]

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        found = scope["path"] == "/metrics"
        body = generate_latest(REGISTRY) if found else b""
        headers = [(b"content-type", CONTENT_TYPE_LATEST.encode()), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200 if found else 404, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    listening = socket.create_server((host, port))  # here and now, so that a port in use stops the start
    for collector in collectors:
        REGISTRY.register(collector)
    config = uvicorn.Config(app, host=host, port=port, lifespan="off", access_log=False, log_config=None)
    server = uvicorn.Server(config)
    # `serve` would take the process's signals for itself.
    task = asyncio.create_task(server._serve([listening]), name="metrics")
    try:
        yield
    finally:
        server.should_exit = True
        await task
        for collector in collectors:
            REGISTRY.unregister(collector)
