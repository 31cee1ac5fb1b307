"""Single sign-on: what binds a login to a browser, whose account it opens, and why it is refused. Pure."""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Literal
from uuid import UUID

from servicekit.refusals import Forbidden, Gone, NotFound, Refusal, Unavailable

ATTEMPT_LIFE = timedelta(minutes=10)
"""From pressing the button to coming back, and as long again for the page that asks something then."""
COUNTED_FOR = timedelta(minutes=10)
MOST_ATTEMPTS = 120
"""Of one address: a whole office stands behind one, and each attempt costs the provider a call or two."""

Way = Literal["again", "login", "register", "reset", "agency"]
"""What a page of refusal offers: to begin anew, the password, registration, a new password, the agency's counter."""
Step = Literal["started", "confirm", "link", "second_factor", "signed_in", "linked"]
Purpose = Literal["login", "link"]

_RETURN = re.compile(r"/(?:hall|units|person|account)(?:/[A-Za-z0-9_-]+)*")
_IGNORED_IN_NAMES = re.compile(r"[\s·•・.]+")


class SsoRefusal(Refusal):
    """Why somebody does not come in. Told on a page of its own, since the browser was on its way between two sites."""

    ways: ClassVar[tuple[Way, ...]] = ("again", "login")

    def __init__(self, *, account_id: UUID | None = None) -> None:
        """`account_id`: whose security log the refusal belongs into, where that is known."""
        super().__init__()
        self.account_id = account_id


class StateMissing(SsoRefusal):
    code = "sso_state_missing"
    title = "没有找到您的登录请求"
    detail = "本浏览器没有发起过这次登录，或浏览器禁用了 Cookie。请回到登录页重新登录。"


class StateForeign(SsoRefusal):
    code = "sso_state_foreign"
    title = "登录请求不属于本浏览器"
    detail = "这次登录不是由本浏览器当前的页面发起的：可能您又打开了新的登录页面，或链接来自他人。本次登录已停止。"


class StateExpired(SsoRefusal):
    code = "sso_state_expired"
    title = "登录请求已过期"
    detail = "从发起登录到返回本网厅超过了10分钟，请重新登录。"


class StateUsed(SsoRefusal):
    code = "sso_state_used"
    title = "登录请求已使用"
    detail = "这次登录已经办理过，不能重复使用（例如刷新或后退了登录返回页）。如未登录成功，请重新登录。"


class TicketRefused(SsoRefusal):
    code = "sso_ticket_refused"
    title = "登录凭据无效"
    detail = "对方平台没有认可这次登录的凭据，可能已被使用或已过期。请重新登录。"


class TokenRefused(SsoRefusal):
    """An ID token that proves nothing: signature, issuer, time, form."""

    code = "sso_token_refused"
    title = "登录凭据校验未通过"
    detail = "对方平台返回的凭据没有通过校验（签名、签发方或有效期不符）。请重新登录，多次出现请联系经办机构。"


class WrongAudience(TokenRefused):
    code = "sso_token_audience"
    detail = "对方平台返回的登录凭据不是签发给单位网厅的，本次登录已停止。请重新登录，多次出现请联系经办机构。"


class WrongNonce(TokenRefused):
    code = "sso_token_nonce"
    detail = "对方平台返回的登录凭据与本次登录请求不对应，本次登录已停止。请重新登录。"


class Cancelled(SsoRefusal):
    code = "sso_cancelled"
    title = "您取消了登录"
    detail = "您在对方平台取消了登录，或没有同意授权。可以重新登录，也可以用本网厅的用户名和密码登录。"


class ProviderAway(SsoRefusal, Unavailable):
    """For a program that asked it is 503: trying again is right."""

    code = "sso_provider_away"
    title = "对方平台暂时没有响应"
    detail = "统一登录平台暂时没有响应，请稍后再试，也可以用本网厅的用户名和密码登录。"


class ProviderFault(SsoRefusal):
    code = "sso_provider_fault"
    title = "对方平台答复异常"
    detail = "统一登录平台的答复不符合约定，本次登录没有完成。请稍后再试，多次出现请联系经办机构。"
    ways = ("again", "login", "agency")


