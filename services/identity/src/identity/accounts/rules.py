"""Usernames, passwords, and how long somebody waits after wrong ones. Pure."""

import re
import unicodedata
from datetime import datetime, timedelta

from servicekit.refusals import FieldFault, TooMany

SHORTEST_PASSWORD = 15
"""Without a second factor (quality.md; NIST SP 800-63B-4 §3.1.1.2). No composition rules, no forced change."""
LONGEST_PASSWORD = 128
_LEAST_DIFFERENT = 5
_LEAST_OWN = 6
"""So many characters must be left when everything that anybody would guess is taken out."""
_USERNAME = re.compile(r"[a-z][a-z0-9_.-]{3,31}")
# What people choose first. They are looked for inside the password: repeated, joined or followed by a year they are
# as quickly guessed.
_COMMON = (
    "password", "passw0rd", "p@ssw0rd", "p@ssword", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwerty", "asdfgh",
    "1qaz2wsx", "qazwsx", "1q2w3e4r5t", "1q2w3e4r", "zaq12wsx", "iloveyou", "woaini", "5201314", "administrator",
    "admin", "welcome", "letmein", "dragon", "monkey", "football", "baseball", "superman", "princess", "sunshine",
    "abc123", "a123456", "woaizhongguo", "zhongguo", "ningboyibao", "yibaoju", "yibao", "shebao", "nbyb", "ningbo",
    "zhejiang", "danwei", "wangting", "gongsi", "changeme", "test", "宁波市医疗保障局", "宁波市医疗保障",
    "宁波医保局", "宁波医保", "医疗保障", "医保", "社保", "宁波", "浙江", "单位网厅", "网厅", "密码", "有限公司",
)  # fmt: skip
_RUNS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_SHORTEST_RUN = 4
_NOT_LETTERS = re.compile(r"[\W_]+")
_YEAR = re.compile(r"(?:19|20)\d\d(?:[01]\d[0-3]\d)?")
_REPEATED = re.compile(r"(.{1,8}?)\1{2,}")

_FREE_TRIES = 3
_LONGEST_WAIT = timedelta(minutes=15)


class TooManyLogins(TooMany):
    code = "login_blocked"
    title = "登录过于频繁"


def username_fault(username: str) -> FieldFault | None:
    """What is wrong with a username."""
    if _USERNAME.fullmatch(username.lower()):
        return None
    return FieldFault("/username", "username_form", "用户名应为4至32位，以字母开头，可含字母、数字和 . _ -")


def password_fault(password: str, *, username: str, unit_name: str = "") -> FieldFault | None:
    """What is wrong with a new password, as the default profile has it."""
    length = len(unicodedata.normalize("NFKC", password))
    if length < SHORTEST_PASSWORD:
        return _fault("password_short", f"密码至少{SHORTEST_PASSWORD}位，可以是一句便于记忆的话")
    if length > LONGEST_PASSWORD:
        return _fault("password_long", f"密码最多{LONGEST_PASSWORD}位")
    if _is_guessable(password, username, unit_name):
        return _fault("password_common", "密码过于常见，或主要由用户名、单位名称、连续或重复的字符组成，请换一个")
    return None


def _fault(code: str, message: str) -> FieldFault:
    return FieldFault("/password", code, message)


def _is_guessable(password: str, username: str, unit_name: str) -> bool:
    folded = unicodedata.normalize("NFKC", password).casefold()
    if len(set(folded)) < _LEAST_DIFFERENT:
        return True
    rest = _NOT_LETTERS.sub("", folded)
    names = (_NOT_LETTERS.sub("", unicodedata.normalize("NFKC", name).casefold()) for name in (unit_name, username))
    for word in (*names, *_COMMON):
        if len(word) > 1:
            rest = rest.replace(_NOT_LETTERS.sub("", word), "\n")  # what stood on both sides must not join
    rest = _REPEATED.sub(r"\1", _without_runs(_YEAR.sub("\n", rest)))
    signs = {sign for sign in folded if _NOT_LETTERS.fullmatch(sign)}
    return len(rest.replace("\n", "")) + len(signs) < _LEAST_OWN


def _without_runs(text: str) -> str:
    """The text without pieces of four and more that follow each other on a keyboard, in the alphabet or in counting."""
    kept: list[str] = []
    position = 0
    while position < len(text):
        length = _run_at(text, position)
        if length >= _SHORTEST_RUN:
            kept.append("\n")
            position += length
        else:
            kept.append(text[position])
            position += 1
    return "".join(kept)


def _run_at(text: str, start: int) -> int:
    """How long the run that begins at `start` is."""
    longest = 1
    for run in (*_RUNS, *(run[::-1] for run in _RUNS)):
        end = start + 1
        while end < len(text) and text[start : end + 1] in run:
            end += 1
        longest = max(longest, end - start)
    return longest


def wait_after(failed_logins: int) -> timedelta:
    """How long a username refuses every login after so many wrong passwords in a row: 0, then 1, 2, 4, ... s."""
    if failed_logins < _FREE_TRIES:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failed_logins - _FREE_TRIES, 20)), _LONGEST_WAIT)


def check_not_blocked(blocked_until: datetime | None, *, now: datetime) -> None:
    """Raises TooManyLogins while a username refuses every login."""
    if blocked_until is not None and now < blocked_until:
        seconds = max(1, -(-(blocked_until - now) // timedelta(seconds=1)))
        raise TooManyLogins(f"密码错误次数过多，请{seconds}秒后再试。", retry_after=seconds)
