"""Usernames, passwords and waiting, as tables."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.accounts.rules import (
    LOCK,
    LONGEST_PASSWORD,
    POLICIES,
    TooManyLogins,
    check_not_blocked,
    common_passwords,
    has_expired,
    password_fault,
    username_fault,
    wait_after,
)

UNIT = "甬江智造科技有限公司"
DENGBAO = POLICIES["dengbao3"]
common_passwords()  # read before Hypothesis looks at the clock


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
    assert password_fault("x7Qm2Vt9Lw4Kz8R"[: POLICIES["default"].shortest], username="yongjiang") is None
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


@pytest.mark.parametrize("password", ["x7Qm2Vt9", "Zjfo!82k", "三个和尚没水喝啊"])
def test_beside_a_second_factor_eight_characters_do(password: str) -> None:
    assert password_fault(password, username="yongjiang", second_factor=True) is None
    alone = password_fault(password, username="yongjiang")
    assert alone is not None
    assert alone.code == "password_short"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("x7Qm2Vt", "password_short"),
        ("password1", "password_common"),
        ("Dragon2026!", "password_common"),
        ("leavemealone", "password_common"),
        ("sonyericsson!!", "password_common"),
        ("ghhh47hj7649", "password_common"),  # looks random, and stands in every list of leaked ones
        ("Yongjiang1!", "password_common"),
    ],
)
def test_short_ones_are_looked_up_among_the_leaked_ones(password: str, code: str) -> None:
    fault = password_fault(password, username="yongjiang", second_factor=True)
    assert fault is not None
    assert fault.code == code


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("x7Qm2Vt9", None),
        ("x7qm2vt9", "password_simple"),
        ("XQMVTWKZ7", "password_simple"),
        ("x7qm2vt!", None),
        ("这是一句很长很长很长很长的话", "password_simple"),
        ("x7Qm2V!", "password_short"),
        ("Ningbo2026!", "password_common"),
    ],
)
def test_the_profile_of_dengbao(password: str, code: str | None) -> None:
    fault = password_fault(password, username="chenmingyuan", policy=DENGBAO)
    assert (fault and fault.code) == code


def test_dengbao_locks_after_five_and_asks_for_a_new_password_after_90_days() -> None:
    assert [wait_after(failed, DENGBAO) for failed in (0, 4, 5, 6)] == [timedelta(0), timedelta(0), LOCK, LOCK]
    now = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
    assert has_expired(now - timedelta(days=90), DENGBAO, now=now)
    assert not has_expired(now - timedelta(days=89), DENGBAO, now=now)
    assert not has_expired(now - timedelta(days=3650), POLICIES["default"], now=now)
