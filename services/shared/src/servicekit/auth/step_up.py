"""Step-up: what weighs most wants the password or the second factor once more, a short while before it is done.

Identity raises a session (`POST /sessions/current/step-up`); the token says until when. A use case that needs it calls
`check_stepped_up` first. Pages answer `step_up_required` with a question for the password and send the same again.
"""

from datetime import datetime

from servicekit.auth.principals import Principal
from servicekit.refusals import Forbidden


class StepUpRequired(Forbidden):
    """The session is not raised, or no longer."""

    code = "step_up_required"
    title = "需要再次验证身份"
    detail = "此操作较为重要，请再次输入登录密码或动态口令后继续。"


class StepUpImpossible(Forbidden):
    """An API key or a delegated token has nobody behind it who could be asked."""

    code = "step_up_impossible"
    title = "接口密钥不能办理"
    detail = "此操作需要本人再次验证身份，不能通过接口密钥办理，请登录网页办理。"


def check_stepped_up(principal: Principal, *, now: datetime) -> None:
    """Whether the password or the second factor was shown a short while ago.

    Raises:
        StepUpRequired: it was not.
        StepUpImpossible: the token is no session's.
    """
    if principal.via != "session":
        raise StepUpImpossible
    if not principal.stepped_up(now):
        raise StepUpRequired
