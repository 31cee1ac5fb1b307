"""Tables of receipt files. The file itself is kept only until it has been checked; its lines stay as evidence."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from contracts.values.month import Month
from employer.contributions.models import TOTAL
from employer.receipts.rules import OUTCOMES, STAGES, Outcome, Stage
from employer.tables import Base
from servicekit.db.types import Moment, MomentColumn, MonthType


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class ReceiptImport(Base):
    """A file of receipts: what was found in it, and what became of it."""

    __tablename__ = "receipt_imports"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    """Of the file: the same file again is the same import."""
    file_name: Mapped[str] = mapped_column(String(120))
    stage: Mapped[Stage] = mapped_column(String(10))
    refusal: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Why the file as a whole can't be taken."""
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Lines by outcome."""
    amounts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Their sums, in yuan as text, by outcome."""
    job_id: Mapped[UUID]
    uploaded_by: Mapped[UUID]
    uploaded_by_name: Mapped[str] = mapped_column(String(50))
    uploaded_at: Mapped[MomentColumn]
    confirmed_by: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int]

    __table_args__ = (
        CheckConstraint(_one_of("stage", STAGES), name="known_stage"),
        CheckConstraint("(stage = 'refused') = (refusal IS NOT NULL)", name="refused_with_a_reason"),
    )


class ReceiptImportPart(Base):
    """A piece of the uploaded file."""

    __tablename__ = "receipt_import_parts"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("receipt_imports.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ReceiptLine(Base):
    """A line of a file. Its outcome is a forecast until it is booked."""

    __tablename__ = "receipt_lines"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("receipt_imports.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """In the file, as the operator counts."""
    outcome: Mapped[Outcome] = mapped_column(String(9))
    employer_no: Mapped[str | None] = mapped_column(String(20))
    employer_name: Mapped[str | None] = mapped_column(String(100))
    """As the file says it."""
    month: Mapped[Month | None] = mapped_column(MonthType)
    insurance: Mapped[str | None] = mapped_column(String(3))
    amount: Mapped[Decimal | None] = mapped_column(TOTAL)
    received_on: Mapped[date | None]
    reference: Mapped[str | None] = mapped_column(String(64))
    surplus: Mapped[Decimal | None] = mapped_column(TOTAL)
    """What is more than was open."""
    faults: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    cells: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What a line that can't be read says."""
    booked_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint(_one_of("outcome", OUTCOMES), name="known_outcome"),
        # The same receipt settles something once, whichever file it comes in.
        Index(
            "uq_receipt_lines_booked",
            "employer_no",
            "month",
            "insurance",
            "reference",
            unique=True,
            postgresql_where=text("booked_at IS NOT NULL"),
        ),
        Index("ix_receipt_lines_outcome", "import_id", "outcome", "number"),
    )
