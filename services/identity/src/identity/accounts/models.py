"""Accounts, and the wrong passwords that were tried on usernames."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Integer, LargeBinary, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from contracts.identity import AccountKind
from identity.models import Base
from servicekit.db.types import Moment
from servicekit.personal import Sealed


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
        # And one of an insured person.
        Index("uq_accounts_person", "id_number_index", unique=True, postgresql_where=text("kind = 'person'")),
        Index("uq_accounts_username", "username", unique=True),
        Index("ix_accounts_unannounced", "id", postgresql_where=text("kind = 'person' AND announced_version = 0")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[AccountKind] = mapped_column(Text)
    username: Mapped[str] = mapped_column(Text)
    """In lower case: names that differ in case only would be mistaken for each other."""
    password_hash: Mapped[str | None] = mapped_column(Text)
    """None: nobody has set one yet, so none is right: single sign-on, or a member of the staff who has to begin."""
    password_changed_at: Mapped[datetime] = mapped_column(Moment, server_default=func.now())
    password_is_short: Mapped[bool] = mapped_column(server_default=text("false"))
    """Enough beside a second factor only: without one a longer password has to be set first."""
    display_name: Mapped[str] = mapped_column(Text)
    uscc: Mapped[str | None] = mapped_column(Text)
    """Of a legal representative: the code whose units the account acts for."""
    id_number: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_number_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    id_number_masked: Mapped[str | None] = mapped_column(Text)
    mobile: Mapped[bytes | None] = mapped_column(LargeBinary)
    mobile_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    mobile_masked: Mapped[str | None] = mapped_column(Text)
    vouched: Mapped[bool] = mapped_column(server_default=text("false"))
    """Of an insured person: an identity provider vouches for the ID number, which somebody only typed in otherwise."""
    announced_version: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Of an insured person: how often enrollment was told whose account this is."""
    person_id: Mapped[UUID | None]
    """Of an insured person: whose insurance the account may see. None: enrollment has recognised nobody yet."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    def keep_id_number(self, sealed: Sealed) -> None:
        """Fills the three columns of the ID number."""
        self.id_number, self.id_number_index, self.id_number_masked = sealed.ciphertext, sealed.index, sealed.masked

    def keep_mobile(self, sealed: Sealed) -> None:
        """Fills the three columns of the mobile."""
        self.mobile, self.mobile_index, self.mobile_masked = sealed.ciphertext, sealed.index, sealed.masked


class LoginAttempts(Base):
    """Wrong passwords in a row for a username, whether or not there is such an account: nobody can tell from waiting.

    Not a column of the account, so that a guess neither locks nor rewrites the account's row.
    """

    __tablename__ = "login_attempts"
    __table_args__ = (Index("ix_login_attempts_last_at", "last_at"),)

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """Keyed digest of the username as typed, since people type passwords into the wrong field."""
    failed: Mapped[int] = mapped_column(Integer)
    blocked_until: Mapped[datetime | None] = mapped_column(Moment)
    last_at: Mapped[datetime] = mapped_column(Moment)
