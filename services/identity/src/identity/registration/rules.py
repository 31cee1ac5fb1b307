"""Registration: codes by text message, and who may register for what. Pure."""

import re
import unicodedata
from datetime import datetime, timedelta

from servicekit.refusals import FieldFault, Refusal, TooMany

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
# Chinese (with the extensions that rare surnames need) or Latin; `·` in names of minorities, blanks in Latin ones.
_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·]{2,50}|[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ .'’·-]{1,49}")


class UnknownUnit(Refusal):
    """The same words whether the code or the name is wrong: the register is not to be read out by trying."""

    code = "unknown_unit"
    title = "未找到该参保单位"
    detail = "统一社会信用代码与单位名称不一致，或该单位尚未在经办机构登记。请核对后重试，或联系经办机构。"


class AlreadyRegistered(Refusal):
    code = "already_registered"
    title = "该单位已注册法人账号"
    detail = "该统一社会信用代码已注册过法人账号，请直接登录；忘记账号请联系经办机构。"


class UsernameTaken(Refusal):
    code = "username_taken"
    title = "用户名已被使用"
    detail = "用户名已被使用，请换一个"


class WrongCode(Refusal):
    """Wrong, expired, used or guessed too often: all the same from outside."""

    code = "sms_code_wrong"
    title = "短信验证码不正确"
    detail = "短信验证码不正确或已失效，请核对或重新获取"


def check_may_send(sent_to_mobile: list[datetime], sent_for_client: int, *, now: datetime) -> None:
    """Whether another code may be sent to this mobile. `sent_to_mobile`: when codes went there in the last hour.

    Raises:
        TooMany: a minute has not passed, or it was too many within the hour for the mobile or the client's address.
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


def sms_code_fault(typed: str) -> FieldFault | None:
    """What is wrong with the form of a code."""
    if read_sms_code(typed) is not None:
        return None
    return FieldFault("/person/sms_code", "sms_code_form", f"短信验证码应为{CODE_DIGITS}位数字")


def name_fault(name: str) -> FieldFault | None:
    """What is wrong with a person's name (domain.md §4: 2 to 50, Chinese or Latin, `·` allowed)."""
    if _NAME.fullmatch(name):
        return None
    return FieldFault("/person/name", "name_form", "姓名应为2至50个汉字或字母，可含间隔号“·”，请按证件填写")
