"""API keys."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Double, ForeignKey, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from contracts.identity import Permission
from identity.models import Base
from servicekit.db.types import Moment


class ApiKey(Base):
    """A key of a unit. Only a digest of it is kept, and its beginning."""

    __tablename__ = "api_keys"
    __table_args__ = (
        Index("uq_api_keys_digest", "digest", unique=True),
        # An expired key keeps its name until it is revoked: two of one name in a list help nobody.
        Index("uq_api_keys_unit_name", "employer_no", "name", unique=True, postgresql_where=text("revoked_at IS NULL")),
        Index("ix_api_keys_unit", "employer_no", "issued_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    employer_no: Mapped[str] = mapped_column(Text)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    """Who issued it: the key acts under this account's authority and ends with it."""
    name: Mapped[str] = mapped_column(Text)
    shown_part: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    permissions: Mapped[list[Permission]] = mapped_column(ARRAY(Text))
    requests_per_minute: Mapped[int] = mapped_column(Integer)
    issued_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    requests_left: Mapped[float | None] = mapped_column(Double)
    """What no gateway has taken yet of the minute's worth, at `counted_at`. None: all of it."""
    counted_at: Mapped[datetime | None] = mapped_column(Moment)
