"""What the assessment's API takes and answers."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.values.month import Month
from employer.assessments.models import Assessment
from servicekit.forms import Form
from servicekit.jobs import JobRow, Status


class AssessmentForm(Form):
    """Which month to assess."""

    month: Month = Field(description="费款所属期")


class JobError(BaseModel):
    """Why a job failed: a stable code, and Chinese words."""

    code: str
    detail: str


class AssessmentOut(BaseModel):
    """One run of the assessment, as a job."""

    id: UUID
    job_id: UUID = Field(description="same as `id`")
    kind: Literal["assessment"] = "assessment"
    month: Month
    status: Status
    progress: int = Field(description="parts done")
    total: int | None = Field(description="parts in all; null until the work is cut into parts")
    rows: int | None = Field(description="contribution rows written, once done")
    unpriced: int | None = Field(description="coverage months without a rate, once done; a later run adds them")
    error: JobError | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, assessment: Assessment, job: JobRow) -> "AssessmentOut":
        """From a run and its job."""
        result = job.result or {}
        return cls.model_validate(
            {
                "id": assessment.id,
                "job_id": job.id,
                "month": assessment.month,
                "status": job.status,
                "progress": job.progress,
                "total": job.total,
                "rows": result.get("rows"),
                "unpriced": result.get("unpriced"),
                "error": None if job.error_code is None else {"code": job.error_code, "detail": job.error_detail or ""},
                "created_at": job.created_at,
                "started_at": job.started_at,
                "finished_at": job.finished_at,
            }
        )
