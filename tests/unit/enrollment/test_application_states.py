"""Applications: the transition table against a model, and the numbers that are read out over the telephone."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from enrollment.applications.rules import (
    STATUSES,
    TRANSITIONS,
    AlreadyFinal,
    Status,
    application_number,
    move,
    read_number,
)


def test_the_table_knows_every_state() -> None:
    assert set(TRANSITIONS) == set(STATUSES)
    assert set().union(*TRANSITIONS.values()) <= set(STATUSES)


class Life(RuleBasedStateMachine):
    """An application to which everything happens in every order."""

    def __init__(self) -> None:
        super().__init__()
        self.status: Status = "pending"
        self.moves: list[Status] = []

    @rule(to=st.sampled_from(STATUSES))
    def try_to_move(self, to: Status) -> None:
        before = self.status
        try:
            self.status = move(self.status, to)
        except AlreadyFinal:
            assert before != "pending" or to == "pending"
            assert self.status == before
        else:
            assert before == "pending"
            assert self.status == to
            self.moves.append(to)

    @invariant()
    def is_decided_at_most_once(self) -> None:
        assert len(self.moves) <= 1
        assert (self.status == "pending") is (not self.moves)


TestLife = Life.TestCase


@given(day=st.dates(date(2020, 1, 1), date(2099, 12, 31)), sequence=st.integers(1, 10**12))
def test_numbers(day: date, sequence: int) -> None:
    number = application_number(day, sequence)
    assert len(number) == 17
    assert read_number(number) == number
    assert read_number(number.replace("-", "")) == number


@pytest.mark.parametrize(
    "text", ["", "1", "20260310-1", "20260310-000000011", "x" * 17, "\uff12" * 16, "20260310_00000001"]
)
def test_no_numbers(text: str) -> None:
    assert read_number(text) is None
