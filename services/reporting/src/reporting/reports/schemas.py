"""What report requests and answers look like."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.values.month import Month
from servicekit.forms import Form

ReportKind = Literal["insurance_certificate"]
KIND_TITLES: dict[ReportKind, str] = {"insurance_certificate": "职工参保证明"}


class ReportForm(Form):
    """A report somebody wants. For now: the insurance certificate of one person."""

    kind: ReportKind = Field(description="报表种类")
    person_id: UUID = Field(description="人员标识，取自参保人员名单")
    from_month: Month = Field(description="起始费款所属期")
    to_month: Month = Field(description="截止费款所属期")


class OwnReportForm(Form):
    """A person's own insurance certificate; whose it is says the session."""

    from_month: Month = Field(description="起始费款所属期")
    to_month: Month = Field(description="截止费款所属期")


class ReportOut(BaseModel):
    """A report as the report centre shows it."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    kind: ReportKind
    title: str
    status: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: int
    total: int | None
    from_month: Month
    to_month: Month
    created_at: datetime
    expires_at: datetime
    error_code: str | None = None
    error: str | None = None
    """Why it failed, or what it waits for, in Chinese."""
    verification_code: str | None = None
    """In groups of five, as printed."""
    file_url: str | None = None
