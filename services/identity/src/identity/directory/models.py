"""The copy of the register of insured units."""

from sqlalchemy import Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from identity.models import Base


class Unit(Base):
    """An insured unit (参保单位) as its newest event told it; `version` lets older news be dropped."""

    __tablename__ = "units"

    employer_no: Mapped[str] = mapped_column(Text, primary_key=True)
    uscc: Mapped[str] = mapped_column(Text, index=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    is_virtual: Mapped[bool]
    status: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
