"""Tables of change requests and their attachments."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from employer.registration_changes.rules import Status
from employer.tables import Base
from servicekit.db.types import MomentColumn


class RegistrationChange(Base):
    """A request. Its values are here only (ADR 0014); what becomes of it is told by enrollment."""

    __tablename__ = "registration_changes"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    employer_no: Mapped[str] = mapped_column(ForeignKey("units.employer_no"))
    status: Mapped[Status] = mapped_column(String(12))
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """What would change, of `rules.TITLES`."""
    before: Mapped[dict[str, str | None]] = mapped_column(JSONB)
    """What stood there when it was asked for; once applied, what stood there until then. The identity number masked."""
    after: Mapped[dict[str, str | None]] = mapped_column(JSONB)
    id_number: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The new identity number of the legal representative, sealed."""
    remark: Mapped[str | None] = mapped_column(String(500))
    application_no: Mapped[str | None] = mapped_column(String(20))
    """The number in the review queue, known once it has ended there."""
    refusal: Mapped[str | None] = mapped_column(String(200))
    """Why an approved request could not be applied."""
    requested_by: Mapped[UUID]
    requested_at: Mapped[MomentColumn]
    ended_at: Mapped[MomentColumn | None]

    __table_args__ = (
        CheckConstraint("status IN ('pending', 'applied', 'rejected', 'withdrawn', 'not_applied')", name="status"),
        Index("ix_registration_changes_unit", "employer_no", "requested_at"),
        Index(
            "uq_registration_changes_pending",
            "employer_no",
            unique=True,
            postgresql_where=text("status = 'pending'"),
        ),
    )


class ChangeAttachment(Base):
    """An attachment: its content is in the object store, sealed, under the digest."""

    __tablename__ = "change_attachments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    employer_no: Mapped[str] = mapped_column(ForeignKey("units.employer_no"))
    change_id: Mapped[UUID | None] = mapped_column(ForeignKey("registration_changes.id"))
    """None: uploaded, and not yet part of a request."""
    position: Mapped[int | None]
    file_name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    uploaded_by: Mapped[UUID]
    uploaded_at: Mapped[MomentColumn]

    __table_args__ = (
        Index("ix_change_attachments_change", "change_id"),
        Index("ix_change_attachments_digest", "digest"),
        Index(
            "ix_change_attachments_loose",
            "employer_no",
            "uploaded_at",
            postgresql_where=text("change_id IS NULL"),
        ),
    )
