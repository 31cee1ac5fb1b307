"""Usernames, passwords, and how long somebody waits after wrong ones. Pure."""

import re
import unicodedata
from datetime import timedelta

from servicekit.refusals import FieldFault

SHORTEST_PASSWORD = 15
"""Without a second factor (quality.md; NIST SP 800-63B-4 §3.1.1.2). No composition rules, no forced change."""
LONGEST_PASSWORD = 128
_USERNAME = re.compile(r"[a-z][a-z0-9_.-]{3,31}")
# What people choose first, also when repeated or followed by digits to reach the length.
_COMMON = frozenset(
    [
        "password",
        "passw0rd",
        "qwerty",
        "qwertyuiop",
        "asdfghjkl",
        "zxcvbnm",
        "1qaz2wsx",
        "iloveyou",
        "woaini",
        "admin",
        "administrator",
        "welcome",
        "letmein",
        "dragon",
        "monkey",
        "football",
        "abc123",
        "123456",
        "12345678",
        "123456789",
        "1234567890",
        "111111",
        "000000",
        "888888",
        "666666",
        "987654321",
        "a123456",
        "ningbo",
        "yibao",
        "ningboyibao",
        "nbyb",
        "zhejiang",
        "danwei",
        "wangting",
        "宁波医保",
        "宁波医保局",
        "宁波市医疗保障",
        "单位网厅",
        "医保",
        "宁波",
    ]
)
_FILLING = re.compile(r"[0-9!@#$%^&*._\-+=~]+")

_FREE_TRIES = 3
_LONGEST_WAIT = timedelta(minutes=15)


def username_fault(username: str) -> FieldFault | None:
    """What is wrong with a username."""
    if _USERNAME.fullmatch(username.lower()):
        return None
    return FieldFault("/username", "username_form", "用户名应为4至32位，以字母开头，可含字母、数字和 . _ -")


def password_fault(password: str, *, username: str, unit_name: str = "") -> FieldFault | None:
    """What is wrong with a new password, as the default profile has it."""
    if len(password) < SHORTEST_PASSWORD:
        return _fault("password_short", f"密码至少{SHORTEST_PASSWORD}位，可以是一句便于记忆的话")
    if len(password) > LONGEST_PASSWORD:
        return _fault("password_long", f"密码最多{LONGEST_PASSWORD}位")
    if _is_common(password, username, unit_name):
        return _fault("password_common", "密码过于常见，或由用户名、单位名称组成，请换一个")
    return None


def _fault(code: str, message: str) -> FieldFault:
    return FieldFault("/password", code, message)


def _is_common(password: str, username: str, unit_name: str) -> bool:
    folded = unicodedata.normalize("NFKC", password).casefold()
    words = {*_COMMON, username.casefold(), unit_name.casefold()} - {""}
    if len(set(folded)) < 5:
        return True
    kernel = _FILLING.sub("", folded)
    bare = folded.replace(" ", "")
    return any(_repeats(candidate, word) for candidate in (bare, kernel) for word in words)


def _repeats(text: str, word: str) -> bool:
    """Whether the text is the word, once or several times."""
    return bool(text) and len(text) % len(word) == 0 and text == word * (len(text) // len(word))


def wait_after(failed_logins: int) -> timedelta:
    """How long an account refuses every login after so many wrong passwords in a row: 0, then 1, 2, 4, ... s."""
    if failed_logins < _FREE_TRIES:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failed_logins - _FREE_TRIES, 20)), _LONGEST_WAIT)
