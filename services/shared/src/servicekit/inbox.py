"""The inbox: which consumer has handled which message. Claimed in the handler's own transaction."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Column, Index, Table, Text, Uuid, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from servicekit.db.base import KIT_METADATA
from servicekit.db.purge import purge
from servicekit.db.types import Moment, utc_now

if TYPE_CHECKING:
    from servicekit.runtime import Runtime

table = Table(
    "inbox",
    KIT_METADATA,
    Column("consumer", Text, primary_key=True),
    Column("message_id", Uuid, primary_key=True),
    Column("handled_at", Moment, nullable=False),
    Index("ix_inbox_handled_at", "handled_at"),
)

# A message can come again as long as it can lie in a queue, a retry tier or the parking lot.
KEEP = timedelta(days=90)


async def claim(tx: AsyncSession, consumer: str, message_id: UUID) -> bool:
    """False when this consumer has handled the message before. A concurrent claim waits for the other to end."""
    statement = (
        insert(table)
        .values(consumer=consumer, message_id=message_id, handled_at=utc_now())
        .on_conflict_do_nothing()
        .returning(table.c.message_id)
    )
    return (await tx.execute(statement)).first() is not None


async def unclaim(tx: AsyncSession, consumer: str, message_id: UUID) -> None:
    """Lets a consumer handle a message again: somebody redrives it."""
    await tx.execute(delete(table).where(table.c.consumer == consumer, table.c.message_id == message_id))


async def clean(runtime: "Runtime") -> int:
    """Forgets messages so old that they can't come again; returns how many. A periodic duty of the worker."""
    return await purge(runtime, table.c.handled_at, utc_now() - KEEP)
