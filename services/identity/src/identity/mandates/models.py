"""Mandates."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from contracts.identity import Permission
from identity.models import Base
from servicekit.db.types import Moment


class Mandate(Base):
    """An agent (经办人) may act for a unit. A legal representative needs none: the register says which units."""

    __tablename__ = "mandates"
    __table_args__ = (
        Index(
            "uq_mandates_account_unit",
            "account_id",
            "employer_no",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index("ix_mandates_employer_no", "employer_no"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    employer_no: Mapped[str] = mapped_column(Text)
    permissions: Mapped[list[Permission]] = mapped_column(ARRAY(Text))
    granted_at: Mapped[datetime] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    """Grows with every change of the permissions: the ETag."""
