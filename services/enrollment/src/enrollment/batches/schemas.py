"""What batches look like outside."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from enrollment.batches.columns import Kind
from enrollment.batches.models import Batch
from enrollment.batches.rules import Stage
from servicekit.jobs import JobRow, Status, standing


class FileFault(BaseModel):
    """What is wrong with a file as a whole."""

    code: str
    message: str


class BatchOut(BaseModel):
    """A batch, and how far the work on it is."""

    id: UUID
    kind: Kind = Field(description="addition 增员，removal 减员")
    stage: Stage
    file_name: str
    file_fault: FileFault | None = Field(description="整个文件的问题；有值时没有逐行检查")
    total: int = Field(description="人数")
    good: int = Field(description="检查通过、尚未提交的人数")
    bad: int = Field(description="有误的人数")
    submitted: int = Field(description="已提交申报的人数")
    uploaded_at: datetime
    expires_at: datetime = Field(description="此后清除人员数据")
    version: int
    status: Status = Field(description="检查或提交的进度")
    progress: int

    @classmethod
    def of(cls, batch: Batch, job: JobRow | None) -> "BatchOut":
        """A batch with the job that works on it, or worked on it last."""
        working = batch.stage in ("checking", "submitting")
        now = standing(job, working=working, counted=batch.total)
        return cls(
            id=batch.id,
            kind=batch.kind,
            stage=batch.stage,
            file_name=batch.file_name,
            file_fault=FileFault(**batch.refusal) if batch.refusal else None,
            total=now.total,
            good=batch.good,
            bad=batch.bad,
            submitted=batch.submitted,
            uploaded_at=batch.uploaded_at,
            expires_at=batch.expires_at,
            version=batch.version,
            status=now.status,
            progress=now.progress,
        )


class UploadForm(BaseModel):
    """What makes an upload the same upload, for its idempotency key."""

    kind: Kind
    digest: str


class RowFaultOut(BaseModel):
    """One fault of a row."""

    column: int = Field(description="列号，从1开始；0为整行")
    label: str = Field(description="栏目")
    code: str
    message: str


class FaultyRow(BaseModel):
    """A row that can't be handed in, and everything that is wrong with it."""

    row: int = Field(description="在上传文件中的行号")
    name: str
    id_number_masked: str
    faults: list[RowFaultOut]
