"""What a reviewer is told of a removal."""

from datetime import date

import pytest

from contracts.values.month import Month
from enrollment.coverage.rules import NotInsuredHere
from enrollment.removals.rules import RemovalFacts
from enrollment.reviews.removal_rules import findings_of_removal

MARCH, APRIL = Month(2026, 3), Month(2026, 4)


@pytest.mark.parametrize(
    ("reason", "event_date", "current", "codes"),
    [
        ("01", None, MARCH, set()),
        ("01", None, APRIL, {"late_review"}),
        ("04", date(2026, 3, 1), MARCH, {"retirement"}),  # 60 years old
        ("04", date(2020, 1, 1), MARCH, {"retirement", "retirement_age_low"}),  # 53 then
        ("05", date(2026, 3, 1), MARCH, {"death"}),
        ("05", date(2026, 1, 31), MARCH, {"death", "death_told_late"}),
    ],
)
def test_warnings(reason: str, event_date: date | None, current: Month, codes: set[str]) -> None:
    declared = RemovalFacts(reason=reason, stop_month=MARCH, event_date=event_date, remark=None)
    found = findings_of_removal(declared, sex="1", birth_date=date(1966, 2, 1), refusal=None, current=current)
    assert {finding.code for finding in found if finding.level == "warning"} == codes
    assert all(finding.level != "refusal" for finding in found)


def test_what_an_approval_would_run_into() -> None:
    declared = RemovalFacts(reason="01", stop_month=MARCH, event_date=None, remark=None)
    found = findings_of_removal(declared, sex="1", birth_date=date(1990, 1, 1), refusal=NotInsuredHere(), current=MARCH)
    assert [finding.code for finding in found if finding.level == "refusal"] == ["not_insured_here"]
