"""What the account page asks before it changes something, and the words of the security log. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from servicekit.auth import LimitedHolder, Principal, SessionLimited, check_stepped_up
from servicekit.auth.tokens import Limit
from servicekit.refusals import FieldFault, InvalidFields

ACTIONS: Mapping[str, str] = {
    "account.registered": "注册账号",
    "account.password_changed": "修改密码",
    "account.password_reset": "通过短信重新设置密码",
    "account.mobile_changed": "更换手机号码",
    "account.closed": "账号停用",
    "account.released": "账号注销",
    "session.started": "登录",
    "session.refused": "登录失败",
    "session.ended": "退出登录",
    "session.ended_by_owner": "结束一处登录",
    "session.others_ended": "结束其他全部登录",
    "session.unit_chosen": "选择办理单位",
    "session.stepped_up": "再次验证身份",
    "session.step_up_refused": "再次验证身份失败",
    "second_factor.enrolled": "启用动态口令",
    "second_factor.turned_off": "关闭动态口令",
    "second_factor.recovery_codes_made": "重新生成恢复码",
    "second_factor.recovery_code_used": "使用恢复码",
    "sso.linked": "绑定其他平台登录",
    "sso.unlinked": "解除其他平台登录绑定",
    "sso.refused": "通过其他平台登录失败",
    "staff.code_made": "签发开通码",
    "staff.begun": "使用开通码设置密码",
}
"""What the log calls an action; one that isn't here is shown as 其他."""
_MODES = {"legal_representative": "法人登录", "agent": "经办人登录", "person": "个人登录", "staff": "工作人员登录"}


class SamePassword(InvalidFields):
    """A change that changes nothing."""

    code = "same_password"
    title = "新密码与原密码相同"

    def __init__(self) -> None:
        super().__init__([FieldFault("/password", self.code, "新密码不能与原密码相同")])


def check_may_set(who: Principal, limit: Limit, *, now: datetime) -> None:
    """Whether this session may set something now: a raised one, or one that is there for nothing else.

    Raises:
        StepUpRequired, StepUpImpossible: it is an ordinary one.
        SessionLimited: it is there for something else.
    """
    if not isinstance(who, LimitedHolder):
        check_stepped_up(who, now=now)
    elif who.limited_to != limit:
        raise SessionLimited(who.limited_to)


def detail_of(action: str, facts: Mapping[str, Any]) -> str:
    """The particulars of a row of the log, in words."""
    if action in ("session.started", "session.refused"):
        failed = f"连续第{facts['failed']}次" if "failed" in facts else ""
        elsewhere = "通过其他平台" if "sso" in facts else ""
        parts = (_MODES.get(str(facts.get("mode")), ""), elsewhere, facts.get("device"), facts.get("place"), failed)
        return " · ".join(str(part) for part in parts if part)
    if action == "session.unit_chosen":
        return f"单位编号 {facts.get('employer_no', '')}"
    if action == "session.others_ended":
        return f"共{facts.get('sessions', 0)}处"
    return ""
