"""Whose an insured person's account is taken to be."""

import pytest

from enrollment.recognition.rules import Standing, standing


@pytest.mark.parametrize(
    ("vouched", "name_agrees", "mobile_agrees", "expected"),
    [
        (False, True, True, "recognised"),
        (False, True, False, "mobile_differs"),  # a number and a name prove nothing: they stand on every ID card
        (False, False, True, "not_found"),
        (False, False, False, "not_found"),
        (True, True, True, "recognised"),
        (True, True, False, "recognised"),  # the provider has seen the person: they may have a new mobile
        (True, False, True, "not_found"),
        (True, False, False, "not_found"),
    ],
)
def test_standing(vouched: bool, name_agrees: bool, mobile_agrees: bool, expected: Standing) -> None:
    assert standing(vouched=vouched, name_agrees=name_agrees, mobile_agrees=mobile_agrees) == expected
