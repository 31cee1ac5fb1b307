"""Numbers and codes of units, and searching their names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.values.month import Month
from employer.units import rules
from servicekit.refusals import InvalidFields

NUMBER = "330200000000000101"


@pytest.mark.parametrize("uscc", ["91330200MA2A0B1C3J", "91330200ma2a0b1c3j", " 91330200 MA2A0B1C3J"])
def test_identity_is_normalised(uscc: str) -> None:
    assert rules.checked_identity(NUMBER, uscc, kind="10") == (NUMBER, "91330200MA2A0B1C3J")


def test_a_virtual_unit_carries_a_code_that_is_no_uscc() -> None:
    assert rules.checked_identity(NUMBER, "330200XNDW00000001", kind="99") == (NUMBER, "330200XNDW00000001")


@pytest.mark.parametrize(
    ("employer_no", "uscc", "kind", "faults"),
    [
        (NUMBER, "91330200MA2A0B1C3K", "10", [("/uscc", "uscc_check_digit")]),
        (NUMBER, "330200XNDW00000001", "10", [("/uscc", "uscc_form")]),
        (NUMBER, "91330200MA2A0B1C3J", "99", [("/uscc", "virtual_code_is_uscc")]),
        (NUMBER, "虚拟", "99", [("/uscc", "virtual_code_form")]),
        ("110000000000000101", "1", "10", [("/employer_no", "unit_number_form"), ("/uscc", "uscc_length")]),
    ],
)
def test_every_fault_is_named_at_its_field(
    employer_no: str, uscc: str, kind: str, faults: list[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidFields) as refused:
        rules.checked_identity(employer_no, uscc, kind=kind)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == faults


@pytest.mark.parametrize("month", ["2024-02", "2026-05"])
def test_billing_begins_neither_long_ago_nor_far_ahead(month: str) -> None:
    rules.check_billed_from(Month(2024, 3), current=Month(2026, 3))
    rules.check_billed_from(Month(2026, 4), current=Month(2026, 3))
    with pytest.raises(rules.BilledFromOutOfReach):
        rules.check_billed_from(Month.parse(month), current=Month(2026, 3))


@given(st.text(min_size=1, max_size=20), st.data())
def test_any_piece_of_a_name_is_found_by_its_grams(name: str, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(name) - 1))
    last = data.draw(st.integers(first + 1, len(name)))
    assert set(rules.query_grams(name[first:last])) <= set(rules.grams(name))
