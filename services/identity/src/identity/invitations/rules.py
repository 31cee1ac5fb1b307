"""Invitations: whom a legal representative may ask, how long and how often; what can still be answered. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from servicekit.refusals import Refusal, TooMany

Status = Literal["pending", "expired", "accepted", "refused", "withdrawn", "superseded"]

LIFE = timedelta(days=7)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MOST_WAITING = 200
"""For a unit. Nobody appoints more agents than that at a time; a register of usernames tried out is longer."""
MOST_PER_HOUR = 60
MOST_TO_ONE_PER_DAY = 3
"""To one username or mobile: each may mean a text message to somebody who doesn't want any."""
KEPT_AFTER_END = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom an invitation is for: one of the two is there. `mobile_index` is a blind index."""

    username: str | None
    mobile_index: bytes | None

    @property
    def pointer(self) -> str:
        """The field in which it was typed."""
        return "/mobile" if self.username is None else "/username"


class OwnInvitation(Refusal):
    code = "own_invitation"
    title = "不能邀请自己"
    detail = "法人账号无需授权即可办理本单位业务，不能邀请自己。"


class AlreadyServes(Refusal):
    code = "already_serves"
    title = "该经办人已在本单位"
    detail = "该账号已是本单位的经办人，如需调整请直接修改其权限。"


class AlreadyInvited(Refusal):
    code = "already_invited"
    title = "已有待接受的邀请"
    detail = "已向该用户名或手机号码发出邀请，对方尚未处理；如需更改权限，请先撤回再重新邀请。"


class AlreadyAgent(Refusal):
    """Seen by the agent: there were two invitations, or one by the agency meanwhile."""

    code = "already_agent"
    title = "您已是该单位的经办人"
    detail = "您已是该单位的经办人，无需再次接受；如需调整权限请联系单位法人。"


class InvitationClosed(Refusal):
    code = "invitation_closed"
    title = "邀请已失效"


class UnitClosed(Refusal):
    code = "unit_closed"
    title = "该单位已注销"
    detail = "该单位已在经办机构注销，不能再接受其邀请。"


_CLOSED = {
    "accepted": "该邀请已被接受。",
    "refused": "该邀请已被谢绝。",
    "withdrawn": "单位已撤回该邀请。",
    "superseded": "您已接受该单位的另一份邀请，本邀请自动失效。",
    "expired": "该邀请已过有效期，请联系单位法人重新邀请。",
}


def status_at(status: Status, *, expires_at: datetime, now: datetime) -> Status:
    """The status as it is now: nothing happens at the moment an invitation expires."""
    return "expired" if status == "pending" and now >= expires_at else status


def check_open(status: Status, *, expires_at: datetime, now: datetime) -> None:
    """Whether an invitation can still be answered or withdrawn.

    Raises:
        InvitationClosed: it can't, and this is why.
    """
    shown = status_at(status, expires_at=expires_at, now=now)
    if shown != "pending":
        raise InvitationClosed(_CLOSED[shown])


def check_not_own(to: Addressee, *, own_username: str, own_mobile_index: bytes | None) -> None:
    """Whether the invited is somebody else.

    Raises:
        OwnInvitation: it is the inviter.
    """
    if to.username == own_username or (to.mobile_index is not None and to.mobile_index == own_mobile_index):
        raise OwnInvitation(pointer=to.pointer)


def check_may_invite(to: Addressee, *, waiting: int, last_hour: int, to_the_same: int) -> None:
    """Whether a unit may send another invitation. `waiting`: unanswered ones; `to_the_same`: of the last day.

    Raises:
        TooMany: there are too many waiting, in the last hour, or to the same person.
    """
    if to_the_same >= MOST_TO_ONE_PER_DAY:
        raise TooMany(
            "今天已多次邀请该经办人，请明天再试。", retry_after=round(DAY.total_seconds()), pointer=to.pointer
        )
    if waiting >= MOST_WAITING:
        raise TooMany("待接受的邀请过多，请先撤回不需要的邀请。", retry_after=round(HOUR.total_seconds()))
    if last_hour >= MOST_PER_HOUR:
        raise TooMany("邀请过于频繁，请一小时后再试。", retry_after=round(HOUR.total_seconds()))
