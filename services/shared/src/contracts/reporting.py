"""What reporting announces: its own work, and documents made."""

from typing import ClassVar
from uuid import UUID

from contracts.base import Event


class ReportRequested(Event):
    """A report waits to be made. Says only "look": the work itself is a job row with a lease."""

    wire_name: ClassVar[str] = "reporting.report_requested.v1"
    listeners: ClassVar[tuple[str, ...]] = ("reporting",)

    job_id: UUID
    employer_no: str

    def subject(self) -> str:
        return str(self.job_id)


class OwnReportRequested(Event):
    """A report that an insured person asked for waits to be made. Says only "look", too."""

    wire_name: ClassVar[str] = "reporting.own_report_requested.v1"
    listeners: ClassVar[tuple[str, ...]] = ("reporting",)

    job_id: UUID
    requested_by: UUID

    def subject(self) -> str:
        return str(self.job_id)


class ReportFinished(Event):
    """A report is ready in the report centre (报表中心)."""

    wire_name: ClassVar[str] = "reporting.report_finished.v1"
    listeners: ClassVar[tuple[str, ...]] = ("enrollment",)

    job_id: UUID
    employer_no: str
    requested_by: UUID
    title: str = "报表"
    """What kind of report it is, in Chinese; nobody's name."""
    took_seconds: float = 0.0
    """From the request to its end, with all waiting."""

    def subject(self) -> str:
        return str(self.job_id)


class ReportFailed(Event):
    """A report could not be made; the job row says why in plain words."""

    wire_name: ClassVar[str] = "reporting.report_failed.v1"
    listeners: ClassVar[tuple[str, ...]] = ("enrollment",)

    job_id: UUID
    employer_no: str
    requested_by: UUID
    code: str
    title: str = "报表"
    took_seconds: float = 0.0

    def subject(self) -> str:
        return str(self.job_id)
