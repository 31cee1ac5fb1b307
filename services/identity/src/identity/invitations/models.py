"""Invitations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from contracts.identity import Permission
from identity.invitations.rules import Status
from identity.models import Base
from servicekit.db.types import Moment
from servicekit.personal import Sealed

_PENDING = text("status = 'pending'")


class Invitation(Base):
    """A unit asks somebody to act for it: whoever has this username, or an agent's account with this mobile.

    Nothing here says whether there is such an account: the agent finds the invitation, not the other way round.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        CheckConstraint("num_nonnulls(username, mobile_index) = 1", name="one_addressee"),
        CheckConstraint(
            "status IN ('pending', 'expired', 'accepted', 'refused', 'withdrawn', 'superseded')", name="status"
        ),
        # One open invitation to each, whatever two windows do at the same moment.
        Index("uq_invitations_unit_username", "employer_no", "username", unique=True, postgresql_where=_PENDING),
        Index("uq_invitations_unit_mobile", "employer_no", "mobile_index", unique=True, postgresql_where=_PENDING),
        Index("ix_invitations_unit", "employer_no", "invited_at"),
        Index("ix_invitations_username", "username", postgresql_where=_PENDING),
        Index("ix_invitations_mobile_index", "mobile_index", postgresql_where=_PENDING),
        Index("ix_invitations_expires_at", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    employer_no: Mapped[str] = mapped_column(Text)
    username: Mapped[str | None] = mapped_column(Text)
    mobile: Mapped[bytes | None] = mapped_column(LargeBinary)
    mobile_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    mobile_masked: Mapped[str | None] = mapped_column(Text)
    permissions: Mapped[list[Permission]] = mapped_column(ARRAY(Text))
    status: Mapped[Status] = mapped_column(Text)
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    invited_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    answered_by: Mapped[UUID | None]
    answered_at: Mapped[datetime | None] = mapped_column(Moment)

    def keep_mobile(self, sealed: Sealed) -> None:
        """Fills the three columns of the mobile."""
        self.mobile, self.mobile_index, self.mobile_masked = sealed.ciphertext, sealed.index, sealed.masked
