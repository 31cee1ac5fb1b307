"""The table of proposals: what is to hold, who says so, and what became of it."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, text
from sqlalchemy.orm import Mapped, mapped_column

from contracts.values.month import Month
from employer.rate_changes.rules import STATUSES, SUBJECTS, Status, Subject
from employer.tables import Base
from servicekit.db.types import Moment, MomentColumn, Money, MonthType


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class RateChange(Base):
    """A proposed rate (`subject` rate), or proposed limits of a year (`subject` limits)."""

    __tablename__ = "rate_changes"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[Subject] = mapped_column(String(6))
    insurance: Mapped[str | None] = mapped_column(ForeignKey("insurance_types.code"))
    employer_kind: Mapped[str | None] = mapped_column(ForeignKey("employer_kinds.code"))
    first_month: Mapped[Month | None] = mapped_column(MonthType)
    last_month: Mapped[Month | None] = mapped_column(MonthType)
    employer_rate: Mapped[Decimal | None] = mapped_column(Numeric(7, 5))
    own_rate: Mapped[Decimal | None] = mapped_column(Numeric(7, 5))
    employer_fixed: Mapped[Decimal | None] = mapped_column(Money)
    own_fixed: Mapped[Decimal | None] = mapped_column(Money)
    rounding: Mapped[int | None]
    year: Mapped[int | None]
    lower: Mapped[Decimal | None] = mapped_column(Money)
    upper: Mapped[Decimal | None] = mapped_column(Money)
    source: Mapped[str] = mapped_column(String(200))
    status: Mapped[Status] = mapped_column(String(9))
    proposed_by: Mapped[UUID]
    proposed_by_name: Mapped[str] = mapped_column(String(50))
    proposed_at: Mapped[MomentColumn]
    decided_by: Mapped[UUID | None]
    decided_by_name: Mapped[str | None] = mapped_column(String(50))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str | None] = mapped_column(String(200))
    version: Mapped[int]

    __table_args__ = (
        CheckConstraint(_one_of("subject", SUBJECTS), name="known_subject"),
        CheckConstraint(_one_of("status", STATUSES), name="known_status"),
        CheckConstraint(
            "CASE subject WHEN 'rate' THEN insurance IS NOT NULL AND employer_kind IS NOT NULL"
            " AND first_month IS NOT NULL AND employer_rate IS NOT NULL AND own_rate IS NOT NULL"
            " AND employer_fixed IS NOT NULL AND own_fixed IS NOT NULL AND rounding IS NOT NULL"
            " ELSE year IS NOT NULL AND lower IS NOT NULL AND upper IS NOT NULL END",
            name="whole",
        ),
        CheckConstraint("decided_by IS NULL OR status <> 'approved' OR decided_by <> proposed_by", name="four_eyes"),
        Index(
            "uq_rate_changes_pending_rate",
            "insurance",
            "employer_kind",
            unique=True,
            postgresql_where=text("status = 'pending' AND subject = 'rate'"),
        ),
        Index(
            "uq_rate_changes_pending_limits",
            "year",
            unique=True,
            postgresql_where=text("status = 'pending' AND subject = 'limits'"),
        ),
    )
