"""Sessions: who may sign in where, how long it lasts. Pure."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Literal

from servicekit.refusals import FieldFault, Forbidden, InvalidFields, Refusal, Unauthenticated

LoginMode = Literal["legal_representative", "agent", "person", "staff"]

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=8)
TOKEN_LIFE = timedelta(seconds=90)
"""Longer than the gateway's cache of 60 s, within the two minutes that services accept."""
DELEGATION_LIFE = timedelta(seconds=60)
STEP_UP_LIFE = timedelta(minutes=5)
"""How long a session stays raised: time enough for the form that asked for it, not for a coffee."""
SEEN_EVERY = timedelta(minutes=1)
"""`last_seen_at` is written no more often: a busy page must not mean a write per request."""
UNSEEN = timedelta(minutes=1)
"""Requests that the gateway answers out of its cache are not seen here: nobody is ended for what we couldn't see."""

_KINDS_OF_MODE: dict[LoginMode, tuple[str, ...]] = {
    "legal_representative": ("legal_representative",),
    "agent": ("agent",),
    "person": ("person",),
    "staff": ("reviewer", "operator"),
}


class WrongCredentials(Unauthenticated):
    """The same whether the account exists, is of another kind, or the password is wrong."""

    code = "wrong_credentials"
    title = "登录失败"
    detail = "用户名或密码不正确，请核对后重试。如您的账号属于其他登录方式，请切换后登录。"


class SecondFactorRequired(Unauthenticated):
    """The password is right; the account has a second factor, and no code came with it."""

    code = "second_factor_required"
    title = "请输入动态口令"
    detail = "该账号已启用动态口令，请输入身份验证应用中的6位口令。"


class SecondFactorWrong(Unauthenticated):
    """Wrong, or used before."""

    code = "second_factor_wrong"
    title = "动态口令不正确"
    detail = "动态口令不正确或已使用过，请等待应用显示新的口令后重试。"


class SessionExpired(Unauthenticated):
    code = "session_expired"
    title = "登录已失效"
    detail = "您的登录已失效，请重新登录。"


class NoMandate(Forbidden):
    code = "no_mandate"
    title = "无权办理该单位业务"
    detail = "您没有该单位的授权，或授权已被解除，请联系单位法人。"


class NotAPerson(Forbidden):
    """Told to reporting's workers only."""

    code = "not_a_person"
    title = "不是已核对的个人账号"


class NotAUnitAccount(Forbidden):
    code = "not_a_unit_account"
    title = "该账号不办理单位业务"
    detail = "只有法人和经办人账号可以选择单位。"


class NotASession(Refusal):
    """An API key has no session to look at or to end."""

    code = "not_a_session"
    title = "不是登录会话"
    detail = "接口密钥不是登录会话，不能执行此操作。"


class WrongStepUp(InvalidFields):
    """What was asked for once more is wrong. A fault of a field: the session is as good as before."""

    code = "step_up_wrong"
    title = "身份验证没有通过"

    def __init__(self, field: Literal["password", "old_password", "totp_code"]) -> None:
        words = "动态口令不正确或已使用过，请输入新的口令" if field == "totp_code" else "密码不正确，请重新输入"
        super().__init__([FieldFault(f"/{field}", self.code, words)])


def opens_for(mode: LoginMode, kind: str) -> bool:
    """Whether this entrance lets in accounts of this kind."""
    return kind in _KINDS_OF_MODE[mode]


def new_cookie() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def digest_of(cookie: str) -> bytes:
    """What is stored of a cookie. It is random, so a plain hash can't be reversed."""
    return hashlib.sha256(cookie.encode(errors="replace")).digest()


def is_living(*, last_seen_at: datetime, expires_at: datetime, ended_at: datetime | None, now: datetime) -> bool:
    """Whether a session can still be used."""
    return ended_at is None and now < expires_at and now - last_seen_at < IDLE + UNSEEN


def logged_in_at(expires_at: datetime) -> datetime:
    """When the login was whose session ends then: a switch of the unit makes a new session with the same end."""
    return expires_at - ABSOLUTE


def token_end(*, expires_at: datetime, now: datetime) -> datetime:
    """When a token made now ends: no token outlives its session."""
    return min(now + TOKEN_LIFE, expires_at)
