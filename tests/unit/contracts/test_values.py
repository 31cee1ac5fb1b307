"""Months and money."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from contracts.values.money import capitals, round_half_up
from contracts.values.month import Month

months = st.builds(Month, st.integers(1950, 2900), st.integers(1, 12))


class Box(BaseModel):
    month: Month


@given(months)
def test_next_and_previous_are_inverse_and_ordered(month: Month) -> None:
    assert month.next().previous() == month
    assert month < month.next()
    assert month.months_until(month.next()) == 1


@given(months)
def test_every_form_reads_back(month: Month) -> None:
    assert Month.parse(str(month)) == Month.parse_compact(month.compact()) == month
    assert Box.model_validate_json(Box(month=month).model_dump_json()).month == month


def test_days_of_a_month() -> None:
    february = Month(2028, 2)
    assert (february.first_day(), february.last_day()) == (date(2028, 2, 1), date(2028, 2, 29))
    assert Month.of(date(2028, 2, 29)) == february


def test_a_range_includes_both_ends() -> None:
    assert [str(m) for m in Month.range(Month(2025, 11), Month(2026, 2))] == [
        "2025-11",
        "2025-12",
        "2026-01",
        "2026-02",
    ]


@pytest.mark.parametrize("text", ["2026-13", "202603", "2026-3", "", "\uff12\uff10\uff12\uff16-03", "0000-01"])
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Box.model_validate({"month": text})


@pytest.mark.parametrize(
    ("amount", "rounded"), [("0.005", "0.01"), ("0.004", "0.00"), ("433.5", "433.50"), ("2.675", "2.68")]
)
def test_half_up_to_the_fen(amount: str, rounded: str) -> None:
    assert round_half_up(Decimal(amount)) == Decimal(rounded)


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        # Examples of 《支付结算办法》 annex 1, and the edges between groups of four digits.
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("0.00", "零元整"),
        ("0.05", "伍分"),
        ("0.30", "叁角整"),
        ("10000000.00", "壹仟万元整"),
        ("100000001.00", "壹亿零壹元整"),
        ("20300.00", "贰万零叁佰元整"),
        ("-12.00", "负壹拾贰元整"),
    ],
)
def test_capitals(amount: str, said: str) -> None:
    assert capitals(Decimal(amount)) == said
