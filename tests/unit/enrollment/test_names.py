"""Names: what can be one, how it is normalised, and that every part of a name finds it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrollment.names import folded, is_name, name_tokens, normalise_name, search_tokens


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("王小明", "王小明"),
        (" 王 小 明 ", "王小明"),
        ("艾力•买买提", "艾力·买买提"),
        ("艾力 · 买买提", "艾力·买买提"),
        ("艾力\u30fb买买提", "艾力·买买提"),
        ("\uff2a\uff4f\uff48\uff4e  Smith", "John Smith"),
        ("〇丁", "〇丁"),
        ("𠮷田", "𠮷田"),
        ("O'Neil Jr.", "O'Neil Jr."),
        ("José Álvarez", "José Álvarez"),
    ],
)
def test_names(typed: str, name: str) -> None:
    assert normalise_name(typed) == name
    assert is_name(name)


@pytest.mark.parametrize(
    "text", ["", "王", "王3", "王小明!", "·王", "王·", "<b>王</b>", "王" * 51, "😀😀", "王\u200b小"]
)
def test_no_names(text: str) -> None:
    assert not is_name(normalise_name(text))


HAN = st.text(alphabet="王小明李华欧阳·", min_size=2, max_size=12)


@given(name=HAN, start=st.integers(0, 11), length=st.integers(1, 12))
def test_every_part_finds_the_name(name: str, start: int, length: int) -> None:
    part = folded(name)[start : start + length]
    if part:
        assert set(search_tokens(part)) <= set(name_tokens(name))


@given(text=st.text(max_size=60))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise_name(normalise_name(text)) == normalise_name(text)
    is_name(normalise_name(text))


def test_nothing_to_search_for() -> None:
    assert search_tokens(" ") == []
