"""What imports of receipts look like outside. Amounts are yuan, as decimal strings."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.values.month import Month
from employer.receipts.models import ReceiptImport, ReceiptLine
from employer.receipts.rules import OUTCOMES, Outcome, Stage
from servicekit.jobs import JobRow, Status, standing

OUTCOME_NAMES: dict[Outcome, str] = {
    "matched": "全额到账",
    "partial": "部分到账",
    "overpaid": "多缴",
    "unknown": "未匹配",
    "duplicate": "重复",
    "faulty": "有误",
}


class FileFault(BaseModel):
    """What is wrong with a file as a whole."""

    code: str
    message: str


class OutcomeSum(BaseModel):
    """How many lines of a file have an outcome."""

    outcome: Outcome
    outcome_name: str
    lines: int
    amount: Decimal


class ReceiptImportOut(BaseModel):
    """A file of receipts, and how far the work on it is."""

    id: UUID
    stage: Stage
    file_name: str
    file_fault: FileFault | None = Field(description="整个文件的问题；有值时没有逐行检查")
    outcomes: list[OutcomeSum] = Field(description="各类行数与金额；入账前为预计")
    total: int = Field(description="行数")
    uploaded_by_name: str
    uploaded_at: datetime
    confirmed_at: datetime | None
    version: int
    status: Status = Field(description="检查或入账的进度")
    progress: int

    @classmethod
    def of(cls, found: ReceiptImport, job: JobRow | None) -> "ReceiptImportOut":
        """An import with the job that works on it, or worked on it last."""
        working = found.stage in ("checking", "booking")
        now = standing(job, working=working, counted=sum(found.counts.values()))
        return cls(
            id=found.id,
            stage=found.stage,
            file_name=found.file_name,
            file_fault=FileFault(**found.refusal) if found.refusal else None,
            outcomes=[
                OutcomeSum(
                    outcome=outcome,
                    outcome_name=OUTCOME_NAMES[outcome],
                    lines=found.counts[outcome],
                    amount=Decimal(found.amounts.get(outcome, "0.00")),
                )
                for outcome in OUTCOMES
                if found.counts.get(outcome)
            ],
            total=now.total,
            uploaded_by_name=found.uploaded_by_name,
            uploaded_at=found.uploaded_at,
            confirmed_at=found.confirmed_at,
            version=found.version,
            status=now.status,
            progress=now.progress,
        )


class UploadForm(BaseModel):
    """What makes an upload the same upload, for its idempotency key."""

    digest: str


class LineFaultOut(BaseModel):
    """One fault of a line."""

    column: str
    message: str


class ReceiptLineOut(BaseModel):
    """A line of a file."""

    number: int = Field(description="在上传文件中的行号")
    outcome: Outcome
    outcome_name: str
    booked: bool
    employer_no: str | None
    employer_name: str | None
    month: Month | None
    insurance: str | None
    amount: Decimal | None
    surplus: Decimal | None = Field(description="超出应缴的部分")
    received_on: date | None
    reference: str | None
    faults: list[LineFaultOut]
    cells: dict[str, str] = Field(description="有误的行在文件中的内容")

    @classmethod
    def of(cls, line: ReceiptLine) -> "ReceiptLineOut":
        """From a line."""
        return cls(
            number=line.number,
            outcome=line.outcome,
            outcome_name=OUTCOME_NAMES[line.outcome],
            booked=line.booked_at is not None,
            employer_no=line.employer_no,
            employer_name=line.employer_name,
            month=line.month,
            insurance=line.insurance,
            amount=line.amount,
            surplus=line.surplus,
            received_on=line.received_on,
            reference=line.reference,
            faults=[LineFaultOut(**fault) for fault in line.faults or ()],
            cells=line.cells or {},
        )