class LevelTooLow(SsoRefusal):
    code = "sso_level_low"
    title = "实名认证等级不足"
    detail = "您在对方平台的实名认证等级不够办理医保业务，请先在该平台完成高级实名认证，再回来登录。"
    ways = ("again", "login")


class DocumentUnsupported(SsoRefusal):
    code = "sso_document_unsupported"
    title = "证件类型暂不支持"
    detail = "对方平台登记的证件不是居民身份证（或港澳台居民居住证），不能据此登录。请用用户名和密码登录。"
    ways = ("login", "register", "agency")


class UnitUnknown(SsoRefusal):
    code = "sso_unit_unknown"
    title = "该单位尚未参保登记"
    detail = "您在对方平台的统一社会信用代码没有对应的参保单位。请先办理单位参保登记，或联系经办机构核对代码。"
    ways = ("agency", "login")


class AccountClosed(SsoRefusal):
    code = "sso_account_closed"
    title = "账号已注销"
    detail = "与您的身份对应的网厅账号已注销，不能登录。如需恢复，请联系经办机构。"
    ways = ("agency",)


class RepresentativeDiffers(SsoRefusal):
    code = "sso_representative_differs"
    title = "法人信息不一致"
    detail = "该单位在网厅的法人账号登记的法定代表人与对方平台的不一致。请先办理单位信息变更，或联系经办机构核实。"
    ways = ("agency", "login")


class PersonDiffers(SsoRefusal):
    code = "sso_person_differs"
    title = "不是同一个人"
    detail = "对方平台的身份与本网厅账号登记的身份不一致，不能绑定。"
    ways = ("login", "agency")


class LinkedElsewhere(SsoRefusal):
    code = "sso_linked_elsewhere"
    title = "已绑定其他账号"
    detail = "这个身份已经绑定了网厅的另一个账号。请用那个账号登录并解除绑定后再试。"


class SessionChanged(SsoRefusal):
    code = "sso_session_changed"
    title = "登录状态已变化"
    detail = "发起绑定的账号已退出或已切换，绑定没有进行。请重新登录后再绑定。"
    ways = ("login",)


class ModeNotOffered(SsoRefusal):
    code = "sso_mode_not_offered"
    title = "该登录方式不适用"
    detail = "所选的账号类型不能通过这个平台登录，请换一种登录方式。"
    ways = ("login",)


class TooManyAttempts(SsoRefusal):
    code = "sso_too_many"
    title = "登录过于频繁"
    detail = "当前网络发起统一登录过于频繁，请10分钟后再试，也可以用本网厅的用户名和密码登录。"
    ways = ("login",)


class NoSuchProvider(SsoRefusal, NotFound):
    code = "sso_no_such_provider"
    title = "没有这种登录方式"
    detail = "本网厅没有开通这种登录方式，请从登录页重新选择。"
    ways = ("login",)


class HallBusy(SsoRefusal):
    """The hall's own trouble on the way: the database is away, say."""

    code = "sso_hall_busy"
    title = "系统繁忙"
    detail = "系统暂时繁忙，本次登录没有完成，请稍后重新登录。"
    retry_after = 2


class ArrivalGone(Gone):
    """There is nothing that waits for an answer of this browser."""

    code = "sso_arrival_gone"
    title = "登录请求已失效"
    detail = "没有等待确认的登录，可能已超过10分钟。请回到登录页重新登录。"


class LoginNeeded(Forbidden):
    """A link is a way in: who makes one has just shown that the account is theirs."""

    code = "sso_login_needed"
    title = "请先登录一次"
    detail = "绑定前需要用本网厅账号重新登录一次，以确认账号属于您本人。"


class NoPasswordYet(Refusal):
    """Without a password nobody can be asked for it once more."""

    code = "sso_no_password_yet"
    title = "请先设置登录密码"
    detail = "您的账号还没有登录密码，请先通过“忘记密码”设置，再绑定或解除其他登录方式。"


class LastWayIn(Refusal):
    code = "sso_last_way_in"
    title = "不能解除唯一的登录方式"
    detail = "您的账号没有登录密码，解除后将无法登录。请先通过“忘记密码”设置登录密码。"


