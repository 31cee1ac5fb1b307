"""The table of who is looking at which application."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from enrollment.models import Base
from servicekit.db.types import Moment


class ReviewClaim(Base):
    """正在审核: a reviewer has an application open. A hint for the others, which ends by itself; it locks nothing."""

    __tablename__ = "review_claims"
    __table_args__ = (Index("ix_review_claims_until", "until"),)

    application_no: Mapped[str] = mapped_column(Text, primary_key=True)
    reviewer_id: Mapped[UUID]
    reviewer_name: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime] = mapped_column(Moment)
