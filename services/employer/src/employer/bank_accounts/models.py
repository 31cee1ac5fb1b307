"""The table of units' bank accounts: rows are only ever added, and ended by the next one."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from employer.tables import Base
from servicekit.db.types import MomentColumn


class UnitBankAccount(Base):
    """An account of a unit. Branch and class are kept as they were called then; the number is sealed."""

    __tablename__ = "unit_bank_accounts"

    employer_no: Mapped[str] = mapped_column(ForeignKey("units.employer_no"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """1, 2, 3, ... of the unit: the version that a change is meant for."""
    branch_code: Mapped[str] = mapped_column(String(12))
    branch_name: Mapped[str] = mapped_column(String(100))
    bank_class_name: Mapped[str] = mapped_column(String(40))
    account_name: Mapped[str] = mapped_column(String(100))
    account_number: Mapped[bytes] = mapped_column(LargeBinary)
    account_number_masked: Mapped[str] = mapped_column(String(40))
    entered_by: Mapped[UUID | None]
    since: Mapped[MomentColumn]
    until: Mapped[MomentColumn | None]
    """None: the present one."""

    __table_args__ = (
        Index("uq_unit_bank_accounts_present", "employer_no", unique=True, postgresql_where=text("until IS NULL")),
    )
