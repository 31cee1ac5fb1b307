"""How often an API key may ask."""

import asyncio

from gateway.limits import KeyRates, OwnKeyRates


class Watch:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def _rates(size: int = 100) -> tuple[OwnKeyRates, Watch]:
    watch = Watch()
    return OwnKeyRates(watch, size=size), watch


def test_a_minutes_worth_at_once_and_then_evenly() -> None:
    rates, watch = _rates()
    assert [rates.take("key", 60) for _ in range(60)] == [0] * 60
    assert rates.take("key", 60) == 1
    watch.now += 1
    assert rates.take("key", 60) == 0
    assert rates.take("key", 60) == 1
    watch.now += 600
    assert [rates.take("key", 60) for _ in range(61)] == [0] * 60 + [1]  # never more than a minute's worth


def test_who_comes_back_when_told_is_let_in() -> None:
    for per_minute in (1, 2, 7, 45, 60, 120, 6000):
        rates, watch = _rates()
        while not (wait := rates.take("key", per_minute)):
            pass
        watch.now += wait
        assert rates.take("key", per_minute) == 0, per_minute


def test_being_refused_costs_nothing() -> None:
    rates, watch = _rates()
    assert rates.take("key", 1) == 0
    for _ in range(100):
        watch.now += 0.5
        assert rates.take("key", 1) > 0
    watch.now += 10
    assert rates.take("key", 1) == 0


def test_each_key_for_itself() -> None:
    rates, _ = _rates()
    assert rates.take("one", 1) == 0
    assert rates.take("one", 1) == 60
    assert rates.take("two", 1) == 0


def test_a_lower_limit_counts_at_once() -> None:
    rates, _ = _rates()
    rates.take("key", 1000)
    assert [rates.take("key", 2) for _ in range(3)] == [0, 0, 30]


def test_memory_is_bounded_and_the_longest_unused_goes_first() -> None:
    rates, _ = _rates(size=2)
    for key in ("one", "two", "one", "three"):
        rates.take(key, 2)
    assert rates.take("one", 2) == 60 / 2  # still known: both used
    assert rates.take("two", 2) == 0  # forgotten, so it begins anew


TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Counter:
    """Identity: so many requests are left, given out in portions of three."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.asked = 0
        self.away = False
        self.called = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, key_id: str, traceparent: bytes) -> tuple[int, int] | None:
        """The next portion."""
        self.asked += 1
        self.called.set()
        await self.gate.wait()
        if self.away:
            return None
        given = min(3, self.left)
        self.left -= given
        return (given, 0) if given else (0, 20)


async def _taken(rates: KeyRates, times: int, per_minute: int = 60) -> list[int]:
    return [await rates.take("key", per_minute, TRACE) for _ in range(times)]


async def test_two_gateways_let_through_what_one_may() -> None:
    counter, watch = Counter(left=10), Watch()
    one, other = KeyRates(counter, watch, size=9), KeyRates(counter, watch, size=9)
    waits = [await rates.take("key", 60, TRACE) for _ in range(10) for rates in (one, other)]
    assert waits.count(0) == 10
    assert set(waits) == {0, 20}


async def test_a_portion_is_used_up_before_the_next_is_asked_for() -> None:
    counter, watch = Counter(left=7), Watch()
    rates = KeyRates(counter, watch, size=9)
    assert await _taken(rates, 7) == [0] * 7
    assert counter.asked == 3
    assert await _taken(rates, 5) == [20] * 5
    assert counter.asked == 4  # nobody asks again before it is worth it
    watch.now += 15
    assert await _taken(rates, 1) == [5]
    counter.left, watch.now = 2, watch.now + 5
    assert await _taken(rates, 3) == [0, 0, 20]


async def test_many_at_once_ask_once_and_each_counts() -> None:
    counter = Counter(left=8)
    counter.gate.clear()
    rates = KeyRates(counter, Watch(), size=9)
    takers = [asyncio.create_task(rates.take("key", 60, TRACE)) for _ in range(20)]
    await counter.called.wait()
    takers[0].cancel()  # a client that leaves does not fail the others
    await asyncio.sleep(0)
    counter.gate.set()
    waits = await asyncio.gather(*takers[1:])
    assert waits.count(0) == 8
    assert counter.asked == 4


async def test_while_nobody_counts_for_all_each_counts_alone() -> None:
    counter, watch = Counter(left=1), Watch()
    rates = KeyRates(counter, watch, size=9)
    counter.away = True
    assert await _taken(rates, 4, per_minute=2) == [0, 0, 30, 30]
    counter.away = False
    assert await _taken(rates, 2, per_minute=2) == [0, 20]


async def test_the_portions_that_are_remembered_are_bounded() -> None:
    counter = Counter(left=99)
    rates = KeyRates(counter, Watch(), size=2)
    for key in ("one", "two", "three", "one"):
        assert await rates.take(key, 60, TRACE) == 0
    assert counter.asked == 4
