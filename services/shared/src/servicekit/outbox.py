"""The outbox: events are written in the use case's own transaction; only the relay publishes them."""

from collections.abc import Sequence

from sqlalchemy import Column, Index, Integer, Table, Text, Uuid, insert, text
from sqlalchemy.dialects.postgresql import ARRAY, JSON
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.contextvars import get_contextvars

from contracts.base import Envelope, Event
from servicekit.db.base import KIT_METADATA
from servicekit.db.bulk import copy_many
from servicekit.db.tx import runtime_of, wake_after_commit
from servicekit.db.types import Moment, utc_now
from servicekit.ids import uuid7
from servicekit.tracing import current_traceparent
from servicekit.wakeup import OUTBOX

_WORTH_A_COPY = 100
_WAITING = "published_at IS NULL AND parked_at IS NULL"

table = Table(
    "outbox",
    KIT_METADATA,
    Column("id", Uuid, primary_key=True),
    Column("type", Text, nullable=False),
    # json, not jsonb: the text goes out byte for byte as it came in, and nothing here searches in it.
    Column("envelope", JSON, nullable=False),
    Column("listeners", ARRAY(Text), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("published_at", Moment),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", Moment, nullable=False),
    Column("parked_at", Moment),
    Column("last_error", Text),
    Index("ix_outbox_waiting", "next_attempt_at", postgresql_where=text(_WAITING)),
    Index("ix_outbox_published", "published_at", postgresql_where=text("published_at IS NOT NULL")),
)


def envelope_of(event: Event, *, service: str) -> Envelope:
    """The event in its envelope, with trace, correlation and causation of what is being done right now."""
    return _envelopes_of([event], service=service)[0]


def _envelopes_of(events: Sequence[Event], *, service: str) -> list[Envelope]:
    doing, traceparent, now = get_contextvars(), current_traceparent(), utc_now()
    correlation = doing.get("correlation_id")
    causation = doing.get("message_id")
    made = []
    for event in events:
        message_id = uuid7()
        envelope = Envelope.model_construct(  # what is ours need not be validated
            id=message_id,
            source=f"/hall/{service}",
            type=event.wire_name,
            time=now,
            subject=event.subject(),
            traceparent=traceparent,
            correlationid=str(correlation or message_id),
            causationid=causation,
            data=event.model_dump(mode="json"),
        )
        made.append(envelope)
    return made


async def add(tx: AsyncSession, *events: Event) -> None:
    """Writes events to be published after this transaction commits. Many in one call are one statement or one COPY."""
    if not events:
        return
    service = runtime_of(tx).service.name
    rows = []
    for event, envelope in zip(events, _envelopes_of(events, service=service), strict=True):
        rows.append(
            {
                "id": envelope.id,
                "type": envelope.type,
                "envelope": envelope.model_dump(mode="json", exclude_none=True),
                "listeners": list(event.listeners),
                "created_at": envelope.time,
                "next_attempt_at": envelope.time,
            }
        )
    if len(rows) < _WORTH_A_COPY:
        await tx.execute(insert(table), rows)
    else:
        await copy_many(tx, table, rows)
    wake_after_commit(tx, OUTBOX)


__all__ = ["add", "envelope_of", "table"]
