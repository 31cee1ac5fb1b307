"""Tables of applications: the applications themselves, and which kinds the agency lets be decided automatically."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, LargeBinary, Sequence, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from contracts.values.month import Month
from enrollment.applications.rules import KINDS, STATUSES, Kind, Status
from enrollment.models import Base
from servicekit.db.types import Moment, MonthType

NUMBERS = Sequence("application_numbers", metadata=Base.metadata)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Application(Base):
    """An application (申报) of a unit, about a person or about the unit itself.

    `form` holds what was declared but for the identity and mobile numbers, which are sealed beside it. What lists show
    and search is stored in columns of its own.
    """

    __tablename__ = "applications"
    __table_args__ = (
        # One pending application of a kind per person and unit (rule 5).
        Index(
            "uq_applications_one_pending",
            "employer_no",
            "person_id",
            "kind",
            unique=True,
            postgresql_where=text("status = 'pending'"),
        ),
        # No addition is pending beside a removal.
        Index(
            "uq_applications_one_pending_move",
            "employer_no",
            "person_id",
            unique=True,
            postgresql_where=text("status = 'pending' AND kind IN ('addition', 'removal')"),
        ),
        Index("ix_applications_no", "no"),
        Index("ix_applications_employer_no_submitted_at", "employer_no", text("submitted_at DESC")),
        Index("ix_applications_queue", "submitted_at", postgresql_where=text("status = 'pending'")),
        Index("ix_applications_decided", text("decided_at DESC"), postgresql_where=text("status <> 'pending'")),
        Index("ix_applications_employer_no_id_number_index", "employer_no", "id_number_index"),
        Index("ix_applications_person_id", "person_id"),
        CheckConstraint(_one_of("kind", KINDS), name="known_kind"),
        CheckConstraint(_one_of("status", STATUSES), name="known_status"),
        CheckConstraint("(status = 'pending') = (decided_at IS NULL)", name="decided_when_not_pending"),
        CheckConstraint("status <> 'rejected' OR decision_reason IS NOT NULL", name="rejected_with_a_reason"),
    )

    employer_no: Mapped[str] = mapped_column(Text, primary_key=True)
    no: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[Kind] = mapped_column(Text)
    status: Mapped[Status] = mapped_column(Text)
    employer_name: Mapped[str] = mapped_column(Text)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    person_name: Mapped[str | None] = mapped_column(Text)
    id_number: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_number_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_number_masked: Mapped[str | None] = mapped_column(Text)
    start_month: Mapped[Month | None] = mapped_column(MonthType)
    form: Mapped[dict[str, Any]] = mapped_column(JSONB)
    mobile: Mapped[bytes | None] = mapped_column(LargeBinary)
    mobile_masked: Mapped[str | None] = mapped_column(Text)
    submitted_by: Mapped[UUID]
    submitted_on: Mapped[date] = mapped_column(Date)
    """The business date, by which rules judge; in a demo it may stand still while the time goes on."""
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    decided_by: Mapped[UUID | None]
    """Who decided or withdrew it; None when decided automatically."""
    decided_by_name: Mapped[str | None] = mapped_column(Text)
    """The reviewer as the unit is told of them."""
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decision_reason: Mapped[str | None] = mapped_column(Text)
    findings: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    """What the automatic checks found when it was decided; checked afresh as long as it is pending."""
    version: Mapped[int] = mapped_column(Integer, default=1)


class DecisionSetting(Base):
    """Whether applications of a kind are decided automatically when all checks pass (the agency's setting)."""

    __tablename__ = "decision_settings"
    __table_args__ = (CheckConstraint(_one_of("kind", KINDS), name="known_kind"),)

    kind: Mapped[Kind] = mapped_column(Text, primary_key=True)
    automatic: Mapped[bool] = mapped_column(server_default="false")
