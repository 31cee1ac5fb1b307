"""How often an API key may ask."""

from gateway.limits import KeyRates


class Watch:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def _rates(size: int = 100) -> tuple[KeyRates, Watch]:
    watch = Watch()
    return KeyRates(watch, size=size), watch


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
