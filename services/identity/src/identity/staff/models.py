"""One-time codes that begin accounts of agency staff."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from identity.models import Base
from servicekit.db.types import Moment


class OpeningCode(Base):
    """With it a member of the staff sets a password, once: for a new account, or one whose owner lost everything."""

    __tablename__ = "opening_codes"
    __table_args__ = (Index("ix_opening_codes_account_id", "account_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
