"""Dynamic codes (RFC 6238: six digits, 30 seconds, SHA-1, as every app has them) and recovery codes. Pure."""

import hmac
import secrets
import unicodedata
from datetime import datetime, timedelta

import pyotp

from servicekit.refusals import Refusal

ISSUER = "医保单位网厅"
STEP_SECONDS = 30
_AROUND = 1
"""Codes of the step before and after are right too: clocks differ, and typing takes a while."""
CODE_DIGITS = 6
ENROLMENT_LIFE = timedelta(minutes=15)
RECOVERY_CODES = 10
_RECOVERY_LENGTH = 10
# Neither 0 and O nor 1, I and L: they are read off paper.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class WrongEnrolmentCode(Refusal):
    """The app and the hall don't agree: another secret, or a clock that is minutes off."""

    code = "enrolment_code_wrong"
    title = "动态口令不正确"
    detail = "动态口令不正确，请确认手机时间准确后，输入应用中最新的6位口令"

    def __init__(self) -> None:
        super().__init__(pointer="/code")


class NoEnrolment(Refusal):
    code = "no_enrolment"
    title = "请重新开始设置"
    detail = "没有正在进行的设置，或已超过15分钟，请重新扫描二维码。"


class NotEnrolled(Refusal):
    code = "second_factor_missing"
    title = "尚未设置动态口令"
    detail = "您的账号没有设置动态口令。"


class StaffNeedIt(Refusal):
    code = "second_factor_needed"
    title = "不能关闭动态口令"
    detail = "工作人员账号必须使用动态口令，可以重新设置，不能关闭。"


class PasswordTooShort(Refusal):
    """Good enough beside a second factor only."""

    code = "password_too_short_alone"
    title = "请先修改密码"
    detail = "当前密码较短，仅在使用动态口令时允许。请先把密码改为较长的密码，再关闭动态口令。"


def new_secret() -> str:
    """160 random bits, in base32 as apps take them."""
    return pyotp.random_base32()


def uri_of(secret: str, username: str) -> str:
    """What the QR code says to an authenticator app."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def step_of(now: datetime) -> int:
    """The number of the 30 seconds that are running."""
    return int(now.timestamp()) // STEP_SECONDS


def code_of(secret: str, step: int) -> str:
    """The code of one step."""
    return pyotp.HOTP(secret).at(step)


def read_code(typed: str) -> str | None:
    """The digits of a code as typed, or None when it can't be one."""
    code = unicodedata.normalize("NFKC", typed).replace(" ", "")
    return code if len(code) == CODE_DIGITS and code.isascii() and code.isdecimal() else None


def matching_step(secret: str, typed: str, *, now: datetime, last_step: int) -> int | None:
    """The step whose code was typed, if it is one of now and later than the last one used: each works once."""
    code = read_code(typed)
    if code is None:
        return None
    current = step_of(now)
    for step in range(current - _AROUND, current + _AROUND + 1):
        if hmac.compare_digest(code_of(secret, step), code) and step > last_step:
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Ten codes of 49 bits, in two groups of five."""
    codes = ("".join(secrets.choice(_ALPHABET) for _ in range(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES))
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def read_recovery_code(typed: str) -> str | None:
    """A recovery code as typed, without its dash, or None when it can't be one."""
    code = unicodedata.normalize("NFKC", typed).upper().replace(" ", "").replace("-", "")
    return code if len(code) == _RECOVERY_LENGTH and all(sign in _ALPHABET for sign in code) else None
