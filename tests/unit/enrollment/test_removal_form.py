"""减员: what may be entered, and which month stops."""

from datetime import date
from typing import Any

import pytest

from contracts.values.month import Month
from enrollment.removals.rules import Leaver, RemovalFacts, read_removal, stop_month_of
from tests.unit.enrollment.forms import DICTIONARY, TODAY, removal

BORN = date(1990, 3, 7)


def _faults(fields: dict[str, str | None], *, start: str = "2025-06") -> dict[str, str]:
    known = Leaver(birth_date=BORN, start_month=Month.parse(start))
    facts, faults = read_removal(fields, pointer="/removal", today=TODAY, dictionary=DICTIONARY, leaver=known)
    assert (facts is None) == bool(faults)
    return {fault.pointer: fault.code for fault in faults}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, None),
        ({"reason": None}, ("reason", "required")),
        ({"reason": "10"}, ("reason", "unknown_code")),
        ({"stop_month": None}, ("stop_month", "required")),
        ({"stop_month": "2026-02"}, ("stop_month", "stop_month_not_open")),
        ({"stop_month": "2026-04"}, ("stop_month", "stop_month_not_open")),
        ({"stop_month": "202603"}, ("stop_month", "month_form")),
        ({"reason": "04"}, ("event_date", "required")),
        ({"reason": "05"}, ("event_date", "required")),
        ({"reason": "05", "event_date": "2026-02-30"}, ("event_date", "date_form")),
        ({"reason": "04", "event_date": "2026-03-10"}, None),  # today
        ({"reason": "04", "event_date": "2026-03-11"}, ("event_date", "event_date_in_future")),
        ({"reason": "05", "event_date": "2025-06-01"}, None),  # the first day of the coverage
        ({"reason": "05", "event_date": "2025-05-31"}, ("event_date", "event_date_before_start")),
        ({"reason": "05", "event_date": "1990-03-06"}, ("event_date", "event_date_before_birth")),
        ({"reason": "03", "event_date": "2026-03-02"}, None),  # may be told of any reason
        ({"reason": "03", "event_date": "2026-04-02"}, ("event_date", "event_date_in_future")),
        ({"reason": "09"}, ("remark", "required")),
        ({"reason": "09", "remark": "  "}, ("remark", "required")),
        ({"reason": "09", "remark": "借调期满"}, None),
        ({"remark": "字" * 501}, ("remark", "too_long")),
    ],
)
def test_fields(changes: dict[str, Any], fault: tuple[str, str] | None) -> None:
    expected = {} if fault is None else {f"/removal/{fault[0]}": fault[1]}
    assert _faults(removal(**changes)) == expected


def test_every_fault_at_once() -> None:
    assert _faults(removal(reason=None, stop_month="2026-05", event_date="soon", remark="字" * 501)) == {
        "/removal/reason": "required",
        "/removal/stop_month": "stop_month_not_open",
        "/removal/event_date": "date_form",
        "/removal/remark": "too_long",
    }


def test_a_start_of_next_month_does_not_hide_a_death_of_this_one() -> None:
    assert _faults(removal(reason="05", event_date="2026-03-02"), start="2026-04") == {}
    assert _faults(removal(reason="05", event_date="2026-02-28"), start="2026-04") != {}


def test_somebody_unknown_is_read_without_their_dates() -> None:
    facts, faults = read_removal(
        removal(reason="05", event_date="1980-01-01"),
        pointer="/removal",
        today=TODAY,
        dictionary=DICTIONARY,
        leaver=None,
    )
    assert (facts is not None, faults) == (True, [])


@pytest.mark.parametrize(
    ("reason", "event_date", "stop"),
    [
        ("01", None, "2026-03"),
        ("03", date(2026, 1, 5), "2026-03"),  # a date told of another reason moves nothing
        ("04", date(2026, 2, 28), "2026-03"),  # a pension told late: the stop month is the current one all the same
        ("05", date(2026, 3, 1), "2026-03"),
        ("05", date(2026, 2, 28), "2026-02"),  # a death told late ends the coverage in its month
        ("05", date(2025, 12, 31), "2025-12"),
    ],
)
def test_stop_month(reason: str, event_date: date | None, stop: str) -> None:
    facts = RemovalFacts(reason=reason, stop_month=Month(2026, 3), event_date=event_date, remark=None)
    assert stop_month_of(facts) == Month.parse(stop)
