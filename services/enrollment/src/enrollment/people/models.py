"""The table of people. Identity and mobile numbers: ciphertext to keep, blind index to find, masked form to show."""

from datetime import date, datetime
from typing import Literal, TypedDict
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from enrollment.models import Base
from servicekit.db.types import Moment

ChangeSource = Literal["maintenance", "addition"]


class FieldChange(TypedDict):
    """What one field was and is; codes as codes, the mobile number masked."""

    field: str
    before: str | None
    after: str | None


class Person(Base):
    """A person (参保人员).

    Unconfirmed until an application about them is approved: what a first declaration says of them may still be wrong.
    """

    __tablename__ = "people"
    __table_args__ = (
        Index("uq_people_id_type_id_number_index", "id_type", "id_number_index", unique=True),
        # An 18-character number is one person's, whatever type of document it was once taken for.
        Index(
            "uq_people_resident_number",
            "id_number_index",
            unique=True,
            postgresql_where=text("id_type IN ('01', '07', '16')"),
        ),
        Index("ix_people_mobile_index", "mobile_index"),
        Index("ix_people_link_index", "link_index"),
        Index("ix_people_unlinked", "id", postgresql_where=text("link_index IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    id_type: Mapped[str] = mapped_column(Text)
    id_number: Mapped[bytes] = mapped_column(LargeBinary)
    id_number_index: Mapped[bytes] = mapped_column(LargeBinary)
    id_number_masked: Mapped[str] = mapped_column(Text)
    link_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Under which identity's accounts are compared. None, for a moment: of many who came at once, or of old times."""
    name: Mapped[str] = mapped_column(Text)
    name_folded: Mapped[str] = mapped_column(Text)
    sex: Mapped[str] = mapped_column(Text)
    birth_date: Mapped[date] = mapped_column(Date)
    nationality: Mapped[str] = mapped_column(Text)
    household_kind: Mapped[str] = mapped_column(Text)
    household_region: Mapped[str | None] = mapped_column(Text)
    household_address: Mapped[str | None] = mapped_column(Text)
    marital_status: Mapped[str | None] = mapped_column(Text)
    education_level: Mapped[str | None] = mapped_column(Text)
    work_start_date: Mapped[date | None] = mapped_column(Date)
    mobile: Mapped[bytes] = mapped_column(LargeBinary)
    mobile_index: Mapped[bytes] = mapped_column(LargeBinary)
    mobile_masked: Mapped[str] = mapped_column(Text)
    landline: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    contact_address: Mapped[str] = mapped_column(Text)
    postal_code: Mapped[str | None] = mapped_column(Text)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class PersonChange(Base):
    """One change of a person's data by a unit (变更记录): kept, shown to that unit and the agency, never changed."""

    __tablename__ = "person_changes"
    __table_args__ = (
        Index("ix_person_changes_person", "employer_no", "person_id", "changed_at"),
        CheckConstraint("source IN ('maintenance', 'addition')", name="known_source"),
    )

    employer_no: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    source: Mapped[ChangeSource] = mapped_column(Text)
    application_no: Mapped[str | None] = mapped_column(Text)
    """The approved addition that brought it; None for a change saved at once."""
    changed_by: Mapped[UUID]
    """The account of the unit that saved or declared it."""
    changed_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer)
    """The person's version that the change led to."""
    changes: Mapped[list[FieldChange]] = mapped_column(JSONB)
