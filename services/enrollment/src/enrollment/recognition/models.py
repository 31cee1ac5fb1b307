"""Insured persons' accounts as identity has told of them: keyed indexes, and whom they were found to be."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from enrollment.models import Base
from enrollment.recognition.rules import Standing
from servicekit.db.types import Moment


class PersonLink(Base):
    """An account of an insured person. It waits here until its person is known and agrees."""

    __tablename__ = "person_links"
    __table_args__ = (
        Index("ix_person_links_waiting", "person_index", postgresql_where=text("standing <> 'recognised'")),
        CheckConstraint("standing IN ('recognised', 'mobile_differs', 'not_found')", name="known_standing"),
        CheckConstraint("(standing = 'recognised') = (person_id IS NOT NULL)", name="recognised_is_somebody"),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    """Of identity's news: older news is dropped."""
    person_index: Mapped[bytes] = mapped_column(LargeBinary)
    registered_as: Mapped[bytes] = mapped_column(LargeBinary)
    reached_at: Mapped[bytes | None] = mapped_column(LargeBinary)
    vouched: Mapped[bool]
    standing: Mapped[Standing] = mapped_column(Text)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    person_version: Mapped[int | None] = mapped_column(Integer)
    """Of the person that was compared last: it is tried again when that changes."""
    updated_at: Mapped[datetime] = mapped_column(Moment)
