"""Refusals: what the hall says no with. They know nothing of HTTP; `servicekit.problems` turns them into answers.

A rule names its refusal beside itself and gives it a stable `code` and Chinese words:

    class AlreadyInsured(Refusal):
        code = "already_insured"
        title = "该人员已在其他单位参保"
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One fault of one field. `pointer` is a JSON Pointer into the request body, `message` is Chinese."""

    pointer: str
    code: str
    message: str


class Refusal(Exception):
    """A business rule says no. Expected, so it is logged at INFO and without a stack.

    `code` is stable and meant for programs; `title` and `detail` are Chinese and meant for people. A `pointer` puts
    the message beside that field of the form, e.g. `/insurance/start_month`.
    """

    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "操作未被接受"
    detail: str = ""

    def __init__(self, detail: str | None = None, *, pointer: str | None = None) -> None:
        self.detail = detail or type(self).detail or self.title
        self.pointer = pointer
        super().__init__(self.code)

    @property
    def faults(self) -> Sequence[FieldFault]:
        """The fields the refusal is about, for the messages beside them."""
        return () if self.pointer is None else (FieldFault(self.pointer, self.code, self.detail),)

    def __str__(self) -> str:
        # The detail may repeat what a person typed; the code never does.
        return self.code


class NotFound(Refusal):
    """There is no such thing, or it is none of the asker's business: both look the same from outside."""

    code = "not_found"
    title = "未找到"
    detail = "您要查看的内容不存在，或不属于当前单位。"


class Gone(Refusal):
    """It was there and is no more, e.g. an expired document."""

    code = "gone"
    title = "已失效"
    detail = "您要查看的内容已过期失效，请重新办理。"


class Forbidden(Refusal):
    """Known who asks, and it isn't theirs to do."""

    code = "forbidden"
    title = "没有权限"
    detail = "您没有办理此项业务的权限。"


class Unauthenticated(Refusal):
    """Not known who asks: no token, or one that is worth nothing."""

    code = "unauthenticated"
    title = "请先登录"
    detail = "您尚未登录或登录已失效，请重新登录。"


class InvalidFields(Refusal):
    """Field checks that need more than the field's own shape: check digits, dates that contradict each other."""

    code = "invalid_fields"
    title = "填写内容有误"
    detail = "请按提示修改后重新提交。"

    def __init__(self, errors: Sequence[FieldFault], detail: str | None = None) -> None:
        super().__init__(detail)
        self.errors = tuple(errors)

    @property
    def faults(self) -> Sequence[FieldFault]:
        """Every faulty field, all at once."""
        return self.errors


class TooMany(Refusal):
    """Too often. `retry_after` is in seconds."""

    code = "too_many"
    title = "操作过于频繁"
    detail = "操作过于频繁，请稍后再试。"

    def __init__(self, detail: str | None = None, *, retry_after: int, pointer: str | None = None) -> None:
        super().__init__(detail, pointer=pointer)
        self.retry_after = retry_after


class Stale(Refusal):
    """What the asker looked at has changed since."""

    code = "stale"
    title = "内容已被更新"
    detail = "您查看之后，这条内容已被更新，请刷新后再操作。"


class ConditionRequired(Refusal):
    """A header is missing without which the request could do harm: If-Match, Idempotency-Key, X-Hall-Unit."""

    code = "condition_required"
    title = "缺少必要的请求条件"
    detail = "请求缺少必要的条件，请刷新页面后重试。"


class Unavailable(Refusal):
    """Something the hall stands on is away for a moment: nothing was done, trying again is right. Seconds."""

    code = "try_again"
    title = "系统繁忙"
    detail = "系统暂时繁忙，本次操作未生效，请稍后重试。"

    def __init__(self, detail: str | None = None, *, retry_after: int = 2) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
