"""Comparing what was typed with the register, as tables."""

import pytest

from identity.directory.rules import looks_virtual, same_name

NAME = "宁波（海曙）示范·科技有限公司"


@pytest.mark.parametrize(
    "typed",
    [
        NAME,
        "宁波(海曙)示范·科技有限公司",
        " 宁波 （海曙） 示范科技有限公司 ",
        "宁波海曙示范•科技有限公司",
        "宁波【海曙】示范.科技有限公司",
    ],
)
def test_the_same_name(typed: str) -> None:
    assert same_name(typed, NAME)


@pytest.mark.parametrize("typed", ["", "宁波海曙", "宁波海曙示范科技有限责任公司", "宁波江北示范科技有限公司", "（）"])
def test_another_name(typed: str) -> None:
    assert not same_name(typed, NAME)


def test_latin_names_in_any_case_and_width() -> None:
    assert same_name("ＡＢＣ贸易", "abc贸易")


@pytest.mark.parametrize(
    ("typed", "virtual"),
    [
        ("330200XNDW00000001", True),
        ("XN3302000001", True),
        (" 330200xndw00000001 ", True),
        ("91330200MA2A0B1C3K", False),  # a wrong check digit
        ("91330200MA2A0B1C3", False),  # one short
        ("9133020", False),
        ("", False),
        ("虚拟单位", False),
    ],
)
def test_what_may_be_meant_as_a_virtual_code(typed: str, virtual: bool) -> None:
    assert looks_virtual(typed) is virtual
