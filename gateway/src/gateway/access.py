"""One line a request: access log and metrics. Never a query string, never a name, never a secret."""

import random
import re
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import accumulate
from urllib.parse import unquote

import orjson
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from servicekit import redaction

CLIENT_GONE = 499
"""Logged when the client left before the answer was complete (nginx's number for it); never sent."""

_MAY_BE_PERSONAL = re.compile(r"[0-9][0-9 -]{9,}[0-9Xx]")
_RANDOM = random.SystemRandom()
_ids = random.Random(_RANDOM.getrandbits(128))  # noqa: S311 - trace ids have to be distinct, not secret


def new_trace_id() -> str:
    """32 hexadecimal digits."""
    return f"{_ids.getrandbits(128) or 1:032x}"


def new_span_id() -> str:
    """16 hexadecimal digits."""
    return f"{_ids.getrandbits(64) or 1:016x}"


def loggable(path: str) -> str:
    """A path without ID numbers and mobiles: they don't belong into one, but programs and people put them there."""
    plain = unquote(path) if "%" in path else path
    return redaction.text(plain, identifier=True) if _MAY_BE_PERSONAL.search(plain) else path


class Entry:
    """What is known of a request when it is over."""

    __slots__ = (
        "account_id",
        "broken",
        "bytes_out",
        "method",
        "path",
        "problem",
        "service",
        "started",
        "status",
        "trace_id",
    )

    def __init__(self, method: str, path: str, started: float) -> None:
        self.method = method
        self.path = path
        self.started = started
        self.trace_id = ""
        self.service = ""
        self.status = 0
        self.bytes_out = 0
        self.account_id = ""
        self.problem = ""
        self.broken = ""
        """Why the answer broke off half-way, when it did."""


class RequestMetrics(Collector):
    """Requests by service and status, and how long they took. Plain numbers: prometheus_client locks at every step."""

    BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

    def __init__(self) -> None:
        self._counts: dict[tuple[str, int], int] = {}
        self._buckets: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}

    def add(self, service: str, status: int, seconds: float) -> None:
        """A request is over."""
        key = (service, status)
        self._counts[key] = self._counts.get(key, 0) + 1
        buckets = self._buckets.get(service)
        if buckets is None:
            buckets = self._buckets[service] = [0] * (len(self.BUCKETS) + 1)
            self._sums[service] = 0.0
        buckets[bisect_left(self.BUCKETS, seconds)] += 1
        self._sums[service] += seconds

    def collect(self) -> Iterator[Metric]:
        """prometheus_client: the numbers now."""
        requests = CounterMetricFamily(
            "hall_gateway_requests", "Requests answered by the gateway.", labels=("service", "status")
        )
        for (service, status), count in list(self._counts.items()):
            requests.add_metric((service, str(status)), count)
        yield requests
        seconds = HistogramMetricFamily(
            "hall_gateway_request_seconds", "Time until the last byte was handed over.", labels=("service",)
        )
        names = [*map(str, self.BUCKETS), "+Inf"]
        for service, buckets in list(self._buckets.items()):
            seconds.add_metric((service,), list(zip(names, accumulate(buckets), strict=True)), self._sums[service])
        yield seconds


class AccessLog:
    """Counts every request and writes its line.

    Lines are gathered and written a few times a second: a write per request costs more than everything else here.
    """

    def __init__(self, *, enabled: bool, write: Callable[[bytes], object] | None = None) -> None:
        self.metrics = RequestMetrics()
        self._enabled = enabled
        self._write = write or _to_stdout
        self._lines: list[bytes] = []
        self._second = -1
        self._prefix = ""

    def add(self, entry: Entry, seconds: float) -> None:
        """A request is over."""
        self.metrics.add(entry.service, entry.status, seconds)
        if not self._enabled:
            return
        self._lines.append(
            orjson.dumps(
                {
                    "timestamp": self._now(),
                    "level": "warning" if entry.broken else "info",
                    "service": "gateway",
                    "event": "request",
                    "method": entry.method,
                    "path": loggable(entry.path),
                    "upstream": entry.service,
                    "status": entry.status,
                    "ms": round(seconds * 1000, 1),
                    "bytes": entry.bytes_out,
                    "trace_id": entry.trace_id,
                    "account_id": entry.account_id,
                    "problem": entry.problem,
                    "broken": entry.broken,
                },
                option=orjson.OPT_APPEND_NEWLINE,
            )
        )
        if len(self._lines) >= 512:
            self.flush()

    def _now(self) -> str:
        """The time in UTC with milliseconds; everything but those is made once a second."""
        now = time.time()
        second = int(now)
        if second != self._second:
            self._second = second
            self._prefix = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.")
        return f"{self._prefix}{int((now - second) * 1000):03d}Z"

    def flush(self) -> None:
        """Write what is gathered."""
        if self._lines:
            lines, self._lines = self._lines, []
            self._write(b"".join(lines))


def _to_stdout(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
