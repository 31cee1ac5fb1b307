"""The roster: one row per unit and person with what the list shows, written together with the coverage."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from contracts.values.month import Month
from enrollment.models import Base
from servicekit.db.types import Money, MonthType


class RosterEntry(Base):
    """A person on a unit's roster: their newest spell there. Masked numbers are stored, so a list never decrypts."""

    __tablename__ = "roster"
    __table_args__ = (
        # The list in its order; who is insured is counted without reading rows.
        Index("ix_roster_listed", "employer_no", "start_month", "person_id", postgresql_include=["stop_month"]),
        Index("ix_roster_employer_no_id_number_index", "employer_no", "id_number_index"),
        Index("ix_roster_person_id", "person_id"),
        # Whoever has left is found among those who have, and counted without reading their rows.
        Index(
            "ix_roster_left",
            "employer_no",
            "start_month",
            "person_id",
            postgresql_where=text("stop_month IS NOT NULL"),
            postgresql_include=["stop_month", "stop_reason"],
        ),
    )

    employer_no: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_folded: Mapped[str] = mapped_column(Text)
    sex: Mapped[str] = mapped_column(Text)
    id_number_index: Mapped[bytes] = mapped_column(LargeBinary)
    id_number_masked: Mapped[str] = mapped_column(Text)
    start_month: Mapped[Month] = mapped_column(MonthType)
    stop_month: Mapped[Month | None] = mapped_column(MonthType)
    stop_reason: Mapped[str | None] = mapped_column(Text)
    insurances: Mapped[list[str]] = mapped_column(ARRAY(Text))
    person_category: Mapped[str] = mapped_column(Text)
    monthly_wage: Mapped[Decimal] = mapped_column(Money)


class RosterName(Base):
    """One character or pair of neighbouring characters of a name on a unit's roster (see `enrollment.names`).

    Rows under a B-tree and not an array under GIN: under row level security PostgreSQL uses an index only with
    leakproof operators, which text equality is and array containment is not.
    """

    __tablename__ = "roster_names"
    __table_args__ = (
        ForeignKeyConstraint(
            ["employer_no", "person_id"], ["roster.employer_no", "roster.person_id"], ondelete="CASCADE"
        ),
        Index("ix_roster_names_employer_no_person_id", "employer_no", "person_id"),
    )

    employer_no: Mapped[str] = mapped_column(Text, primary_key=True)
    token: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
