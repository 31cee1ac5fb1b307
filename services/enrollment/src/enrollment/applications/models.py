"""The tables of applications and of the names they can be found by."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, LargeBinary, Sequence, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from contracts.values.month import Month
from enrollment.applications.rules import KINDS, LEVELS, STATUSES, Kind, Level, Status
from enrollment.models import Base
from servicekit.db.types import Moment, MonthType

NUMBERS = Sequence("application_numbers", metadata=Base.metadata)


_PENDING, _DECIDED = text("status = 'pending'"), text("status <> 'pending'")
_FLAGGED = text("status = 'pending' AND flag IN ('warning', 'refusal')")
_NEWEST, _LATEST, _NO = text("submitted_at DESC"), text("decided_at DESC"), text("no DESC")


def one_of(column: str, values: tuple[str, ...]) -> str:
    """The condition of a check constraint: one of these values."""
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
        # The lists, each in the order it is shown: of a unit, of the agency, of the agency by kind or age.
        Index("ix_applications_of_unit_pending", "employer_no", _NEWEST, _NO, postgresql_where=_PENDING),
        Index("ix_applications_of_unit_decided", "employer_no", _LATEST, _NO, postgresql_where=_DECIDED),
        Index("ix_applications_queue", "submitted_at", "no", postgresql_where=_PENDING),
        Index("ix_applications_flagged", "submitted_at", "no", postgresql_where=_FLAGGED),
        Index("ix_applications_decided", _LATEST, _NO, postgresql_where=_DECIDED),
        Index("ix_applications_kind_decided", "kind", _LATEST, _NO, postgresql_where=_DECIDED),
        Index("ix_applications_submitted_on", "submitted_on"),
        Index("ix_applications_id_number_index", "id_number_index"),
        Index("ix_applications_person_id", "person_id"),
        # A change request comes once, however often its message does.
        Index("uq_applications_change_id", "change_id", unique=True),
        CheckConstraint(one_of("kind", KINDS), name="known_kind"),
        CheckConstraint(one_of("status", STATUSES), name="known_status"),
        CheckConstraint("(status = 'pending') = (decided_at IS NULL)", name="decided_when_not_pending"),
        CheckConstraint(one_of("flag", LEVELS), name="known_flag"),
        CheckConstraint("(kind = 'employer_change') = (change_id IS NOT NULL)", name="change_names_its_request"),
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
    flag: Mapped[Level | None] = mapped_column(Text)
    """The gravest finding when the checks ran last, for the queue's filter; None until they have run."""
    effect: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    """What the approval did (`rules.Effect`)."""
    change_id: Mapped[UUID | None]
    """The employer service's id of a change of registration."""
    changed_fields: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """Which fields that changes; the values stay with the employer service."""
    version: Mapped[int] = mapped_column(Integer, default=1)

    @property
    def stop_month(self) -> str | None:
        """停保月份 of a removal, as declared; None for the other kinds."""
        month: str | None = self.form.get("removal", {}).get("stop_month")
        return month


class ApplicationName(Base):
    """One character or pair of neighbouring characters of the name of whom an application is about.

    For the agency, which looks for a name among all units' applications; a unit looks through its own. Rows under a
    B-tree for the reason that `roster.models.RosterName` gives. Written when the checks run.
    """

    __tablename__ = "application_names"
    __table_args__ = (Index("ix_application_names_employer_no_no", "employer_no", "no"),)

    token: Mapped[str] = mapped_column(Text, primary_key=True)
    employer_no: Mapped[str] = mapped_column(Text, primary_key=True)
    no: Mapped[str] = mapped_column(Text, primary_key=True)
