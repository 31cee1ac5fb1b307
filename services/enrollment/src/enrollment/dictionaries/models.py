"""Tables of the code tables. Entries are never deleted, since old records refer to them: `retired` hides them."""

from sqlalchemy import CheckConstraint, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from enrollment.models import Base


class DictionaryEntry(Base):
    """One code of one table."""

    __tablename__ = "dictionary_entries"

    table_name: Mapped[str] = mapped_column(Text, primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(SmallInteger)
    retired: Mapped[bool] = mapped_column(default=False, server_default="false")


class DictionaryVersion(Base):
    """The version of all tables together: one row, counted up by whoever edits an entry."""

    __tablename__ = "dictionary_version"
    __table_args__ = (CheckConstraint("singleton", name="only_one_row"),)

    singleton: Mapped[bool] = mapped_column(primary_key=True, default=True, server_default="true")
    version: Mapped[int] = mapped_column(Integer)
