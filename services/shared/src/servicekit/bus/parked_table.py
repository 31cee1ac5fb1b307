"""Where the in-process transport parks messages. AMQP has queues for it."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from servicekit.db.base import KIT_METADATA
from servicekit.db.types import Moment

table = Table(
    "parked",
    KIT_METADATA,
    Column("queue", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("parked_at", Moment, nullable=False),
    Index("ix_parked_parked_at", "parked_at"),
)
