"""Tables of the documents that were issued."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, Sequence, Text, UniqueConstraint, text
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
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    """Names nobody: the verification page shows it."""
    label: Mapped[str] = mapped_column(Text)
    """What the report centre calls it, with the person's name. Also the file's name."""
    number: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What the verification shows: masked."""
    issued_at: Mapped[datetime] = mapped_column(Moment)
    valid_until: Mapped[date]
    requested_by: Mapped[UUID]
    sha256: Mapped[str] = mapped_column(Text)
    """Digest of the PDF: also its key in the object store."""
    size: Mapped[int] = mapped_column(Integer)
    file_expires_at: Mapped[datetime] = mapped_column(Moment)
    file_removed_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        # One document per report, also when two workers made it: the second to finish is refused by this.
        UniqueConstraint("job_id"),
        UniqueConstraint("code"),
        UniqueConstraint("number"),
        CheckConstraint("char_length(code) = 25", name="whole_code"),
        Index("ix_documents_file_expires_at", "file_expires_at", postgresql_where=text("file_removed_at IS NULL")),
        Index("ix_documents_sha256", "sha256"),
    )
