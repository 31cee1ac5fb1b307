"""Sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from identity.models import Base
from servicekit.auth.tokens import Limit
from servicekit.db.types import Moment


class SessionRow(Base):
    """A session: what somebody's cookie stands for. Only a digest of the cookie is kept."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("uq_sessions_digest", "digest", unique=True),
        Index("ix_sessions_expires_at", "expires_at"),
        Index("ix_sessions_account_id_living", "account_id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    employer_no: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    end_reason: Mapped[str | None] = mapped_column(Text)
    step_up_until: Mapped[datetime | None] = mapped_column(Moment)
    """Until when the password counts as just shown."""
    limited_to: Mapped[Limit | None] = mapped_column(Text)
    """What has to be set before the session opens anything else."""
    place: Mapped[str] = mapped_column(Text, server_default="")
    """Where it was begun: the network's part of the address."""
    device: Mapped[str] = mapped_column(Text, server_default="")
