"""The keyed indexes by which two services find out that they mean the same person."""

import itertools

import pytest

from contracts.values.person_link import LinkKey

KEY, OTHER_KEY = LinkKey(bytes(range(32))), LinkKey(bytes(range(1, 33)))
NUMBER = "330203199003071232"


def test_the_same_number_is_the_same_however_it_is_typed() -> None:
    plain = KEY.person("01", "33011019970108001X")
    full_width = "".join(chr(ord(character) + 0xFEE0) for character in "33011019970108001X")
    for typed in ("33011019970108001x", " 330110 19970108 001X", full_width):
        assert KEY.person("01", typed) == plain


def test_one_number_is_one_person_whichever_resident_document_carries_it() -> None:
    assert KEY.person("01", NUMBER) == KEY.person("07", NUMBER) == KEY.person("16", NUMBER)
    assert KEY.person("08", NUMBER) != KEY.person("99", NUMBER) != KEY.person("01", NUMBER)


def test_nothing_is_equal_that_is_not_the_same() -> None:
    person, other = KEY.person("01", NUMBER), KEY.person("01", "330282198512310028")
    digests = [
        person,
        other,
        OTHER_KEY.person("01", NUMBER),
        KEY.registered_as(person, "王伟"),
        KEY.registered_as(other, "王伟"),  # equal names of two people don't look equal
        KEY.registered_as(person, "王玮"),
        KEY.reached_at(person, "13805740001"),
        KEY.reached_at(other, "13805740001"),
        KEY.reached_at(person, "王伟"),  # a name is never taken for a mobile
    ]
    assert all(one != another for one, another in itertools.combinations(digests, 2))
    assert all(len(digest) == 64 for digest in digests)
    assert NUMBER not in "".join(digests)


@pytest.mark.parametrize(
    ("typed", "registered"),
    [
        ("艾力\u2022买买提", "艾力·买买提"),
        ("艾力\u30fb买买提", "艾力·买买提"),
        (" 王 伟 ", "王伟"),
        ("Anna Meier", "ANNA MEIER"),
    ],
)
def test_a_name_is_compared_without_blanks_dots_and_case(typed: str, registered: str) -> None:
    person = KEY.person("01", NUMBER)
    assert KEY.registered_as(person, typed) == KEY.registered_as(person, registered)


def test_a_mobile_is_compared_without_its_country() -> None:
    person = KEY.person("01", NUMBER)
    assert KEY.reached_at(person, "+86 138-0574-0001") == KEY.reached_at(person, "13805740001")


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        LinkKey(b"short")
