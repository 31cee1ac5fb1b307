"""人员基础信息: every check of domain.md §4, as a table."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from contracts.values.identifiers import IdentifierFault
from enrollment.people.rules import check_document, read_person, years_after
from tests.unit.enrollment.forms import DICTIONARY, TODAY, person


def _faults(**changes: str | None) -> dict[str, str]:
    facts, faults = read_person(person(**changes), pointer="/person", today=TODAY, dictionary=DICTIONARY)
    assert (facts is None) is bool(faults)
    assert all(any("\u4e00" <= character <= "\u9fff" for character in fault.message) for fault in faults)
    return {fault.pointer.removeprefix("/person/"): fault.code for fault in faults}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"id_number": "330203 19900307 1232"},
        {"id_number": "330282198512310028", "sex": "2", "birth_date": "1985-12-31"},
        {"id_number": "330204197202295017", "birth_date": "1972-02-29"},
        {"id_type": "16", "id_number": "810000199001010019", "birth_date": "1990-01-01"},
        {"id_type": "07", "id_number": "933840198810050010", "birth_date": "1988-10-05"},
        {"id_type": "07", "id_number": "ABC123456789012", "sex": "2", "birth_date": "1980-01-01"},
        {"id_type": "04", "id_number": "h12345678", "birth_date": "1991-01-01"},
        {"id_type": "06", "id_number": "12345678"},
        {"id_type": "08", "id_number": "E1234567", "name": "JOHN SMITH"},
        {"id_type": "08", "id_number": "H12345678", "name": "JOHN SMITH"},  # a passport may look like a permit
        {"id_type": "99", "id_number": "ABC-123"},
        {"mobile": "+86 138 0057 1234"},
        {"email": "a.b+c@example.com.cn", "postal_code": "315000", "household_region": "330203"},
        {"work_start_date": "2006-03-07"},
        {"work_start_date": "2026-03-10"},
        {"email": "  ", "postal_code": "", "work_start_date": None},
        {"contact_address": "甬" * 200},
    ],
)
def test_accepted(changes: dict[str, str | None]) -> None:
    assert _faults(**changes) == {}


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"id_type": None}, {"id_type": "required"}),
        ({"id_type": "55"}, {"id_type": "unknown_code"}),
        ({"id_number": None}, {"id_number": "required"}),
        ({"id_number": "33020319900307123"}, {"id_number": "id_number_length"}),
        ({"id_number": "330203900307123"}, {"id_number": "id_number_old"}),
        ({"id_number": "330203199003071231"}, {"id_number": "id_number_check_digit"}),
        ({"id_number": "330203199002301234"}, {"id_number": "id_number_date"}),
        ({"id_number": "810000199001010019", "birth_date": "1990-01-01"}, {"id_type": "id_type_mismatch"}),
        ({"id_type": "16"}, {"id_number": "residence_permit_region"}),
        ({"id_type": "07"}, {"id_number": "permanent_resident_card_form"}),
        # A permanent resident card is one under every other type, too.
        ({"id_number": "933840198810050010", "birth_date": "1988-10-05"}, {"id_type": "id_type_mismatch"}),
        ({"id_type": "08", "id_number": "933840198810050010"}, {"id_type": "id_type_mismatch"}),
        ({"id_type": "99", "id_number": "933840198810050010"}, {"id_type": "id_type_mismatch"}),
        ({"id_type": "08", "id_number": "ABC123456789012"}, {"id_type": "id_type_mismatch"}),
        ({"id_type": "99", "id_number": "abc 123456789012"}, {"id_type": "id_type_mismatch"}),
        ({"id_type": "99", "id_number": "M12345678"}, {"id_type": "id_type_mismatch"}),
        ({"id_type": "99", "id_number": "810000199001010019"}, {"id_type": "id_type_mismatch"}),
        ({"id_type": "99"}, {"id_type": "id_type_mismatch"}),
        ({"id_type": "08"}, {"id_type": "id_type_mismatch"}),
        ({"id_type": "04", "id_number": "X12345678"}, {"id_number": "id_number_form"}),
        ({"name": None}, {"name": "required"}),
        ({"name": "王"}, {"name": "name_form"}),
        ({"name": "王3"}, {"name": "name_form"}),
        ({"sex": "2"}, {"sex": "sex_differs"}),
        ({"sex": "9"}, {"sex": "unknown_code"}),
        ({"birth_date": "1990-03-08"}, {"birth_date": "birth_date_differs"}),
        ({"birth_date": "2026-03-11"}, {"birth_date": "birth_date_in_future"}),
        ({"birth_date": "1990-3-7"}, {"birth_date": "date_form"}),
        ({"birth_date": "19900307"}, {"birth_date": "date_form"}),
        ({"birth_date": "1990-02-30"}, {"birth_date": "date_form"}),
        ({"birth_date": "0001-01-01"}, {"birth_date": "date_form"}),
        ({"nationality": "汉族"}, {"nationality": "unknown_code"}),
        ({"household_kind": ""}, {"household_kind": "required"}),
        ({"household_region": "3302"}, {"household_region": "household_region_form"}),
        ({"household_address": "甬" * 201}, {"household_address": "too_long"}),
        ({"marital_status": "99"}, {"marital_status": "unknown_code"}),
        ({"education_level": "99"}, {"education_level": "unknown_code"}),
        ({"work_start_date": "2006-03-06"}, {"work_start_date": "work_start_too_young"}),
        ({"work_start_date": "2026-03-11"}, {"work_start_date": "work_start_in_future"}),
        ({"mobile": None}, {"mobile": "required"}),
        ({"mobile": "12800571234"}, {"mobile": "mobile_form"}),
        ({"email": "nobody@"}, {"email": "email_form"}),
        ({"contact_address": "\n\t "}, {"contact_address": "required"}),
        ({"contact_address": "路\u00001号"}, {"contact_address": "unreadable_characters"}),
        ({"postal_code": "31500"}, {"postal_code": "postal_code_form"}),
        (
            {"id_number": "330203199003071231", "name": "", "mobile": "1", "postal_code": "1"},
            {
                "id_number": "id_number_check_digit",
                "name": "required",
                "mobile": "mobile_form",
                "postal_code": "postal_code_form",
            },
        ),
    ],
)
def test_refused_at_the_field(changes: dict[str, str | None], faults: dict[str, str]) -> None:
    assert _faults(**changes) == faults


def test_what_was_read_is_normalised_and_prints_nothing_personal() -> None:
    facts, _ = read_person(
        person(id_number="３３０２０３１９９００３０７１２３２", name="王 小 明", email="A@example.com"),  # noqa: RUF001 full width is meant
        pointer="",
        today=TODAY,
        dictionary=DICTIONARY,
    )
    assert facts is not None
    assert (facts.id_number, facts.name) == ("330203199003071232", "王小明")
    assert "330203" not in repr(facts)
    assert "王小明" not in repr(facts)


@given(field=st.sampled_from(sorted(person(email="", postal_code="", work_start_date=""))), text=st.text(max_size=300))
def test_no_text_in_any_field_is_too_much(field: str, text: str) -> None:
    facts, faults = read_person(person(**{field: text}), pointer="/p", today=TODAY, dictionary=DICTIONARY)
    assert (facts is None) is bool(faults)


def test_a_leap_day_in_a_year_without_one() -> None:
    assert years_after(date(2000, 2, 29), 1) == date(2001, 3, 1)
    assert years_after(date(2000, 2, 29), 16) == date(2016, 2, 29)


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        ("933840198810050010", "外国人永久居留证"),
        ("810000199001010019", "港澳台居民居住证"),
    ],
)
def test_a_number_of_another_type_says_which(number: str, hint: str) -> None:
    with pytest.raises(IdentifierFault) as said:
        check_document("01", number, today=TODAY)
    assert hint in said.value.message


@given(
    region=st.sampled_from(["330203", "110101", "659001", "810000", "820000", "830000", "933840", "911000"]),
    born=st.dates(min_value=date(1930, 1, 1), max_value=TODAY),
    sequence=st.integers(1, 999),
)
def test_an_eighteen_character_number_belongs_to_one_type(region: str, born: date, sequence: int) -> None:
    body = f"{region}{born:%Y%m%d}{sequence:03d}"
    number = body + mod_11_2.calc_check_digit(body)
    types = [id_type for id_type in ("01", "04", "06", "07", "08", "16", "99") if _accepts(id_type, number)]
    assert types == [{"9": "07", "8": "16"}.get(region[0], "01")]


def _accepts(id_type: str, number: str) -> bool:
    try:
        check_document(id_type, number, today=TODAY)
    except IdentifierFault:
        return False
    return True
