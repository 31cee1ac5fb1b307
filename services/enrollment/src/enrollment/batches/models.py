"""Tables of batches. Whatever is personal in a file is sealed here, and gone after a week.

The uploaded file is kept (sealed, in parts) only until it has been checked.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKeyConstraint, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from enrollment.batches.columns import Kind
from enrollment.batches.rules import KINDS, ROW_STATES, STAGES, RowState, Stage
from enrollment.models import Base
from servicekit.db.types import Moment


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Batch(Base):
    """An uploaded file: what was found in it, and what became of it."""

    __tablename__ = "batches"
    __table_args__ = (
        # The same file uploaded twice on a day is the same batch: nobody is declared twice by a second click.
        Index("uq_batches_one_per_file", "employer_no", "kind", "digest", "business_day", unique=True),
        Index("ix_batches_employer_no_kind_uploaded_at", "employer_no", "kind", text("uploaded_at DESC")),
        Index("ix_batches_expires_at", "expires_at", postgresql_where=text("stage <> 'expired'")),
        CheckConstraint(_one_of("kind", KINDS), name="known_kind"),
        CheckConstraint(_one_of("stage", STAGES), name="known_stage"),
        CheckConstraint("(stage = 'refused') = (refusal IS NOT NULL)", name="refused_with_a_reason"),
    )

    employer_no: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(Text)
    stage: Mapped[Stage] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    """Keyed digest of the file."""
    business_day: Mapped[date] = mapped_column(Date)
    job_id: Mapped[UUID]
    """The job that works or worked on it last."""
    layout: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    """[pointer, place] of each known column of the file, from left to right."""
    refusal: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Code and Chinese message of what is wrong with the file as a whole."""
    total: Mapped[int] = mapped_column(Integer, default=0)
    good: Mapped[int] = mapped_column(Integer, default=0)
    bad: Mapped[int] = mapped_column(Integer, default=0)
    submitted: Mapped[int] = mapped_column(Integer, default=0)
    uploaded_by: Mapped[UUID]
    uploaded_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_by: Mapped[UUID | None]
    confirmed_as: Mapped[str | None] = mapped_column(Text)
    """The kind of account and the way it came in, for the audit rows of what is handed in: `agent/session`."""
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, default=1)


class BatchPart(Base):
    """A part of an uploaded file that waits to be checked, sealed."""

    __tablename__ = "batch_parts"
    __table_args__ = (
        ForeignKeyConstraint(["employer_no", "batch_id"], ["batches.employer_no", "batches.id"], ondelete="CASCADE"),
    )

    employer_no: Mapped[str] = mapped_column(Text, primary_key=True)
    batch_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class BatchRow(Base):
    """A row of a checked file: its cells, what the form gets of them, its faults, all sealed together."""

    __tablename__ = "batch_rows"
    __table_args__ = (
        ForeignKeyConstraint(["employer_no", "batch_id"], ["batches.employer_no", "batches.id"], ondelete="CASCADE"),
        CheckConstraint(_one_of("state", ROW_STATES), name="known_state"),
        CheckConstraint("(state = 'submitted') = (sealed IS NULL)", name="sealed_until_submitted"),
    )

    employer_no: Mapped[str] = mapped_column(Text, primary_key=True)
    batch_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    """The row's number in the clerk's file."""
    state: Mapped[RowState] = mapped_column(Text)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    application_no: Mapped[str | None] = mapped_column(Text)
