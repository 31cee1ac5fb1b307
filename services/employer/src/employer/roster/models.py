"""Tables of the billing roster."""

from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from contracts.values.month import Month
from employer.tables import Base
from servicekit.db.types import MoneyColumn, MonthColumn, MonthType


class Coverage(Base):
    """One coverage (参保关系) as far as billing cares: one person, one insurance type, one spell with one unit."""

    __tablename__ = "roster"

    employer_no: Mapped[str] = mapped_column(ForeignKey("units.employer_no"), primary_key=True)
    coverage_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    insurance: Mapped[str] = mapped_column(String(3))
    person_category: Mapped[str] = mapped_column(String(4))
    start_month: Mapped[MonthColumn]
    stop_month: Mapped[Month | None] = mapped_column(MonthType)
    """The first month not owed any more; not later than `start_month` for a coverage that never started."""
    wage: Mapped[MoneyColumn]
    """Declared monthly wage from `wage_from` on; earlier ones are in `roster_wages`."""
    wage_from: Mapped[MonthColumn]
    late: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether months up to the unit's last assessed one may still lack their rows: a late declaration, a month without
    a rate. What is declared in time is never marked, so that an assessment hardly writes here."""
    revised_from: Mapped[Month | None] = mapped_column(MonthType)
    """The first month whose rows may be wrong since a stop or a return; None once an assessment has looked."""
    version: Mapped[int]
    """Counts the news of this coverage; news at or below it is old."""

    __table_args__ = (
        Index("ix_roster_employer_no_person_id", "employer_no", "person_id"),
        # The units of a person who looks at their own contributions: the ledger is keyed by unit.
        Index("ix_roster_person_id", "person_id", "employer_no"),
        Index("ix_roster_late", "employer_no", postgresql_where=text("late")),
        Index("ix_roster_revised", "employer_no", postgresql_where=text("revised_from IS NOT NULL")),
    )


class FormerWage(Base):
    """A wage a coverage had before a change, for months assessed late."""

    __tablename__ = "roster_wages"

    employer_no: Mapped[str] = mapped_column(String(20), primary_key=True)
    coverage_id: Mapped[UUID] = mapped_column(primary_key=True)
    first_month: Mapped[MonthColumn] = mapped_column(primary_key=True)
    wage: Mapped[MoneyColumn]

    __table_args__ = (
        ForeignKeyConstraint(["employer_no", "coverage_id"], ["roster.employer_no", "roster.coverage_id"]),
    )
