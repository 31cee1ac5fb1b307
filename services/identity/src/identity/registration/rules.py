"""Registration: codes by text message, and who may register for what. Pure."""

from datetime import datetime, timedelta

from servicekit.refusals import Refusal, TooMany

CODE_DIGITS = 6
CODE_LIFE = timedelta(minutes=5)
MOST_TRIES = 5
PAUSE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MOST_PER_HOUR = 5
MOST_PER_HOUR_AND_CLIENT = 30


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


class MessagesUnavailable(Refusal):
    code = "sms_unavailable"
    title = "暂时无法发送短信"
    detail = "短信通道暂未开通，请稍后再试或联系经办机构。"


def check_may_send(sent_to_mobile: list[datetime], sent_for_client: int, *, now: datetime) -> None:
    """Whether another code may be sent to this mobile. `sent_to_mobile`: when codes went there in the last hour.

    Raises:
        TooMany: a minute has not passed, or it was too many within the hour for the mobile or the client's address.
    """
    if sent_to_mobile and now - max(sent_to_mobile) < PAUSE:
        wait = PAUSE - (now - max(sent_to_mobile))
        seconds = max(1, round(wait.total_seconds()))
        raise TooMany(f"验证码已发送，请{seconds}秒后再获取", retry_after=seconds, pointer="/mobile")
    if len(sent_to_mobile) >= MOST_PER_HOUR:
        wait = HOUR - (now - min(sent_to_mobile))
        minutes = max(1, round(wait.total_seconds() / 60))
        raise TooMany(f"该手机号获取验证码过于频繁，请{minutes}分钟后再试", retry_after=minutes * 60, pointer="/mobile")
    if sent_for_client >= MOST_PER_HOUR_AND_CLIENT:
        raise TooMany("当前网络获取验证码过于频繁，请一小时后再试", retry_after=3600, pointer="/mobile")


def may_be_used(*, expires_at: datetime, used_at: datetime | None, tries: int, now: datetime) -> bool:
    """Whether a code can still be right."""
    return used_at is None and now < expires_at and tries < MOST_TRIES
