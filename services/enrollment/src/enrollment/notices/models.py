"""What was told to an account of a unit, and up to when each account has seen it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from enrollment.models import Base
from servicekit.db.types import Moment


class NoticeMark(Base):
    """The newest notice that an account has seen for a unit. Decided applications are notices themselves."""

    __tablename__ = "notice_marks"

    employer_no: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    seen_to: Mapped[datetime] = mapped_column(Moment)


class ReportNotice(Base):
    """A report that somebody waited for has ended."""

    __tablename__ = "report_notices"
    __table_args__ = (
        Index("ix_report_notices_employer_no_account_id_told_at", "employer_no", "account_id", "told_at"),
        Index("ix_report_notices_told_at", "told_at"),
    )

    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    employer_no: Mapped[str] = mapped_column(Text)
    account_id: Mapped[UUID]
    title: Mapped[str] = mapped_column(Text)
    failed: Mapped[bool]
    told_at: Mapped[datetime] = mapped_column(Moment)
