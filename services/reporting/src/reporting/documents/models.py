"""Tables of the documents that were issued."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Sequence, SmallInteger, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from reporting.tables import Base
from servicekit.db.types import Moment
from servicekit.ids import uuid7

DOCUMENT_NUMBERS = Sequence("document_numbers", metadata=Base.metadata)
"""The running part of document numbers. Gaps are normal: an attempt that fails has taken one."""


class Document(Base):
    """An issued document. Outlives its file: what its verification shows is kept after the report has expired."""

    __tablename__ = "documents"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    employer_no: Mapped[str | None] = mapped_column(Text)
    """None: an insured person's own, which nobody but who asked for it sees."""
    job_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(SmallInteger, default=0)
    """Its place among the documents of one report."""
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    """Names nobody: the verification page shows it."""
    number: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What the verification shows: masked."""
    issued_at: Mapped[datetime] = mapped_column(Moment)
    valid_until: Mapped[date]
    requested_by: Mapped[UUID]
    sha256: Mapped[str] = mapped_column(Text)
    """Digest of the PDF that carries it."""
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_reason: Mapped[str | None] = mapped_column(Text)
    revoked_by: Mapped[UUID | None]

    __table_args__ = (
        # Each document of a report once, also when two workers made it: the second to finish is refused by this.
        UniqueConstraint("job_id", "position"),
        UniqueConstraint("code"),
        UniqueConstraint("number"),
        CheckConstraint("char_length(code) = 25", name="whole_code"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_reason IS NULL)", name="revoked_with_a_reason"),
        Index("ix_documents_sha256", "sha256"),
    )
