"""Entrances, lifetimes and cookies, as tables."""

from datetime import UTC, datetime, timedelta

import pytest

from identity.sessions.rules import (
    IDLE,
    TOKEN_LIFE,
    UNSEEN,
    LoginMode,
    digest_of,
    is_living,
    new_cookie,
    opens_for,
    token_end,
)

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("mode", "kinds"),
    [
        ("legal_representative", {"legal_representative"}),
        ("agent", {"agent"}),
        ("person", {"person"}),
        ("staff", {"reviewer", "operator"}),
    ],
)
def test_entrances(mode: LoginMode, kinds: set[str]) -> None:
    everybody = ("legal_representative", "agent", "person", "reviewer", "operator")
    assert {kind for kind in everybody if opens_for(mode, kind)} == kinds


@pytest.mark.parametrize(
    ("idle", "left", "ended", "living"),
    [
        (timedelta(0), timedelta(hours=8), None, True),
        (IDLE, timedelta(hours=1), None, True),
        (IDLE + UNSEEN - SECOND, SECOND, None, True),
        (IDLE + UNSEEN, timedelta(hours=1), None, False),
        (timedelta(0), timedelta(0), None, False),
        (timedelta(0), timedelta(hours=8), NOW, False),
    ],
)
def test_living(idle: timedelta, left: timedelta, ended: datetime | None, living: bool) -> None:
    assert is_living(last_seen_at=NOW - idle, expires_at=NOW + left, ended_at=ended, now=NOW) is living


def test_no_token_outlives_its_session() -> None:
    assert token_end(expires_at=NOW + timedelta(hours=8), now=NOW) == NOW + TOKEN_LIFE
    assert token_end(expires_at=NOW + 7 * SECOND, now=NOW) == NOW + 7 * SECOND


def test_cookies_are_256_bits_and_differ() -> None:
    cookies = {new_cookie() for _ in range(1000)}
    assert len(cookies) == 1000
    assert all(len(cookie) == 43 and cookie.isascii() for cookie in cookies)


@pytest.mark.parametrize("cookie", ["", "x", "密码", "\ud800", "x" * 10_000])
def test_any_text_has_a_digest(cookie: str) -> None:
    assert len(digest_of(cookie)) == 32
