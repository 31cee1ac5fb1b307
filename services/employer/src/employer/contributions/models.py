"""Tables of the ledger. Rows of people are only ever added; what was received is kept with a unit's statements.

A statement (核定单) is what one assessment found one unit to owe for one month and insurance type; its total is the sum
of its rows. Receipts settle statements, so a row's status (未到账/已到账/部分到账) is its statement's.
"""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKeyConstraint,
    Numeric,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from contracts.values.month import Month
from employer.tables import Base
from servicekit.db.types import MomentColumn, MoneyColumn, MonthType

TOTAL = Numeric(18, 2)
"""Sums over many people."""


class Contribution(Base):
    """One person's contribution for one month and insurance type. Partitioned by month, keyed employer first.

    Its partitions lie in a schema of their own that the service's role cannot enter, so no query gets round the row
    level security of this table.
    """

    __tablename__ = "contributions"

    employer_no: Mapped[str] = mapped_column(String(20), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[Month] = mapped_column(MonthType, primary_key=True)
    insurance: Mapped[str] = mapped_column(String(3), primary_key=True)
    entry: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    """0: as assessed. Higher: counter-rows that correct it."""
    assessment_id: Mapped[UUID]
    base: Mapped[MoneyColumn]
    employer_amount: Mapped[MoneyColumn]
    own_amount: Mapped[MoneyColumn]
    reason: Mapped[str | None] = mapped_column(String(200))
    """Why, for a counter-row."""

    __table_args__ = (
        CheckConstraint("(entry = 0) = (reason IS NULL)", name="corrections_say_why"),
        {"postgresql_partition_by": "RANGE (month)"},
    )


class Statement(Base):
    """What one assessment found one unit to owe for one month and insurance type (核定单)."""

    __tablename__ = "statements"

    employer_no: Mapped[str] = mapped_column(String(20), primary_key=True)
    month: Mapped[Month] = mapped_column(MonthType, primary_key=True)
    insurance: Mapped[str] = mapped_column(String(3), primary_key=True)
    assessment_id: Mapped[UUID] = mapped_column(primary_key=True)
    people: Mapped[int]
    base: Mapped[Decimal] = mapped_column(TOTAL)
    employer_amount: Mapped[Decimal] = mapped_column(TOTAL)
    own_amount: Mapped[Decimal] = mapped_column(TOTAL)
    total: Mapped[Decimal] = mapped_column(TOTAL, Computed("employer_amount + own_amount", persisted=True))
    received: Mapped[Decimal] = mapped_column(TOTAL, server_default=text("0"))
    """The sum of its receipts."""
    received_on: Mapped[date | None]
    """The day of the latest receipt."""
    status: Mapped[str] = mapped_column(
        String(1),
        Computed(
            "CASE WHEN received >= employer_amount + own_amount THEN '1' WHEN received = 0 THEN '0' ELSE '2' END",
            persisted=True,
        ),
    )
    """0 未到账, 1 已到账, 2 部分到账."""


class Receipt(Base):
    """Money that arrived for a statement. Only ever added; the reference makes importing it twice one effect."""

    __tablename__ = "receipts"

    employer_no: Mapped[str] = mapped_column(String(20), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[Month] = mapped_column(MonthType)
    insurance: Mapped[str] = mapped_column(String(3))
    assessment_id: Mapped[UUID]
    amount: Mapped[Decimal] = mapped_column(TOTAL)
    received_on: Mapped[date]
    reference: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[MomentColumn]

    __table_args__ = (
        ForeignKeyConstraint(
            ["employer_no", "month", "insurance", "assessment_id"],
            ["statements.employer_no", "statements.month", "statements.insurance", "statements.assessment_id"],
            name="fk_receipts_statements",
        ),
        UniqueConstraint(
            "employer_no", "month", "insurance", "assessment_id", "reference", name="uq_receipts_reference"
        ),
    )


class Overpayment(Base):
    """Money that arrived for a unit, month and insurance type beyond what it owes (多缴). Counts the next time."""

    __tablename__ = "overpayments"

    employer_no: Mapped[str] = mapped_column(String(20), primary_key=True)
    month: Mapped[Month] = mapped_column(MonthType, primary_key=True)
    insurance: Mapped[str] = mapped_column(String(3), primary_key=True)
    amount: Mapped[Decimal] = mapped_column(TOTAL)

    __table_args__ = (CheckConstraint("amount >= 0", name="not_negative"),)
