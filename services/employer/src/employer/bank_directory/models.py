"""Tables of the bank directory and of the files by which it is brought in."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from employer.bank_directory.rules import Stage
from employer.tables import Base
from servicekit.db.types import MomentColumn


class BankClass(Base):
    """A class of banks (银行大类): the first three digits of its branches' codes."""

    __tablename__ = "bank_classes"

    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    short_name: Mapped[str] = mapped_column(String(10))


class BankBranch(Base):
    """A branch (网点) by its clearing code (联行号). Closed ones stay for the accounts that name them."""

    __tablename__ = "bank_branches"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    bank_class: Mapped[str] = mapped_column(ForeignKey("bank_classes.code"))
    name: Mapped[str] = mapped_column(String(100))
    short_name: Mapped[str] = mapped_column(String(60))
    short_grams: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """One- and two-character pieces of the short name, for infix searches."""
    status: Mapped[str] = mapped_column(String(6), server_default="open")
    changed_at: Mapped[MomentColumn]

    __table_args__ = (
        CheckConstraint("status IN ('open', 'closed')", name="status"),
        Index("ix_bank_branches_class", "bank_class", "code"),
        Index("ix_bank_branches_short_grams", "short_grams", postgresql_using="gin"),
    )


class BankImport(Base):
    """An uploaded file of branches: checked, and brought in when it is confirmed."""

    __tablename__ = "bank_imports"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    stage: Mapped[Stage] = mapped_column(String(10))
    file_name: Mapped[str] = mapped_column(String(120))
    total: Mapped[int]
    good: Mapped[int]
    bad: Mapped[int]
    added: Mapped[int] = mapped_column(server_default=text("0"))
    changed: Mapped[int] = mapped_column(server_default=text("0"))
    uploaded_by: Mapped[UUID | None]
    uploaded_at: Mapped[MomentColumn]
    confirmed_at: Mapped[MomentColumn | None]
    version: Mapped[int]

    __table_args__ = (
        CheckConstraint("stage IN ('checked', 'confirmed', 'expired')", name="stage"),
        Index("ix_bank_imports_uploaded_at", "uploaded_at"),
    )


class BankImportRow(Base):
    """A row of such a file: its cells by field, and what is wrong with it."""

    __tablename__ = "bank_import_rows"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("bank_imports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """Of the row in the file, as its program shows it."""
    cells: Mapped[dict[str, Any]] = mapped_column(JSONB)
    faults: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    good: Mapped[bool]

    __table_args__ = (Index("ix_bank_import_rows_bad", "import_id", "number", postgresql_where=text("NOT good")),)
