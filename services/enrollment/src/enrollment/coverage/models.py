"""The table of coverage: one row per person, insurance type and spell."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from contracts.values.month import Month
from enrollment.models import Base
from servicekit.db.types import Money, MonthType

_OPEN = text("stop_month IS NULL")


class Coverage(Base):
    """A coverage (参保关系). Without `employer_no` it is a resident's (390) or a flexibly employed person's own.

    Contributions are owed from `start_month` to the month before `stop_month`; a row stopped in its first month never
    started. A stop month may lie ahead: the coverage it makes room for starts then.
    """

    __tablename__ = "coverage"
    __table_args__ = (
        # The rules of one coverage hold against any two transactions that run at once.
        Index("uq_coverage_open_per_insurance", "person_id", "insurance", unique=True, postgresql_where=_OPEN),
        Index(
            "uq_coverage_open_employee_medical",
            "person_id",
            unique=True,
            postgresql_where=text("insurance = '310' AND stop_month IS NULL"),
        ),
        Index("ix_coverage_employer_no_person_id", "employer_no", "person_id"),
        Index("ix_coverage_person_id", "person_id"),
        CheckConstraint("stop_month IS NULL OR stop_month >= start_month", name="stops_after_start"),
        CheckConstraint("extract(day FROM start_month) = 1", name="start_is_a_month"),
        CheckConstraint("extract(day FROM stop_month) = 1", name="stop_is_a_month"),
        CheckConstraint("employer_no IS NULL OR monthly_wage IS NOT NULL", name="employees_have_a_wage"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    employer_no: Mapped[str | None] = mapped_column(Text)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    insurance: Mapped[str] = mapped_column(Text)
    person_category: Mapped[str | None] = mapped_column(Text)
    monthly_wage: Mapped[Decimal | None] = mapped_column(Money)
    start_month: Mapped[Month] = mapped_column(MonthType)
    stop_month: Mapped[Month | None] = mapped_column(MonthType)
    stop_reason: Mapped[str | None] = mapped_column(Text)
    started_by: Mapped[str | None] = mapped_column(Text)
    """Number of the application that started it; None for what was taken over from older records."""
    stopped_by: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, default=1)
