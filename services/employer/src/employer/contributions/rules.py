"""Rules of the ledger. Pure."""

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


def check_range(first: Month, last: Month) -> None:
    """Refuses ranges of months that run backwards or are too long.

    Raises:
        InvalidFields: beside the field at fault.
    """
    if last < first:
        raise InvalidFields([FieldFault("/to_month", "months_reversed", "止月不能早于起月")])
    if first.months_until(last) >= MAX_MONTHS:
        raise InvalidFields([FieldFault("/from_month", "range_too_long", f"一次最多查询{MAX_MONTHS}个月")])
