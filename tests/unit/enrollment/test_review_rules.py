"""The review desk: who may decide, what the checks find."""

from datetime import date
from typing import Any

import pytest

from contracts.values.month import Month
from enrollment.additions.rules import Declared, read_addition
from enrollment.coverage.rules import AlreadyInsuredElsewhere, Presence
from enrollment.employers.rules import OnlineDeclarationClosed, Unit, UnitClosed, UnitNotRegistered, check_may_declare
from enrollment.reviews.rules import OwnApplication, all_pass, check_may_decide, findings_of_addition
from servicekit.ids import uuid7
from servicekit.refusals import Refusal
from tests.unit.enrollment.forms import DICTIONARY, TODAY, insurance, person


def _declared(*, born: str = "1990-03-07", **changes: str) -> Declared:
    declared, faults = read_addition(
        person(id_type="08", id_number="E1234567", birth_date=born),
        insurance(**changes),
        today=TODAY,
        dictionary=DICTIONARY,
    )
    assert declared is not None, faults
    return declared


def _codes(declared: Declared, **given: Any) -> set[str]:
    facts: dict[str, Any] = {
        "present": "none",
        "refusal": None,
        "today": TODAY,
        "current": Month.of(TODAY),
        "mobile_shared_by": 0,
    }
    found = findings_of_addition(declared, **(facts | given))
    assert all_pass(found) is all(finding.level == "ok" for finding in found)
    return {finding.code for finding in found if finding.level != "ok"}


def test_nothing_to_say() -> None:
    assert _codes(_declared()) == set()


@pytest.mark.parametrize(
    ("present", "reason", "found"),
    [
        ("flexible", "05", set()),
        ("none", "05", {"reason_unusual"}),
        ("resident", "01", {"reason_unusual"}),
        ("flexible", "01", {"reason_unusual"}),
    ],
)
def test_reason_against_present_coverage(present: Presence, reason: str, found: set[str]) -> None:
    assert _codes(_declared(reason=reason), present=present) == found


def test_each_warning() -> None:
    assert _codes(_declared(), refusal=AlreadyInsuredElsewhere()) == {"already_insured_elsewhere"}
    assert _codes(_declared(), current=Month(2026, 4)) == {"late_review"}
    assert _codes(_declared(), mobile_shared_by=2) == {"mobile_shared"}
    assert _codes(_declared(born="1966-03-10")) == {"retirement_age"}
    assert _codes(_declared(born="1966-03-11"), today=date(2026, 3, 10)) == set()


def test_nobody_decides_their_own() -> None:
    account = uuid7()
    check_may_decide(reviewer=uuid7(), submitted_by=account)
    with pytest.raises(OwnApplication):
        check_may_decide(reviewer=account, submitted_by=account)


def _unit(*, online_declaration: bool = True, open: bool = True) -> Unit:
    return Unit("330200000000000101", "单位", "10", online_declaration, ("310",), open)


@pytest.mark.parametrize(
    ("unit", "refusal"),
    [
        (None, UnitNotRegistered),
        (_unit(open=False), UnitClosed),
        (_unit(online_declaration=False), OnlineDeclarationClosed),
    ],
)
def test_units_that_may_not_declare(unit: Unit | None, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        check_may_declare(unit)


def test_unit_that_may_declare() -> None:
    assert check_may_declare(_unit()) == _unit()
