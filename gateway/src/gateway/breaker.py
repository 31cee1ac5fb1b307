"""Circuit breaker of one upstream: after repeated failures it rests for a moment, then is tried with one request."""

from collections.abc import Callable

from gateway.upstream import UpstreamOpen


class Breaker:
    """Closed → open after `threshold` failures in a row → half-open after `rest` seconds → closed by one success.

    Failures are of transport only (unreachable, broken off, too late). An answer of any status is a success.
    """

    def __init__(self, clock: Callable[[], float], *, threshold: int = 5, rest: float = 2.0) -> None:
        self._clock = clock
        self._threshold = threshold
        self._rest = rest
        self._failures = 0
        self._retry_at = 0.0
        self._probing = False

    @property
    def state(self) -> str:
        """`closed`, `open` or `half-open`, for the readiness answer and the metrics."""
        if self._failures < self._threshold:
            return "closed"
        return "open" if self._clock() < self._retry_at else "half-open"

    def enter(self) -> None:
        """Before a request. Raises UpstreamOpen when it is not to be sent."""
        if self._failures < self._threshold:
            return
        if self._probing or self._clock() < self._retry_at:
            raise UpstreamOpen("the circuit is open")
        self._probing = True

    def succeeded(self) -> None:
        """The upstream answered."""
        self._failures = 0
        self._probing = False

    def failed(self) -> None:
        """The upstream did not answer."""
        self._failures += 1
        self._probing = False
        if self._failures >= self._threshold:
            self._retry_at = self._clock() + self._rest

    def abandoned(self) -> None:
        """The request ended for a reason that says nothing about the upstream (the client left)."""
        self._probing = False
