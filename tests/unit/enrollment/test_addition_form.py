"""人员参保信息 and the whole 增员 form: months, money, contracts, age."""

from datetime import date
from decimal import Decimal

import pytest

from contracts.values.month import Month
from enrollment.additions.rules import (
    of_settled,
    open_months,
    outlook,
    read_addition,
    read_insurance,
    settled,
    suggested_reason,
)
from enrollment.coverage.rules import Presence
from tests.unit.enrollment.forms import DICTIONARY, TODAY, insurance, person


def _faults(**changes: str | None) -> dict[str, str]:
    facts, faults = read_insurance(insurance(**changes), pointer="", today=TODAY, dictionary=DICTIONARY)
    assert (facts is None) is bool(faults)
    return {fault.pointer.removeprefix("/"): fault.code for fault in faults}


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({}, {}),
        ({"start_month": "2026-04"}, {}),
        ({"start_month": "2026-02"}, {"start_month": "start_month_not_open"}),
        ({"start_month": "2026-05"}, {"start_month": "start_month_not_open"}),
        ({"start_month": "2027-03"}, {"start_month": "start_month_not_open"}),
        ({"start_month": "202603"}, {"start_month": "month_form"}),
        ({"start_month": "2026-13"}, {"start_month": "month_form"}),
        ({"start_month": None}, {"start_month": "required"}),
        ({"reason": "9"}, {"reason": "unknown_code"}),
        ({"person_category": "1103"}, {"person_category": "not_an_employee"}),
        ({"person_category": "1201"}, {}),
        ({"monthly_wage": "0.01"}, {}),
        ({"monthly_wage": "8500"}, {}),
        ({"monthly_wage": "8500.5"}, {}),
        ({"monthly_wage": "999999999.99"}, {}),
        ({"monthly_wage": "0"}, {"monthly_wage": "money_too_small"}),
        ({"monthly_wage": "0.00"}, {"monthly_wage": "money_too_small"}),
        ({"monthly_wage": "-1"}, {"monthly_wage": "money_form"}),
        ({"monthly_wage": "8500.001"}, {"monthly_wage": "money_decimals"}),
        ({"monthly_wage": "8,500"}, {"monthly_wage": "money_form"}),
        ({"monthly_wage": "1e3"}, {"monthly_wage": "money_form"}),
        ({"monthly_wage": "1000000000"}, {"monthly_wage": "money_form"}),
        ({"monthly_wage": "NaN"}, {"monthly_wage": "money_form"}),
        ({"monthly_wage": ""}, {"monthly_wage": "required"}),
        ({"contract_start": "2026-03-01", "contract_end": "2026-03-01"}, {}),
        (
            {"contract_start": "2026-03-02", "contract_end": "2026-03-01"},
            {"contract_end": "contract_ends_before_start"},
        ),
        ({"contract_start": "2025-03-01", "contract_end": "2026-02-28"}, {"contract_end": "contract_ended"}),
        ({"contract_end": "2026-03-01"}, {}),
        ({"position": "x" * 51}, {"position": "too_long"}),
        ({"remark": "备" * 500}, {}),
        ({"remark": "备" * 501}, {"remark": "too_long"}),
    ],
)
def test_insurance_part(changes: dict[str, str | None], faults: dict[str, str]) -> None:
    assert _faults(**changes) == faults


def test_full_width_digits_of_a_wage() -> None:
    facts, _ = read_insurance(
        insurance(monthly_wage="\uff18\uff10\uff10.5"), pointer="", today=TODAY, dictionary=DICTIONARY
    )
    assert facts is not None
    assert facts.monthly_wage == Decimal("800.50")


@pytest.mark.parametrize(
    ("today", "months"),
    [
        (date(2026, 3, 31), ("2026-03", "2026-04")),
        (date(2026, 4, 1), ("2026-04", "2026-05")),
        (date(2026, 12, 31), ("2026-12", "2027-01")),
    ],
)
def test_open_months(today: date, months: tuple[str, str]) -> None:
    assert tuple(map(str, open_months(Month.of(today)))) == months


@pytest.mark.parametrize(("born", "accepted"), [("2010-03-31", True), ("2010-04-01", False)])
def test_youngest(born: str, accepted: bool) -> None:
    young = person(id_type="08", id_number="E1234567", birth_date=born)
    declared, faults = read_addition(young, insurance(), today=TODAY, dictionary=DICTIONARY)

    assert (declared is not None) is accepted
    assert [fault.code for fault in faults] == ([] if accepted else ["too_young"])


def test_faults_of_both_modules_come_together() -> None:
    _, faults = read_addition({}, {}, today=TODAY, dictionary=DICTIONARY)

    assert sum(fault.pointer.startswith("/person/") for fault in faults) == 9
    assert sum(fault.pointer.startswith("/insurance/") for fault in faults) == 6


@pytest.mark.parametrize(
    ("present", "known", "reason"),
    [
        ("none", False, "01"),
        ("none", True, "03"),
        ("resident", True, "04"),
        ("flexible", True, "05"),
        ("this_unit", True, None),
        ("other_unit", True, None),
    ],
)
def test_outlook(present: Presence, known: bool, reason: str | None) -> None:
    assert suggested_reason(present, known=known) == reason
    assert outlook(present, known=known, current=Month(2026, 3))


@pytest.mark.parametrize(
    ("more_of_person", "more_of_insurance"),
    [
        ({}, {}),
        (
            {
                "id_number": "330203 19900307123 2",
                "household_region": "330203",
                "household_address": " 海曙区示范路2号 ",
                "marital_status": "20",
                "education_level": "20",
                "work_start_date": "2012-07-01",
                "email": "name@example.com",
                "postal_code": "315000 ",
            },
            {
                "monthly_wage": "8500.5",
                "contract_start": "2026-03-01",
                "contract_end": "2029-02-28",
                "position": "会计",
                "remark": "示例",
            },
        ),
    ],
)
def test_settled_texts_read_back_are_the_same_declaration(
    more_of_person: dict[str, str], more_of_insurance: dict[str, str]
) -> None:
    given = person() | more_of_person, insurance() | more_of_insurance
    declared, faults = read_addition(*given, today=TODAY, dictionary=DICTIONARY)
    assert declared is not None, faults
    texts = settled(declared)
    assert of_settled(texts["person"], texts["insurance"]) == declared
    assert read_addition(texts["person"], texts["insurance"], today=TODAY, dictionary=DICTIONARY) == (declared, [])
