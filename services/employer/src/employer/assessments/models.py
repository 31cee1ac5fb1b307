"""Tables of the assessment: its runs, the parts each is done in, and how far each unit has been assessed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from contracts.values.month import Month
from employer.tables import Base
from servicekit.db.types import Moment, MomentColumn, MonthColumn, MonthType


class Assessment(Base):
    """One run of the assessment (核定) of a month. Its id is also its job's."""

    __tablename__ = "assessments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[MonthColumn]
    requested_by: Mapped[UUID | None]
    requested_at: Mapped[MomentColumn]
    planned_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class AssessmentPart(Base):
    """A range of units that one transaction assesses. What is done stays done when a worker dies."""

    __tablename__ = "assessment_parts"

    assessment_id: Mapped[UUID] = mapped_column(ForeignKey("assessments.id"), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_employer_no: Mapped[str] = mapped_column(String(20))
    last_employer_no: Mapped[str] = mapped_column(String(20))
    coverages: Mapped[int]
    rows: Mapped[int] = mapped_column(server_default=text("0"))
    unpriced: Mapped[int] = mapped_column(server_default=text("0"))
    """Coverage months no rate is known for. They stay due: a later run adds them once the rate is there."""
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    job_id: Mapped[UUID | None]
    """The job by which it is done."""


class BillingPosition(Base):
    """How far a unit has been assessed. Locked by whoever assesses the unit, held by whoever takes in news of it."""

    __tablename__ = "billing_positions"

    employer_no: Mapped[str] = mapped_column(ForeignKey("units.employer_no"), primary_key=True)
    assessed_through: Mapped[Month] = mapped_column(MonthType)
    """Every coverage that is not late has its rows for every month up to this one."""
