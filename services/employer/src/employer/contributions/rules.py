"""Rules of the ledger. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from contracts.values.month import Month
from servicekit.refusals import FieldFault, InvalidFields

STATUS_NAMES = {"0": "未到账", "1": "已到账", "2": "部分到账"}
"""缴费状态 of domain.md §3. The codes are computed by the database (`models.Statement.status`)."""

NOT_RECEIVED, RECEIVED, PARTLY_RECEIVED = "0", "1", "2"


def status_of(owed: Decimal, received: Decimal) -> str:
    """The status of what is owed after so much of it was received. Nothing owed is settled."""
    if received >= owed:
        return RECEIVED
    return NOT_RECEIVED if received == 0 else PARTLY_RECEIVED


MAX_MONTHS = 120
"""The longest range one look-up covers."""


_FIRST_YEAR = 1990
"""Nobody was insured here before; anything earlier is a slip of the finger."""


@dataclass(frozen=True, slots=True)
class MonthRange:
    """Contribution months (费款所属期), both ends included."""

    first: Month
    last: Month


def asked_range(first: Month | None, last: Month | None, *, current: Month) -> MonthRange:
    """The months that are asked for; a year up to the current month when left open.

    Raises:
        InvalidFields: beside the field at fault: too long ago, backwards, or too long.
    """
    for pointer, month in (("/from_month", first), ("/to_month", last)):
        if month is not None and month.year < _FIRST_YEAR:
            raise InvalidFields([FieldFault(pointer, "month_too_early", f"月份不能早于{_FIRST_YEAR}年1月")])
    last = last or current
    first = first or last.plus(-11)
    if last < first:
        raise InvalidFields([FieldFault("/to_month", "months_reversed", "止月不能早于起月")])
    if first.months_until(last) >= MAX_MONTHS:
        raise InvalidFields([FieldFault("/from_month", "range_too_long", f"一次最多查询{MAX_MONTHS}个月")])
    return MonthRange(first, last)
