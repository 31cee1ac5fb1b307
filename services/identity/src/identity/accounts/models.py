"""Accounts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Integer, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from contracts.identity import AccountKind
from identity.models import Base
from servicekit.db.types import Moment


class Account(Base):
    """Somebody who can sign in: a legal representative, an agent, an insured person, or agency staff."""

    __tablename__ = "accounts"
    __table_args__ = (
        # One account of the legal representative per employer, whatever two people do at the same moment.
        Index(
            "uq_accounts_legal_representative",
            "uscc",
            unique=True,
            postgresql_where=text("kind = 'legal_representative'"),
        ),
        Index("uq_accounts_username", "username", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[AccountKind] = mapped_column(Text)
    username: Mapped[str] = mapped_column(Text)
    """In lower case: names that differ in case only would be mistaken for each other."""
    password_hash: Mapped[str] = mapped_column(Text)
    display_name: Mapped[str] = mapped_column(Text)
    uscc: Mapped[str | None] = mapped_column(Text)
    id_number: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_number_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    id_number_masked: Mapped[str | None] = mapped_column(Text)
    mobile: Mapped[bytes | None] = mapped_column(LargeBinary)
    mobile_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    mobile_masked: Mapped[str | None] = mapped_column(Text)
    failed_logins: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    blocked_until: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
