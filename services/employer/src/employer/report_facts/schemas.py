"""The head of a report about a unit, and its contributions by month. Amounts are yuan, as decimal strings."""

from pydantic import BaseModel

from contracts.values.month import Month
from employer.contributions.schemas import MonthSumOut


class UnitFactsOut(BaseModel):
    """Who a report is about."""

    employer_no: str
    name: str
    uscc: str
    kind_name: str


class ContributionSumsOut(BaseModel):
    """The unit's contributions by month and insurance type, oldest first."""

    from_month: Month
    to_month: Month
    items: list[MonthSumOut]
