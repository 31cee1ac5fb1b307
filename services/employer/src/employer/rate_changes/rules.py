"""Rules of changes of rates and limits. Pure."""

from typing import Literal, get_args
from uuid import UUID

from contracts.values.month import Month
from servicekit.refusals import FieldFault, InvalidFields, NotFound, Refusal

Subject = Literal["rate", "limits"]
# In the order of the applications': typing takes two Literals of the same values for one, and shows the first.
Status = Literal["pending", "withdrawn", "approved", "rejected"]
Decision = Literal["approve", "reject"]
SUBJECTS: tuple[Subject, ...] = get_args(Subject)
STATUSES: tuple[Status, ...] = get_args(Status)

MAX_YEARS_AHEAD = 2


class ChangeNotFound(NotFound):
    """There is no such proposal."""

    code = "rate_change_not_found"
    title = "调整不存在"
    detail = "该项调整不存在。"


class NotPending(Refusal):
    """It was decided or withdrawn."""

    code = "rate_change_decided"
    title = "该项调整已处理"
    detail = "该项调整已审批或已撤回，不能再次处理。"


class OwnProposal(Refusal):
    """Four eyes: nobody approves what they proposed themselves."""

    code = "own_proposal"
    title = "不能审批本人提出的调整"
    detail = "费率和基数的调整须由另一名经办管理员审批。"


class NotOwnProposal(Refusal):
    """Only who proposed something takes it back; others reject it."""

    code = "not_own_proposal"
    title = "只能撤回本人提出的调整"
    detail = "该项调整由其他经办管理员提出，您可以审批，但不能撤回。"


class ReasonRequired(Refusal):
    """A rejection says why."""

    code = "reason_required"
    title = "请填写审批意见"

    def __init__(self) -> None:
        super().__init__("不同意时必须填写原因。", pointer="/reason")


class AlreadyProposed(Refusal):
    """One change of the same thing at a time."""

    code = "rate_change_pending"
    title = "已有待审批的调整"
    detail = "同一险种和单位类型（或同一年度的基数）已有一项调整等待审批，请先处理。"


class NothingChanges(Refusal):
    """It is so already."""

    code = "nothing_changes"
    title = "没有变化"
    detail = "所填内容与现行费率（基数）相同，无需调整。"


class MonthAssessed(Refusal):
    """What was assessed stays as it was: a change begins behind it."""

    code = "month_assessed"
    title = "该月份已核定"

    def __init__(self, newest: Month, *, pointer: str) -> None:
        super().__init__(
            f"费款所属期 {newest.compact()} 及以前已核定，不能改变；调整最早从 {newest.next().compact()} 起执行。",
            pointer=pointer,
        )


class CodeUnknown(Refusal):
    """No such insurance type or kind of employer."""

    code = "code_unknown"
    title = "代码不存在"

    def __init__(self, pointer: str) -> None:
        super().__init__("不在代码表中", pointer=pointer)


def check_months(first: Month, last: Month | None, *, current: Month) -> None:
    """The months of a new rate.

    Raises:
        InvalidFields: backwards, or too far off to be meant.
    """
    faults = []
    if first > current.plus(12 * MAX_YEARS_AHEAD):
        faults.append(FieldFault("/first_month", "too_far_ahead", f"最多提前{MAX_YEARS_AHEAD}年设置"))
    if last is not None and last < first:
        faults.append(FieldFault("/last_month", "months_reversed", "止月不能早于起月"))
    if faults:
        raise InvalidFields(faults)


def check_year(year: int, *, current: Month) -> None:
    """The year of new limits.

    Raises:
        InvalidFields: too far off to be meant.
    """
    if year > current.year + MAX_YEARS_AHEAD:
        words = f"最多提前{MAX_YEARS_AHEAD}年设置"
        raise InvalidFields([FieldFault("/year", "too_far_ahead", words)])


def check_pending(status: Status) -> None:
    """Raises NotPending unless it still waits."""
    if status != "pending":
        raise NotPending


def check_may_decide(*, operator: UUID, proposed_by: UUID, decision: Decision, reason: str | None) -> None:
    """Whether an operator may decide like this.

    Raises:
        OwnProposal, ReasonRequired.
    """
    if operator == proposed_by:
        raise OwnProposal
    if decision == "reject" and not reason:
        raise ReasonRequired


def check_past(begins: Month, *, known_since: Month | None, newest_assessed: Month | None, pointer: str) -> None:
    """A change may not reach into months that were assessed by what is known; where nothing was known it may, since
    nothing was assessed by it. `known_since`: the first month from `begins` on for which something is known.

    Raises:
        MonthAssessed.
    """
    if newest_assessed is not None and known_since is not None and known_since <= newest_assessed:
        raise MonthAssessed(newest_assessed, pointer=pointer)
