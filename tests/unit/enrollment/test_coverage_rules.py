"""Who may join, what stops when, which status a month shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.values.month import Month
from enrollment.coverage.rules import (
    AlreadyInsuredElsewhere,
    AlreadyInsuredHere,
    Holder,
    OverlapsFormerCoverage,
    PresentCover,
    check_can_join,
    former_stop_month,
    presence,
    status_in,
)
from servicekit.refusals import Refusal

MARCH = Month(2026, 3)


def cover(holder: Holder, start: str = "2025-01", stop: str | None = None, insurance: str = "310") -> PresentCover:
    return PresentCover(holder, insurance, Month.parse(start), Month.parse(stop) if stop else None)


@pytest.mark.parametrize(
    ("covers", "refusal"),
    [
        ([], None),
        ([cover("this_unit")], AlreadyInsuredHere),
        ([cover("other_unit")], AlreadyInsuredElsewhere),
        ([cover("other_unit", start="2026-04")], AlreadyInsuredElsewhere),
        ([cover("resident", insurance="390")], None),
        ([cover("flexible")], None),
        ([cover("other_unit", stop="2026-03")], None),  # left this month: this month is not owed there
        ([cover("other_unit", stop="2026-04")], OverlapsFormerCoverage),
        ([cover("this_unit", stop="2025-07")], None),
        ([cover("other_unit", start="2026-04", stop="2026-04")], None),  # cancelled before it began
        ([cover("other_unit", insurance="510")], None),  # 310 decides
        ([cover("resident", insurance="390"), cover("other_unit")], AlreadyInsuredElsewhere),
    ],
)
def test_joining(covers: list[PresentCover], refusal: type[Refusal] | None) -> None:
    if refusal is None:
        check_can_join(covers, start=MARCH)
        return
    with pytest.raises(refusal) as said:
        check_can_join(covers, start=MARCH)
    assert said.value.faults


@pytest.mark.parametrize(
    ("covers", "expected"),
    [
        ([], "none"),
        ([cover("other_unit", stop="2026-02")], "none"),
        ([cover("resident", insurance="390")], "resident"),
        ([cover("resident", insurance="390"), cover("flexible")], "flexible"),
        ([cover("flexible", stop="2026-03"), cover("other_unit")], "other_unit"),
        ([cover("this_unit"), cover("resident", insurance="390")], "this_unit"),
    ],
)
def test_presence(covers: list[PresentCover], expected: str) -> None:
    assert presence(covers) == expected


@pytest.mark.parametrize(
    ("former", "new", "stop"),
    [("2025-01", "2026-03", "2026-03"), ("2025-01", "2026-04", "2026-04"), ("2026-05", "2026-03", "2026-05")],
)
def test_former_coverage_stops(former: str, new: str, stop: str) -> None:
    assert str(former_stop_month(former_start=Month.parse(former), new_start=Month.parse(new))) == stop


MONTHS = st.builds(Month, st.integers(2020, 2030), st.integers(1, 12))


@given(former=MONTHS, new=MONTHS)
def test_no_month_is_owed_twice_and_none_is_without_cover(former: Month, new: Month) -> None:
    stop = former_stop_month(former_start=former, new_start=new)
    owed_by_former = {m for m in Month.range(former, former.plus(150)) if m < stop}
    assert all(month < new for month in owed_by_former)
    if former < new:
        covered = owed_by_former | {new}
        assert all(month in covered for month in Month.range(former, new))


@pytest.mark.parametrize(
    ("month", "stop", "reason", "status"),
    [
        ("2026-02", None, None, "0"),
        ("2026-03", None, None, "1"),
        ("2030-01", None, None, "1"),
        ("2026-05", "2026-06", "03", "1"),
        ("2026-06", "2026-06", "03", "1"),  # benefits last to the end of the stop month
        ("2026-07", "2026-06", "03", "2"),
        ("2026-07", "2026-06", "05", "4"),
        ("2026-03", "2026-03", "03", "2"),  # cancelled
        ("2026-02", "2026-03", None, "2"),
    ],
)
def test_status(month: str, stop: str | None, reason: str | None, status: str) -> None:
    stopped = Month.parse(stop) if stop else None
    assert status_in(Month.parse(month), start=MARCH, stop=stopped, stop_reason=reason) == status
