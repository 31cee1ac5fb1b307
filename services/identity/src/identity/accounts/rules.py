"""Usernames, passwords, and how long somebody waits after wrong ones. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

from servicekit.refusals import FieldFault, TooMany

PasswordProfile = Literal["default", "dengbao3"]


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What a house asks of passwords. `classes`: how many of 大写字母, 小写字母, 数字, 符号 a password has at least."""

    shortest: int
    shortest_with_second_factor: int
    classes: int = 0
    life: timedelta | None = None
    """After so long it has to be changed."""
    lock_after: int | None = None
    """So many wrong ones in a row lock the account for `LOCK`; None: waits that grow."""


POLICIES: dict[PasswordProfile, PasswordPolicy] = {
    # NIST SP 800-63B-4 §3.1.1.2: no composition rules, no forced change.
    "default": PasswordPolicy(shortest=15, shortest_with_second_factor=8),
    # 等保三级 as assessors read it: 8 characters of 3 classes, 90 days, locked after 5.
    "dengbao3": PasswordPolicy(
        shortest=8, shortest_with_second_factor=8, classes=3, life=timedelta(days=90), lock_after=5
    ),
}
LOCK = timedelta(minutes=30)
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
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
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


def password_length(password: str) -> int:
    """In characters, however they were typed."""
    return len(unicodedata.normalize("NFKC", password))


def password_fault(
    password: str,
    *,
    username: str,
    unit_name: str = "",
    second_factor: bool = False,
    policy: PasswordPolicy = POLICIES["default"],
) -> FieldFault | None:
    """What is wrong with a new password of somebody with or without a second factor."""
    length = password_length(password)
    shortest = policy.shortest_with_second_factor if second_factor else policy.shortest
    if length < shortest:
        hint = "" if policy.classes else "，可以是一句便于记忆的话"
        return _fault("password_short", f"密码至少{shortest}位{hint}")
    if length > LONGEST_PASSWORD:
        return _fault("password_long", f"密码最多{LONGEST_PASSWORD}位")
    if _classes_of(password) < policy.classes:
        return _fault("password_simple", f"密码须包含大写字母、小写字母、数字、符号中的至少{policy.classes}类")
    if _is_guessable(password, username, unit_name):
        return _fault("password_common", "密码过于常见，或主要由用户名、单位名称、连续或重复的字符组成，请换一个")
    return None


def _fault(code: str, message: str) -> FieldFault:
    return FieldFault("/password", code, message)


def _classes_of(password: str) -> int:
    text = unicodedata.normalize("NFKC", password)
    upper, lower, digit = any(map(str.isupper, text)), any(map(str.islower, text)), any(map(str.isdecimal, text))
    return upper + lower + digit + any(not (c.isupper() or c.islower() or c.isdecimal()) for c in text)


@cache
def common_passwords() -> frozenset[str]:
    """The 30,000 passwords seen most often in leaks, as zxcvbn keeps them. A tenth of a second at the first call."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def _is_guessable(password: str, username: str, unit_name: str) -> bool:
    folded = unicodedata.normalize("NFKC", password).casefold()
    if len(set(folded)) < _LEAST_DIFFERENT:
        return True
    # Also with a year, a count or an exclamation mark around it: dragon2026!
    core = _ENDS.sub("", folded)
    common = tuple(word for word in (folded, core) if word in common_passwords())
    rest = _NOT_LETTERS.sub("", folded)
    names = (_NOT_LETTERS.sub("", unicodedata.normalize("NFKC", name).casefold()) for name in (unit_name, username))
    for word in (*names, *common, *_COMMON):
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


def has_expired(changed_at: datetime, policy: PasswordPolicy, *, now: datetime) -> bool:
    """Whether a password has to be changed before anything else."""
    return policy.life is not None and now - changed_at >= policy.life


def wait_after(failed_logins: int, policy: PasswordPolicy = POLICIES["default"]) -> timedelta:
    """How long a username refuses every login after so many wrong passwords in a row: 0, then 1, 2, 4, ... s."""
    if policy.lock_after is not None:
        return LOCK if failed_logins >= policy.lock_after else timedelta(0)
    if failed_logins < _FREE_TRIES:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failed_logins - _FREE_TRIES, 20)), _LONGEST_WAIT)


def check_not_blocked(blocked_until: datetime | None, *, now: datetime) -> None:
    """Raises TooManyLogins while a username refuses every login."""
    if blocked_until is not None and now < blocked_until:
        seconds = max(1, -(-(blocked_until - now) // timedelta(seconds=1)))
        wait = f"{seconds}秒" if seconds <= 60 else f"{-(-seconds // 60)}分钟"
        raise TooManyLogins(f"密码或口令错误次数过多，请{wait}后再试。", retry_after=seconds)
