"""What enrollment announces: applications, coverage, people."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal
from uuid import UUID

from contracts.base import Event
from contracts.values.month import Month

ApplicationKind = Literal["addition", "removal", "person_change", "employer_change"]


class _ApplicationNews(Event):
    application_no: str
    kind: ApplicationKind
    employer_no: str
    person_id: UUID | None = None
    change_id: UUID | None = None

    def subject(self) -> str:
        return self.application_no


class ApplicationSubmitted(_ApplicationNews):
    """A declaration was handed in and waits for its review."""

    wire_name: ClassVar[str] = "enrollment.application_submitted.v1"
    listeners: ClassVar[tuple[str, ...]] = ("enrollment",)
    """Enrollment itself runs the automatic checks on what was handed in, wherever that came from."""

    submitted_by: UUID
    submitted_at: datetime


class ApplicationWithdrawn(_ApplicationNews):
    """A pending declaration was withdrawn (撤销)."""

    wire_name: ClassVar[str] = "enrollment.application_withdrawn.v1"
    listeners: ClassVar[tuple[str, ...]] = ("employer",)

    withdrawn_by: UUID
    withdrawn_at: datetime


class ApplicationDecided(_ApplicationNews):
    """A declaration was approved or rejected; final."""

    wire_name: ClassVar[str] = "enrollment.application_decided.v1"
    listeners: ClassVar[tuple[str, ...]] = ("employer",)

    decision: Literal["approved", "rejected"]
    decided_by: UUID | None = None
    """None: decided automatically, by the agency's setting."""
    decided_at: datetime


class _CoverageNews(Event):
    """One coverage (参保关系) is one person, one insurance type, one spell with one unit."""

    coverage_id: UUID
    employer_no: str
    person_id: UUID
    insurance: str
    version: int
    """Counts the changes of this coverage from 1; older news is dropped, a gap is retried."""

    def subject(self) -> str:
        return str(self.coverage_id)


class CoverageStarted(_CoverageNews):
    """Contributions are owed from `month` on."""

    wire_name: ClassVar[str] = "enrollment.coverage_started.v1"
    listeners: ClassVar[tuple[str, ...]] = ("employer",)

    month: Month
    monthly_wage: Decimal
    person_category: str


class CoverageStopped(_CoverageNews):
    """Contributions are owed to the month before `month`; with `never_started`, none ever were."""

    wire_name: ClassVar[str] = "enrollment.coverage_stopped.v1"
    listeners: ClassVar[tuple[str, ...]] = ("employer",)

    month: Month
    never_started: bool = False


class CoverageBaseChanged(_CoverageNews):
    """The declared monthly wage changed from `month` on."""

    wire_name: ClassVar[str] = "enrollment.coverage_base_changed.v1"
    listeners: ClassVar[tuple[str, ...]] = ("employer",)

    month: Month
    monthly_wage: Decimal


class PersonChanged(Event):
    """Something about a person changed; who needs it reads it again."""

    wire_name: ClassVar[str] = "enrollment.person_changed.v1"

    person_id: UUID
    version: int

    def subject(self) -> str:
        return str(self.person_id)


class PersonRecognised(Event):
    """An account is an insured person's own: it may see that person's insurance."""

    wire_name: ClassVar[str] = "enrollment.person_recognised.v1"
    listeners: ClassVar[tuple[str, ...]] = ("identity",)

    account_id: UUID
    person_id: UUID

    def subject(self) -> str:
        return str(self.account_id)
