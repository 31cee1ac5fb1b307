"""The table of people. Identity and mobile numbers: ciphertext to keep, blind index to find, masked form to show."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from enrollment.models import Base
from servicekit.db.types import Moment


class Person(Base):
    """A person (参保人员).

    Unconfirmed until an application about them is approved: what a first declaration says of them may still be wrong.
    """

    __tablename__ = "people"
    __table_args__ = (
        Index("uq_people_id_type_id_number_index", "id_type", "id_number_index", unique=True),
        Index("ix_people_mobile_index", "mobile_index"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    id_type: Mapped[str] = mapped_column(Text)
    id_number: Mapped[bytes] = mapped_column(LargeBinary)
    id_number_index: Mapped[bytes] = mapped_column(LargeBinary)
    id_number_masked: Mapped[str] = mapped_column(Text)
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
    email: Mapped[str | None] = mapped_column(Text)
    contact_address: Mapped[str] = mapped_column(Text)
    postal_code: Mapped[str | None] = mapped_column(Text)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
