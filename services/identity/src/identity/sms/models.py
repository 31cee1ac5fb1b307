"""Codes sent by text message, and the demo's inbox."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Integer, LargeBinary, Text
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column

from identity.models import Base
from servicekit.db.types import Moment


class SmsCode(Base):
    """A code that was sent to a mobile. Neither the mobile nor the code can be read from the row."""

    __tablename__ = "sms_codes"
    __table_args__ = (
        Index("ix_sms_codes_mobile_index_sent_at", "mobile_index", "sent_at"),
        Index("ix_sms_codes_client_sent_at", "client", "sent_at"),
        Index("ix_sms_codes_account_key_sent_at", "account_key", "sent_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    mobile_index: Mapped[bytes] = mapped_column(LargeBinary)
    purpose: Mapped[str] = mapped_column(Text)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary)
    client: Mapped[bytes] = mapped_column(LargeBinary)
    """Keyed digest of the address that asked."""
    account_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Keyed digest of the username the code is for, whether or not there is such an account; None at a registration."""
    tries: Mapped[int] = mapped_column(Integer, server_default=sql_text("0"))
    sent_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class SmsMessage(Base):
    """A text message waiting for the provider, or in the demo's inbox. Sealed; forgotten soon after it was sent."""

    __tablename__ = "sms_messages"
    __table_args__ = (
        Index("ix_sms_messages_mobile_index", "mobile_index"),
        Index("ix_sms_messages_waiting", "created_at", postgresql_where=sql_text("sent_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    mobile: Mapped[bytes] = mapped_column(LargeBinary)
    mobile_index: Mapped[bytes] = mapped_column(LargeBinary)
    text: Mapped[bytes] = mapped_column(LargeBinary)
    code: Mapped[bytes | None] = mapped_column(LargeBinary)
    """For the demo's inbox; None: the message is news and carries no code."""
    send_until: Mapped[datetime | None] = mapped_column(Moment)
    """After this it is of no use to anybody. None: as long as a code lives."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(Integer, server_default=sql_text("0"))
