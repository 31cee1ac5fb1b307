"""Rules of 参保人员信息维护. Pure. What may be entered is read by `people.rules.read_contact`."""

from contracts.values.month import Month
from servicekit.refusals import Refusal


class LeftTheUnit(Refusal):
    code = "left_the_unit"
    title = "该人员已从本单位减员"


def check_still_here(stop_month: Month | None) -> None:
    """Only people who are insured with the unit, or are going to be: whoever left is the next unit's to look after.

    Raises:
        LeftTheUnit: their coverage with the unit has a stop month.
    """
    if stop_month is not None:
        raise LeftTheUnit(f"该人员已于 {stop_month} 从本单位减员，其信息由新的参保单位或本人维护")
