"""What employer announces: insured units, change requests, the contribution ledger."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from contracts.base import Event
from contracts.values.month import Month


class _EmployerState(Event):
    """The facts of an insured unit (参保单位) that other services keep a copy of. All public facts of a unit."""

    employer_no: str
    uscc: str
    name: str
    kind: str
    virtual: bool
    online_declaration: bool
    insurances: tuple[str, ...]
    status: Literal["open", "closed"] = "open"
    version: int

    def subject(self) -> str:
        return self.employer_no


class EmployerOpened(_EmployerState):
    """An insured unit was opened by the agency."""

    wire_name: ClassVar[str] = "employer.employer_opened.v1"
    listeners: ClassVar[tuple[str, ...]] = ("identity", "enrollment")


class EmployerChanged(_EmployerState):
    """Facts of an insured unit changed. Carries the whole new state; older versions are dropped by listeners."""

    wire_name: ClassVar[str] = "employer.employer_changed.v1"
    listeners: ClassVar[tuple[str, ...]] = ("identity", "enrollment")


class ChangeRequested(Event):
    """A unit asked for a change of its registration (单位信息变更); enrollment puts it into the review queue.

    Which fields, never what they are to become: the employer service keeps the values and shows them to whoever may
    see them. What becomes of the request is told by `application_decided` and `application_withdrawn`.
    """

    wire_name: ClassVar[str] = "employer.change_requested.v1"
    listeners: ClassVar[tuple[str, ...]] = ("enrollment",)

    change_id: UUID
    employer_no: str
    requested_by: UUID
    requested_at: datetime
    fields: tuple[str, ...]
    """Names of the fields, as the employer service calls them."""

    def subject(self) -> str:
        return str(self.change_id)


class AssessmentRequested(Event):
    """An assessment (核定) was asked for: the employer service's own work queue. The work itself is in its jobs."""

    wire_name: ClassVar[str] = "employer.assessment_requested.v1"
    listeners: ClassVar[tuple[str, ...]] = ("employer",)

    assessment_id: UUID
    month: Month

    def subject(self) -> str:
        return str(self.assessment_id)


class ContributionsAssessed(Event):
    """The assessment (核定) of a month wrote rows for a unit."""

    wire_name: ClassVar[str] = "employer.contributions_assessed.v1"

    employer_no: str
    month: Month
    rows: int
    assessment_id: UUID

    def subject(self) -> str:
        return self.employer_no


class ContributionsPaid(Event):
    """Receipts were matched to what a unit owes for a month."""

    wire_name: ClassVar[str] = "employer.contributions_paid.v1"

    employer_no: str
    month: Month

    def subject(self) -> str:
        return self.employer_no
