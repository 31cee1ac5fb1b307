"""Logins under way at other places, and which account of elsewhere opens which of ours."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from contracts.identity import AccountKind
from identity.models import Base
from identity.sso.config import SsoMode
from identity.sso.rules import Purpose, Step
from servicekit.db.types import Moment


class SsoAttempt(Base):
    """One way to a provider and back. The browser's cookie names it; only a digest of the cookie is kept.

    What the provider vouched for stays here, sealed, while a page asks the user something.
    """

    __tablename__ = "sso_attempts"
    __table_args__ = (
        Index("uq_sso_attempts_digest", "digest", unique=True),
        Index("ix_sso_attempts_client_began_at", "client", "began_at"),
        Index("ix_sso_attempts_expires_at", "expires_at"),
        Index("ix_sso_attempts_account_id", "account_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    provider: Mapped[str] = mapped_column(Text)
    mode: Mapped[SsoMode] = mapped_column(Text)
    purpose: Mapped[Purpose] = mapped_column(Text)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    """Of a link: the account that asked for it. Of a login: whom it opened a session for."""
    return_to: Mapped[str | None] = mapped_column(Text)
    client: Mapped[bytes] = mapped_column(LargeBinary)
    """Keyed digest of the address that asked."""
    step: Mapped[Step] = mapped_column(Text)
    vouched: Mapped[bytes | None] = mapped_column(LargeBinary)
    began_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the browser came back: an attempt is good for one return."""


class SsoLink(Base):
    """An account of a provider opens an account of ours. One person may have one of each kind."""

    __tablename__ = "sso_links"
    __table_args__ = (
        # Two first logins at the same moment make one link, and so one account.
        Index("uq_sso_links_subject", "provider", "subject_index", "kind", unique=True),
        Index("uq_sso_links_account", "account_id", "provider", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(Text)
    subject_index: Mapped[bytes] = mapped_column(LargeBinary)
    """Keyed digest of the provider's name of the account: that is all we need of it."""
    kind: Mapped[AccountKind] = mapped_column(Text)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    linked_at: Mapped[datetime] = mapped_column(Moment)
    last_used_at: Mapped[datetime] = mapped_column(Moment)
