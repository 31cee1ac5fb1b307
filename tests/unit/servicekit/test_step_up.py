"""Step-up: who may do what weighs most, and for how long after showing the password again."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from servicekit.auth import Clerk, StepUpImpossible, StepUpRequired, check_stepped_up
from servicekit.auth.tokens import Via

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def _clerk(step_up_until: datetime | None, via: Via = "session") -> Clerk:
    return Clerk(
        account_id=UUID(int=1),
        session_id="s",
        kind="agent",
        via=via,
        step_up_until=step_up_until,
        employer_no="330200000000000101",
    )


def test_a_raised_session_passes() -> None:
    check_stepped_up(_clerk(NOW + timedelta(seconds=1)), now=NOW)


@pytest.mark.parametrize("until", [None, NOW, NOW - timedelta(minutes=1)])
def test_a_session_that_is_not_raised_any_more_is_asked(until: datetime | None) -> None:
    with pytest.raises(StepUpRequired):
        check_stepped_up(_clerk(until), now=NOW)


@pytest.mark.parametrize("via", ["api_key", "delegation"])
def test_a_token_with_nobody_behind_it_is_refused(via: Via) -> None:
    with pytest.raises(StepUpImpossible):
        check_stepped_up(_clerk(NOW + timedelta(minutes=5), via), now=NOW)
