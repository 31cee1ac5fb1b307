"""Usernames, passwords and waiting, as tables."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.accounts.rules import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    TooManyLogins,
    check_not_blocked,
    password_fault,
    username_fault,
    wait_after,
)

UNIT = "甬江智造科技有限公司"


@pytest.mark.parametrize("username", ["abcd", "yongjiang", "YongJiang", "a.b-c_1", "a" * 32])
def test_good_usernames(username: str) -> None:
    assert username_fault(username) is None


@pytest.mark.parametrize(
    "username",
    ["", "abc", "1abc", "_abc", "a" * 33, "a b c", "陈明远明", "abc\n", "abcd\n", "abc@", "\uff41bcd", "abçd"],
)
def test_bad_usernames(username: str) -> None:
    fault = username_fault(username)
    assert fault is not None
    assert (fault.pointer, fault.code) == ("/username", "username_form")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "正确的马电池订书钉一二三四五六",
        "Qiantang-Chao-2026-xin",
        "x7Qm2Vt9Lw4Kz8R",
        "我家门口有两棵树都是枣树很好吃",
        "?;9[}!2#$~`|_=+]({",
        "woshiyigexiaoxiaoniao",
        "Yongjiang-demo-2026",
    ],
)
def test_good_passwords(password: str) -> None:
    assert password_fault(password, username="shifanxiaoxue", unit_name="宁波市海曙区示范小学") is None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password_short"),
        ("x7Qm2Vt9Lw4Kz8", "password_short"),
        ("x7Qm2Vt9Lw4Kz8R" * 9, "password_long"),
        ("a" * 20, "password_common"),
        ("abababababababab", "password_common"),
        ("abcabcabcabcabcabc", "password_common"),
        ("123456789012345", "password_common"),
        ("987654321098765", "password_common"),
        ("abcdefghijklmnopq", "password_common"),
        ("qwertyuiopasdfghjkl", "password_common"),
        ("passwordpassword1", "password_common"),
        ("P@ssw0rdP@ssw0rd!", "password_common"),
        ("宁波医保宁波医保宁波医保宁波医保", "password_common"),
        ("Ningbo-YiBao-2026!!", "password_common"),
        ("admin@ningbo20260101", "password_common"),
        (f"{UNIT}2026888", "password_common"),
        (f"  {UNIT} 20261231 ", "password_common"),
        ("甬江智造-科技-有限公司-1234", "password_common"),
        ("yongjiang1234567", "password_common"),
        ("YongJiangYongJiang", "password_common"),
        ("\uff30ASSWORD\uff30ASSWORD", "password_common"),
    ],
)
def test_bad_passwords(password: str, code: str) -> None:
    fault = password_fault(password, username="yongjiang", unit_name=UNIT)
    assert fault is not None
    assert (fault.pointer, fault.code) == ("/password", code)
    assert password not in fault.message or not password


@given(st.text(max_size=200), st.text(max_size=40), st.text(max_size=60))
def test_any_text_gets_an_answer(password: str, username: str, unit_name: str) -> None:
    password_fault(password, username=username, unit_name=unit_name)
    username_fault(username)


@given(st.binary(min_size=16, max_size=16))
def test_random_passwords_are_good(seed: bytes) -> None:
    """What a password manager makes is never refused as guessable, unless its bytes hardly differ."""
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_!?#%+"
    password = "".join(alphabet[(byte * 7 + place * 29) % len(alphabet)] for place, byte in enumerate(seed))
    if len(set(password.casefold())) >= 13:
        assert password_fault(password, username="yongjiang", unit_name=UNIT) is None


def test_the_limits_of_length() -> None:
    longest = ("x7Qm2Vt9Lw4Kz8Rb5Nc3" * 7)[:LONGEST_PASSWORD]
    assert password_fault("x7Qm2Vt9Lw4Kz8R"[:SHORTEST_PASSWORD], username="yongjiang") is None
    assert password_fault(longest, username="yongjiang") is None
    assert password_fault(longest + "y", username="yongjiang") is not None


def test_waiting_begins_after_three_tries_and_doubles_up_to_a_quarter_of_an_hour() -> None:
    waits = [wait_after(failed).total_seconds() for failed in range(16)]
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    assert wait_after(10**9) == timedelta(minutes=15)


def test_blocked_until() -> None:
    now = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
    check_not_blocked(None, now=now)
    check_not_blocked(now, now=now)
    with pytest.raises(TooManyLogins) as refused:
        check_not_blocked(now + timedelta(seconds=1, microseconds=1), now=now)
    assert refused.value.retry_after == 2
