"""Which months a coverage owes, and which news about it counts."""

import pytest

from contracts.values.month import Month
from employer.roster.rules import News, is_late, judge, months_owed, stop_month

SINCE, THROUGH = Month(2025, 1), Month(2026, 3)


def months(*texts: str) -> tuple[Month, ...]:
    return tuple(Month.parse(text) for text in texts)


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        pytest.param("2026-01", None, ("2026-01", "2026-02", "2026-03"), id="from-its-start-on"),
        pytest.param("2026-03", None, ("2026-03",), id="starts-in-the-last-month"),
        pytest.param("2026-04", None, (), id="starts-later"),
        # domain.md §5.4: the stop month itself is not owed
        pytest.param("2026-01", "2026-03", ("2026-01", "2026-02"), id="to-the-month-before-its-stop"),
        pytest.param("2026-01", "2026-02", ("2026-01",), id="one-month-only"),
        pytest.param("2026-03", "2026-03", (), id="removed-in-its-first-month"),
        pytest.param("2025-12", "2026-02", ("2025-12", "2026-01"), id="over-the-year"),
        pytest.param("2026-02", "2026-09", ("2026-02", "2026-03"), id="stops-after-what-is-asked"),
    ],
)
def test_months_owed(start: str, stop: str | None, expected: tuple[str, ...]) -> None:
    last = None if stop is None else Month.parse(stop)
    assert months_owed(Month.parse(start), last, since=SINCE, through=THROUGH) == months(*expected)


def test_months_before_the_hall_bills_the_unit_are_not_owed_here() -> None:
    owed = months_owed(Month(2019, 5), None, since=Month(2026, 2), through=THROUGH)
    assert owed == months("2026-02", "2026-03")


@pytest.mark.parametrize(
    ("start", "billed_from", "late"),
    [
        pytest.param("2026-04", "2025-01", False, id="the-month-after"),
        pytest.param("2026-03", "2025-01", True, id="the-month-that-was-assessed-last"),
        pytest.param("2025-02", "2025-01", True, id="long-ago"),
        pytest.param("2019-05", "2026-04", False, id="before-the-unit-was-billed-here"),
    ],
)
def test_a_coverage_is_late_when_its_months_were_assessed_without_it(start: str, billed_from: str, late: bool) -> None:
    found = is_late(Month.parse(start), billed_from=Month.parse(billed_from), assessed_through=THROUGH)
    assert found is late


@pytest.mark.parametrize(
    ("version", "known", "verdict"),
    [(1, 0, News.NEXT), (2, 1, News.NEXT), (1, 1, News.OLD), (1, 5, News.OLD), (2, 0, News.EARLY), (4, 2, News.EARLY)],
)
def test_versions_follow_on_each_other(version: int, known: int, verdict: News) -> None:
    assert judge(version, known=known) is verdict


def test_a_coverage_that_never_started_stops_as_it_starts() -> None:
    start = Month(2026, 4)
    assert stop_month(start, Month(2026, 3), never_started=True) == start
    assert stop_month(start, Month(2026, 3), never_started=False) == start
    assert stop_month(start, Month(2026, 6), never_started=False) == Month(2026, 6)
