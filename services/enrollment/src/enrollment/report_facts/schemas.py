"""Pages of people and applications for reports. Identity numbers are masked unless full ones are asked for."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.values.month import Month
from enrollment.applications.schemas import ApplicationSearch
from enrollment.roster.schemas import RosterSearch
from servicekit.forms import Form

MOST_PEOPLE = 1000
_FULL = Field(default=False, description="identity numbers in full; whoever asked has been asked for the password")


class RosterPageForm(RosterSearch):
    """A page of the roster: the conditions of the look-up, and how many rows."""

    limit_rows: int = Field(default=MOST_PEOPLE, ge=1, le=MOST_PEOPLE)
    full_numbers: bool = _FULL


class ListedPerson(BaseModel):
    """A person of the unit as a list shows them."""

    person_id: UUID
    name: str
    id_number: str = Field(repr=False)
    sex_name: str
    start_month: Month
    stop_month: Month | None
    status_name: str
    insurances: list[str] = Field(description="names")
    monthly_wage: Decimal


class RosterPageOut(BaseModel):
    """A page of people, and where the next one begins."""

    items: list[ListedPerson]
    next: str | None


class ApplicationPageForm(ApplicationSearch):
    """A page of applications: the conditions of the look-up."""

    full_numbers: bool = _FULL


class ListedApplication(BaseModel):
    """An application as a list shows it."""

    no: str
    kind: str
    status: str
    subject: str = Field(description="the person's name, or the unit's where it is about the unit")
    id_number: str | None = Field(repr=False)
    start_month: Month | None
    submitted_at: datetime
    decided_at: datetime | None
    decided_automatically: bool
    decided_by_name: str | None
    decision_reason: str | None


class ApplicationPageOut(BaseModel):
    """A page of applications, and where the next one begins."""

    items: list[ListedApplication]
    next: str | None


class NamesForm(Form):
    """Whose names are wanted."""

    person_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_PEOPLE)]
    full_numbers: bool = _FULL


class NamedPerson(BaseModel):
    """Who somebody is."""

    person_id: UUID
    name: str
    id_number: str = Field(repr=False)


class NamesOut(BaseModel):
    """Who they are; whoever never was on the unit's roster is left out."""

    items: list[NamedPerson]
