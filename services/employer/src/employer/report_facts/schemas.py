"""The head of a report about a unit, and its contributions by month. Amounts are yuan, as decimal strings."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.values.month import Month
from employer.contributions.schemas import MonthSumOut
from servicekit.forms import Form

MOST_PEOPLE = 1000


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


class BasesForm(Form):
    """People of the unit."""

    person_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_PEOPLE)]


class PersonBase(BaseModel):
    """What somebody's contributions of this month are reckoned from, in yuan."""

    person_id: UUID
    base: Decimal


class BasesOut(BaseModel):
    """The bases of those who owe a contribution this month; nobody's while the year's limits are not known."""

    month: Month
    items: list[PersonBase]