REFUSALS: dict[str, type[SsoRefusal]] = {
    refusal.code: refusal
    for refusal in (
        StateMissing, StateForeign, StateExpired, StateUsed, TicketRefused, TokenRefused, WrongAudience, WrongNonce,
        Cancelled, ProviderAway, ProviderFault, LevelTooLow, DocumentUnsupported, UnitUnknown, AccountClosed,
        RepresentativeDiffers, PersonDiffers, LinkedElsewhere, SessionChanged, ModeNotOffered, TooManyAttempts,
        NoSuchProvider, HallBusy,
    )
}  # fmt: skip
"""By code: the page of refusal is named by it, so that its address holds nothing else."""


@dataclass(frozen=True, slots=True)
class AttemptSecrets:
    """What binds one login to one browser. All follow from the cookie's value, so that nothing of it is stored."""

    state: str
    nonce: str
    verifier: str

    def __repr__(self) -> str:
        return "AttemptSecrets(***)"


def new_handle() -> str:
    """256 random bits for the cookie of an attempt."""
    return secrets.token_urlsafe(32)


def digest_of(handle: str) -> bytes:
    """What is stored of a cookie. It is random, so a plain hash can't be reversed."""
    return hashlib.sha256(handle.encode(errors="replace")).digest()


def secrets_of(handle: str) -> AttemptSecrets:
    """State, nonce and PKCE verifier of a cookie: 43 characters each, and none tells another."""
    return AttemptSecrets(*(_derived(handle, label) for label in ("state", "nonce", "pkce")))


def _derived(handle: str, label: str) -> str:
    digest = hmac.new(handle.encode(errors="replace"), f"hall.sso.{label}".encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def same_secret(one: str, other: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))


def check_room(attempts: int) -> None:
    """Raises TooManyAttempts when an address has begun too many lately."""
    if attempts >= MOST_ATTEMPTS:
        raise TooManyAttempts


def check_fresh(*, expires_at: datetime, used_at: datetime | None, now: datetime) -> None:
    """Raises StateUsed or StateExpired."""
    if used_at is not None:
        raise StateUsed
    if now >= expires_at:
        raise StateExpired


def check_level(level: str | None, sufficient: tuple[str, ...]) -> None:
    """Raises LevelTooLow unless the level is one of the sufficient ones; none named: any is."""
    if sufficient and level not in sufficient:
        raise LevelTooLow


def safe_return(wanted: str | None) -> str | None:
    """A page of the hall to return to; None for whatever else somebody put there."""
    if wanted is not None and len(wanted) <= 200 and _RETURN.fullmatch(wanted):
        return wanted
    return None


def same_name(one: str | None, other: str | None) -> bool:
    """Whether two names of people differ in nothing but blanks, dots and case."""
    if not one or not other:
        return False
    return _IGNORED_IN_NAMES.sub("", one).casefold() == _IGNORED_IN_NAMES.sub("", other).casefold()


def may_adopt(*, names_agree: bool, made_of_it: bool, mobiles_agree: bool | None) -> bool:
    """Whether an account with the same ID number is taken for the same person's without asking for its password.

    The registration of an account checks the mobile by a message, the ID number not: an account with somebody's number
    and name may be somebody else's trap, unless the provider knows the same mobile. `mobiles_agree` is None where one
    of the two is unknown. Nobody has typed anything into an account that was made of such an identity.
    """
    return names_agree and (made_of_it or mobiles_agree is True)


def may_vouch(*, asked_for: bool, made_of_it: bool, mobiles_agree: bool | None) -> bool:
    """Whether a linked identity shows that the account is its person's own, and not a trap that somebody else has laid
    with that person's ID number: whoever asked for the link holds both; an account that was made of the identity has no
    other owner; otherwise the mobile, which the account's registration has checked, must be known to be the same.
    """
    return asked_for or made_of_it or mobiles_agree is True


def new_username() -> str:
    """A username for an account that came by single sign-on: short enough to be noted, and nobody's name."""
    return "zw" + "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(10))


def check_logged_in_since(logged_in_at: datetime, *, arrived_at: datetime) -> None:
    """Raises LoginNeeded when the session is older than the arrival that is to be linked to its account."""
    if logged_in_at < arrived_at:
        raise LoginNeeded
