"""The circuit breaker."""

import pytest

from gateway.breaker import Breaker
from gateway.upstream import UpstreamOpen


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(clock, threshold=3, rest=2.0)


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.enter()
        breaker.failed()


def test_opens_after_failures_in_a_row_only(breaker: Breaker) -> None:
    fail(breaker, 2)
    breaker.enter()
    breaker.succeeded()
    fail(breaker, 2)
    breaker.enter()
    breaker.failed()
    assert breaker.state == "open"
    with pytest.raises(UpstreamOpen):
        breaker.enter()


def test_half_open_lets_one_through(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now = 2.1
    assert breaker.state == "half-open"
    breaker.enter()
    with pytest.raises(UpstreamOpen):
        breaker.enter()
    breaker.succeeded()
    assert breaker.state == "closed"
    breaker.enter()


def test_failed_probe_opens_again(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now = 2.1
    breaker.enter()
    breaker.failed()
    clock.now = 4.0
    with pytest.raises(UpstreamOpen):
        breaker.enter()
    clock.now = 4.2
    breaker.enter()


def test_probe_whose_client_left_makes_room_for_the_next(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now = 2.1
    breaker.enter()
    breaker.abandoned()
    breaker.enter()
