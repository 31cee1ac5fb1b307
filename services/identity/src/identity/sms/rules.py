"""Codes by text message: how often one may be sent, and when one can be right. Pure."""

import unicodedata
from datetime import datetime, timedelta
from typing import Literal

from servicekit.refusals import FieldFault, Refusal, TooMany

Purpose = Literal["registration", "password_reset", "mobile_change"]

CODE_DIGITS = 6
CODE_LIFE = timedelta(minutes=5)
NOTICE_LIFE = timedelta(hours=12)
"""News by text message: tried so long when the provider is away; of yesterday they would only confuse."""
MOST_TRIES = 5
PAUSE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MOST_PER_HOUR = 5
MOST_PER_HOUR_AND_CLIENT = 30
"""More than one, since a whole office stands behind one address."""
MOST_PER_HOUR_AND_ACCOUNT = 5


class WrongCode(Refusal):
    """Wrong, expired, used or guessed too often: all the same from outside."""

    code = "sms_code_wrong"
    title = "短信验证码不正确"
    detail = "短信验证码不正确或已失效，请核对或重新获取"


def check_may_send(
    sent_to_mobile: list[datetime], sent_for_client: int, sent_for_account: int = 0, *, now: datetime
) -> None:
    """Whether another code may be sent to this mobile. `sent_to_mobile`: when codes went there in the last hour.

    Raises:
        TooMany: a minute has not passed, or it was too many within the hour for the mobile, the client's address or the
            account.
    """
    if sent_to_mobile and now - max(sent_to_mobile) < PAUSE:
        seconds = _seconds(PAUSE - (now - max(sent_to_mobile)))
        raise TooMany(f"验证码已发送，请{seconds}秒后再获取", retry_after=seconds, pointer="/mobile")
    if len(sent_to_mobile) >= MOST_PER_HOUR:
        seconds = _seconds(HOUR - (now - min(sent_to_mobile)))
        minutes = -(-seconds // 60)
        raise TooMany(f"该手机号获取验证码过于频繁，请{minutes}分钟后再试", retry_after=seconds, pointer="/mobile")
    if sent_for_client >= MOST_PER_HOUR_AND_CLIENT:
        raise TooMany("当前网络获取验证码过于频繁，请一小时后再试", retry_after=3600, pointer="/mobile")
    if sent_for_account >= MOST_PER_HOUR_AND_ACCOUNT:
        raise TooMany("该账号获取验证码过于频繁，请一小时后再试", retry_after=3600, pointer="/mobile")


def _seconds(wait: timedelta) -> int:
    """Rounded up: who comes back after so many seconds is let in."""
    return max(1, -(-wait // timedelta(seconds=1)))


def may_be_used(*, expires_at: datetime, used_at: datetime | None, tries: int, now: datetime) -> bool:
    """Whether a code can still be right."""
    return used_at is None and now < expires_at and tries < MOST_TRIES


def read_sms_code(typed: str) -> str | None:
    """The digits of a code as typed, or None when it can't be one: that is a slip, not a guess."""
    code = unicodedata.normalize("NFKC", typed).replace(" ", "")
    return code if len(code) == CODE_DIGITS and code.isascii() and code.isdecimal() else None


def sms_code_fault(typed: str, pointer: str = "/sms_code") -> FieldFault | None:
    """What is wrong with the form of a code."""
    if read_sms_code(typed) is not None:
        return None
    return FieldFault(pointer, "sms_code_form", f"短信验证码应为{CODE_DIGITS}位数字")
