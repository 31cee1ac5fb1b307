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


def test_portions_of_a_minute() -> None:
    assert rules.next_portion(None, None, per_minute=120, now=NOW) == rules.Portion(6, 0, 114.0)
    assert rules.next_portion(4.0, NOW, per_minute=120, now=NOW) == rules.Portion(4, 0, 0.0)  # the rest of it
    assert rules.next_portion(0.0, NOW, per_minute=120, now=NOW) == rules.Portion(0, 1, 0.0)
    assert rules.next_portion(0.0, NOW - timedelta(hours=1), per_minute=120, now=NOW).left == 114.0  # never more
    assert rules.next_portion(None, None, per_minute=1, now=NOW) == rules.Portion(1, 0, 0.0)
    assert rules.next_portion(0.5, NOW, per_minute=1, now=NOW) == rules.Portion(0, 30, 0.5)


def test_a_clock_that_is_behind_gives_nothing_twice() -> None:
    assert rules.next_portion(0.0, NOW, per_minute=60, now=NOW - timedelta(seconds=5)) == rules.Portion(0, 1, 0.0)


@pytest.mark.parametrize("per_minute", [1, 2, 7, 45, 60, 120, 6000])
def test_whoever_asks_as_often_as_they_like_gets_a_bucket_and_what_fills_it(per_minute: int) -> None:
    left: float | None = None
    counted_at: datetime | None = None
    given = 0
    for step in range(3 * 60 * 10 + 1):  # three minutes, ten times a second
        now = NOW + step * timedelta(milliseconds=100)
        portion = rules.next_portion(left, counted_at, per_minute=per_minute, now=now)
        while portion.requests:
            given += portion.requests
            portion = rules.next_portion(portion.left, now, per_minute=per_minute, now=now)
        left, counted_at = portion.left, now
    assert given == 4 * per_minute


def test_who_comes_back_when_told_gets_one() -> None:
    for per_minute in (1, 2, 7, 45, 60, 120, 6000):
        refused = rules.next_portion(0.3, NOW, per_minute=per_minute, now=NOW)
        if refused.requests == 0:
            later = NOW + timedelta(seconds=refused.wait)
            assert rules.next_portion(refused.left, NOW, per_minute=per_minute, now=later).requests >= 1
