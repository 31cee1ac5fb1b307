"""Up to when each account of a unit has seen its notices."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from enrollment.models import Base
from servicekit.db.types import Moment


class NoticeMark(Base):
    """The newest decision that an account has seen for a unit. The notices themselves are the decided applications."""

    __tablename__ = "notice_marks"

    employer_no: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    seen_to: Mapped[datetime] = mapped_column(Moment)
