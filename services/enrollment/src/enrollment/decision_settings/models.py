"""The table of the agency's settings of automatic decisions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from enrollment.applications.models import one_of
from enrollment.applications.rules import KINDS, Kind
from enrollment.models import Base
from servicekit.db.types import Moment


class DecisionSetting(Base):
    """Whether applications of a kind are decided automatically when all checks pass (the agency's setting)."""

    __tablename__ = "decision_settings"
    __table_args__ = (CheckConstraint(one_of("kind", KINDS), name="known_kind"),)

    kind: Mapped[Kind] = mapped_column(Text, primary_key=True)
    automatic: Mapped[bool] = mapped_column(server_default="false")
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    changed_by: Mapped[UUID | None]
    changed_by_name: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime | None] = mapped_column(Moment)
