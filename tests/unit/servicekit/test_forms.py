"""Days in forms are written days."""

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from servicekit.forms import Day

DAY = TypeAdapter[date](Day)


@pytest.mark.parametrize("written", ["2026-03-01", " 2026-03-01 ", date(2026, 3, 1)])
def test_a_written_day(written: Any) -> None:
    assert DAY.validate_python(written) == date(2026, 3, 1)


@pytest.mark.parametrize("other", [0, 1.0, True, "0", "1767225600", "2026-3-1", "20260301", "2026-03-01T00:00:00", ""])
def test_what_only_counts_seconds_is_no_day(other: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        DAY.validate_python(other)
    assert refused.value.errors()[0]["type"] == "date_type"


def test_a_day_that_is_not_in_the_calendar() -> None:
    with pytest.raises(ValidationError):
        DAY.validate_python("2026-02-30")
