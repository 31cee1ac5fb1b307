"""One line a request: access log and metrics. Never a query string, never a name, never a secret."""

import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import orjson
from prometheus_client import Counter, Histogram

REQUESTS = Counter("hall_gateway_requests", "Requests answered by the gateway.", ("service", "status"))
SECONDS = Histogram(
    "hall_gateway_request_seconds",
    "Time until the last byte was handed over.",
    ("service",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
CLIENT_GONE = 499
"""Logged when the client left before the answer was complete (nginx's number for it); never sent."""

_RANDOM = random.SystemRandom()
_ids = random.Random(_RANDOM.getrandbits(128))  # noqa: S311 - trace ids have to be distinct, not secret


def new_trace_id() -> str:
    """32 hexadecimal digits."""
    return f"{_ids.getrandbits(128) or 1:032x}"


def new_span_id() -> str:
    """16 hexadecimal digits."""
    return f"{_ids.getrandbits(64) or 1:016x}"


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


class AccessLog:
    """Counts every request and writes its line.

    Lines are gathered and written a few times a second: a write per request costs more than everything else here.
    """

    def __init__(self, *, enabled: bool, write: Callable[[bytes], object] | None = None) -> None:
        self._enabled = enabled
        self._write = write or _to_stdout
        self._lines: list[bytes] = []
        self._counters: dict[tuple[str, int], Callable[[], None]] = {}
        self._timers: dict[str, Callable[[float], None]] = {}

    def add(self, entry: Entry, seconds: float) -> None:
        """A request is over."""
        key = (entry.service, entry.status)
        count = self._counters.get(key)
        if count is None:
            count = self._counters[key] = REQUESTS.labels(entry.service, str(entry.status)).inc
            self._timers.setdefault(entry.service, SECONDS.labels(entry.service).observe)
        count()
        self._timers[entry.service](seconds)
        if not self._enabled:
            return
        line: dict[str, object] = {
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "level": "info",
            "service": "gateway",
            "event": "request",
            "method": entry.method,
            "path": entry.path,
            "upstream": entry.service,
            "status": entry.status,
            "ms": round(seconds * 1000, 1),
            "bytes": entry.bytes_out,
            "trace_id": entry.trace_id,
        }
        if entry.account_id:
            line["account_id"] = entry.account_id
        if entry.problem:
            line["problem"] = entry.problem
        if entry.broken:
            line["level"] = "warning"
            line["broken"] = entry.broken
        self._lines.append(orjson.dumps(line, default=str, option=orjson.OPT_APPEND_NEWLINE))
        if len(self._lines) >= 512:
            self.flush()

    def flush(self) -> None:
        """Write what is gathered."""
        if self._lines:
            lines, self._lines = self._lines, []
            self._write(b"".join(lines))


def _to_stdout(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
