"""API keys, as tables."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from identity.api_keys import rules
from identity.api_keys.rules import State

NOW, TODAY = datetime(2026, 3, 10, 2, tzinfo=UTC), date(2026, 3, 10)
MOMENT = timedelta(microseconds=1)


def test_a_key_is_recognisable_random_and_told_apart_by_its_beginning() -> None:
    keys = {rules.new_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(re.fullmatch(r"hk_[A-Za-z0-9_-]{43}", key) for key in keys)
    key = keys.pop()
    assert key.startswith(rules.shown_part(key))
    assert len(rules.shown_part(key)) == 9
    assert rules.digest_of(key) != rules.digest_of(key + "x")
    assert len(rules.digest_of("密钥\ud800")) == 32  # whatever people put there


@pytest.mark.parametrize(
    ("expires_on", "code"),
    [
        (TODAY, None),
        (TODAY - timedelta(days=1), "expiry_past"),
        (TODAY + timedelta(days=731), None),
        (TODAY + timedelta(days=732), "expiry_far"),
    ],
)
def test_the_last_day(expires_on: date, code: str | None) -> None:
    fault = rules.expiry_fault(expires_on, today=TODAY)
    assert (fault.code if fault else None) == code


@pytest.mark.parametrize(
    ("revoked_at", "expires_at", "state"),
    [
        (None, NOW + MOMENT, "active"),
        (None, NOW, "expired"),
        (NOW - MOMENT, NOW + MOMENT, "revoked"),
        (NOW - MOMENT, NOW - MOMENT, "revoked"),
    ],
)
def test_state(revoked_at: datetime | None, expires_at: datetime, state: State) -> None:
    assert rules.state_at(revoked_at=revoked_at, expires_at=expires_at, now=NOW) == state


@pytest.mark.parametrize(
    ("last", "noted"),
    [(None, True), (NOW - timedelta(seconds=59), False), (NOW - timedelta(seconds=60), True), (NOW, False)],
)
def test_use_is_noted_once_a_minute(last: datetime | None, noted: bool) -> None:
    assert rules.needs_noting(last, now=NOW) is noted
