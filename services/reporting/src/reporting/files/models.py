"""The table of files."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from reporting.tables import Base
from servicekit.db.types import Moment


class ReportFile(Base):
    """The file of a report: a PDF, an archive of them, or a workbook."""

    __tablename__ = "files"

    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    """One file for each report, also when two workers made it: the second to finish is refused by this key."""
    employer_no: Mapped[str | None] = mapped_column(Text)
    requested_by: Mapped[UUID]
    label: Mapped[str] = mapped_column(Text)
    """What the report centre calls it; it may name a person. Also the file's name."""
    type: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    """Digest of the content: also its key in the object store."""
    size: Mapped[int] = mapped_column(BigInteger)
    full_numbers: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether it shows identity numbers in full."""
    expires_at: Mapped[datetime] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint("type IN ('pdf', 'zip', 'xlsx')", name="known_type"),
        Index("ix_files_expires_at", "expires_at", postgresql_where=text("removed_at IS NULL")),
        Index("ix_files_sha256", "sha256"),
    )
