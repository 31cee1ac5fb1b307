"""Periods of validity: whatever is placed among them, they never overlap, and what it doesn't cover stays."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.values.month import Month
from employer.rates.periods import Period, placed

JANUARY = Month(2026, 1)


def period(first: int, last: int | None, value: str) -> Period[str]:
    return Period(JANUARY.plus(first), None if last is None else JANUARY.plus(last), value)


def test_a_rate_until_further_notice_ends_where_the_new_one_begins() -> None:
    assert placed([period(0, None, "old")], period(3, None, "new")) == [period(0, 2, "old"), period(3, None, "new")]


def test_a_rate_for_a_while_lets_the_old_one_go_on_behind_it() -> None:
    assert placed([period(0, None, "old")], period(3, 5, "new")) == [
        period(0, 2, "old"),
        period(3, 5, "new"),
        period(6, None, "old"),
    ]


def test_what_lies_inside_gives_way_and_what_lies_beside_stays() -> None:
    known = [period(0, 1, "a"), period(2, 3, "b"), period(4, 5, "c"), period(7, None, "d")]
    assert placed(known, period(1, 4, "new")) == [
        period(0, 0, "a"),
        period(1, 4, "new"),
        period(5, 5, "c"),
        period(7, None, "d"),
    ]


def test_nothing_known_yet() -> None:
    assert placed([], period(0, None, "new")) == [period(0, None, "new")]


_PERIODS = st.builds(
    lambda first, length, value: period(first, None if length is None else first + length, value),
    st.integers(0, 40),
    st.one_of(st.none(), st.integers(0, 20)),
    st.sampled_from("abcdef"),
)


@given(st.lists(_PERIODS, max_size=8))
def test_each_month_has_the_value_that_was_placed_last(news: list[Period[str]]) -> None:
    known: list[Period[str]] = []
    for new in news:
        known = placed(known, new)
    for month in Month.range(JANUARY, JANUARY.plus(70)):
        meant = next((new.value for new in reversed(news) if new.holds_in(month)), None)
        assert [one.value for one in known if one.holds_in(month)] == ([] if meant is None else [meant])
    assert all(one.last is None or one.first <= one.last for one in known)
