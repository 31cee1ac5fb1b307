"""Identifiers against the examples of domain.md §1 and one example of every fault."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.values.identifiers import (
    IdentifierFault,
    check_id_document,
    check_mobile,
    check_resident_id,
    check_unit_number,
    check_uscc,
    may_be_virtual_code,
)

TODAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("number", "born", "sex"),
    [
        ("330203199003071232", date(1990, 3, 7), "1"),
        ("330282198512310028", date(1985, 12, 31), "2"),
        ("330204197202295017", date(1972, 2, 29), "1"),  # a 29 February, a region abolished since
        ("810000199001010019", date(1990, 1, 1), "1"),
    ],
)
def test_resident_ids_of_the_domain_page_are_valid(number: str, born: date, sex: str) -> None:
    checked = check_resident_id(number, today=TODAY)
    assert (checked.birth_date, checked.sex) == (born, sex)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("330203900307123", "id_number_old"),
        ("3302031990030712", "id_number_length"),
        ("33020319900307123A", "id_number_form"),
        ("330203199002301231", "id_number_date"),
        ("330203202703071231", "id_number_date"),
        ("330203189003071234", "id_number_age"),
        ("330203199003071231", "id_number_check_digit"),
    ],
)
def test_each_fault_of_a_resident_id_is_named(number: str, code: str) -> None:
    with pytest.raises(IdentifierFault) as fault:
        check_resident_id(number, today=TODAY)
    assert fault.value.code == code


def test_the_message_says_the_right_check_digit() -> None:
    with pytest.raises(IdentifierFault, match="末位应为 2"):
        check_resident_id("330203199003071231", today=TODAY)


def test_full_width_digits_spaces_and_lower_case_x_are_normalised() -> None:
    body = "33020319900307121"
    number = body + "X" if _ends_with_x(body) else "330203199003071232"
    wide = " " + "".join(chr(ord(c) + 0xFEE0) for c in number.lower()) + " "
    assert check_resident_id(wide, today=TODAY).number == number


def _ends_with_x(body: str) -> bool:
    try:
        check_resident_id(body + "X", today=TODAY)
    except IdentifierFault:
        return False
    return True


def _refusal(id_type: str, text: str) -> IdentifierFault | None:
    try:
        check_id_document(id_type, text, today=TODAY)
    except IdentifierFault as fault:
        return fault
    return None


@given(st.text(max_size=40))
def test_any_text_is_either_checked_or_refused_with_a_message(text: str) -> None:
    for id_type in ("01", "04", "06", "07", "08", "16", "99", "zz"):
        refusal = _refusal(id_type, text)
        assert refusal is None or (refusal.code and refusal.message)


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        ("16", "810000199001010019"),
        ("07", "933840198810050010"),
        ("07", "CAN110080101022"),
        ("04", "H12345678"),
        ("06", "12345678"),
        ("08", "e1234567"),
    ],
)
def test_documents_of_people_without_mainland_id(id_type: str, number: str) -> None:
    assert check_id_document(id_type, number, today=TODAY).number == number.upper()


def test_a_residence_permit_needs_its_region() -> None:
    with pytest.raises(IdentifierFault) as fault:
        check_id_document("16", "330203199003071232", today=TODAY)
    assert fault.value.code == "residence_permit_region"


@pytest.mark.parametrize(
    "code", ["91330200MA2A0B1C3J", "12330200419500123Q", "113302000029506783", "52330200500001234A"]
)
def test_usccs_of_the_domain_page_are_valid(code: str) -> None:
    assert check_uscc(code.lower()) == code


@pytest.mark.parametrize(
    ("code", "fault_code"),
    [
        ("91330200MA2A0B1C3", "uscc_length"),
        ("91330200MA2A0B1CIJ", "uscc_form"),
        ("91330200MA2A0B1C3K", "uscc_check_digit"),
    ],
)
def test_each_fault_of_a_uscc_is_named(code: str, fault_code: str) -> None:
    with pytest.raises(IdentifierFault) as fault:
        check_uscc(code)
    assert fault.value.code == fault_code


def test_virtual_codes_have_a_form_but_no_check_digit() -> None:
    assert may_be_virtual_code("330200XNDW00000001")
    assert not may_be_virtual_code("失业人员")


def test_mobile_and_unit_number() -> None:
    assert check_mobile("+86 138 0574 0001") == "13805740001"
    assert check_unit_number("330200000000000101") == "330200000000000101"
    for bad in ("12805740001", "1380574000", ""):
        with pytest.raises(IdentifierFault):
            check_mobile(bad)
    with pytest.raises(IdentifierFault):
        check_unit_number("310200000000000101")


def test_nothing_personal_in_a_repr() -> None:
    assert "1990" not in repr(check_resident_id("330203199003071232", today=TODAY))
