"""Rules of the assessment (核定). Pure."""

from contracts.values.month import Month
from servicekit.refusals import Refusal


class MonthNotOpen(Refusal):
    """A month that has not begun owes nothing yet."""

    code = "month_not_open"
    title = "费款所属期尚未开始"

    def __init__(self, month: Month) -> None:
        super().__init__(f"费款所属期 {month} 尚未开始，不能核定。", pointer="/month")


class AlreadyRunning(Refusal):
    """The month is being assessed at this moment."""

    code = "assessment_running"
    title = "该月核定正在进行"

    def __init__(self, month: Month) -> None:
        super().__init__(f"费款所属期 {month} 的核定正在进行，请等待完成。", pointer="/month")


def check_month(month: Month, *, current: Month) -> None:
    """Refuses months of the future.

    Raises:
        MonthNotOpen: the month has not begun.
    """
    if month > current:
        raise MonthNotOpen(month)
