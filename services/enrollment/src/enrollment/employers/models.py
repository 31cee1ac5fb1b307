"""The copy of the register of insured units."""

from datetime import datetime

from sqlalchemy import Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from enrollment.models import Base
from servicekit.db.types import Moment


class Employer(Base):
    """An insured unit as its newest event told it; `version` lets older news be dropped."""

    __tablename__ = "employers"

    employer_no: Mapped[str] = mapped_column(Text, primary_key=True)
    uscc: Mapped[str] = mapped_column(Text, index=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    is_virtual: Mapped[bool]
    online_declaration: Mapped[bool]
    insurances: Mapped[list[str]] = mapped_column(ARRAY(Text))
    status: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(Moment)
