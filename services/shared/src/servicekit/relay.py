"""The relay: takes rows from the outbox to the bus.

Several relays may work on one outbox (`FOR UPDATE SKIP LOCKED`). A row is marked published only when its own publish
was confirmed; a timeout means "unknown", so the same id goes out again and the consumers' inbox drops the second copy.
"""

import asyncio
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy import ARRAY, Integer, Row, Text, Uuid, bindparam, cast, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from servicekit import metrics
from servicekit.bus.protocol import Later, Message, NotTaken, ParkedMessage, TransportDown, Unroutable
from servicekit.db.purge import purge
from servicekit.db.tx import Scope, begin, wake_after_commit
from servicekit.db.types import Moment, utc_now
from servicekit.outbox import table as outbox
from servicekit.wakeup import OUTBOX

if TYPE_CHECKING:
    from servicekit.runtime import Runtime

CLAIMERS = 2  # while one waits for confirms, the other reads the next rows
POLL_SECONDS = 1.0
KEEP_PUBLISHED = timedelta(days=3)
_DOWN_SECONDS = 0.5
_UNROUTABLE_SECONDS = 5.0
_LONGEST_BACKOFF = 60.0
# A message that the broker itself refuses this often (too large, say) is of no use to anyone in the queue's way.
_MOST_ATTEMPTS = 50

_METRIC_OUTCOMES = {"Unroutable": "returned", "TransportDown": "timeout", "later": "later"}

log = structlog.get_logger(__name__)

_CLAIM = (
    select(outbox.c.id, outbox.c.type, cast(outbox.c.envelope, Text), outbox.c.listeners, outbox.c.attempts)
    .where(
        outbox.c.published_at.is_(None),
        outbox.c.parked_at.is_(None),
        outbox.c.next_attempt_at <= bindparam("due", type_=Moment),
    )
    .order_by(outbox.c.next_attempt_at)
    .limit(bindparam("batch", type_=Integer))
    .with_for_update(skip_locked=True)
)
_MARK = text("UPDATE outbox SET published_at = now(), attempts = attempts + 1 WHERE id = ANY(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(Uuid))
)


@dataclass(frozen=True, slots=True)
class _Failure:
    id: UUID
    delay: float
    error: str
    counted: bool
    park: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """What one round did. `down`: the transport couldn't be reached, so trying on at once is no use."""

    claimed: int
    published: int
    down: bool


class Relay:
    """Moves the outbox of one service."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._batch = runtime.transport.batch
        self._stopping = False
        self._next_due = math.inf

    async def run(self) -> None:
        """Relays until `stop`."""
        async with asyncio.TaskGroup() as group:
            for _ in range(CLAIMERS):
                group.create_task(self._loop())

    def stop(self) -> None:
        """Lets the rounds under way end, and no other begin."""
        self._stopping = True
        self._runtime.wakeup.notify_here(OUTBOX)

    async def _loop(self) -> None:
        with self._runtime.wakeup.subscribe(OUTBOX) as signal:
            while not self._stopping:
                try:
                    done = await self.run_once()
                except Exception as error:  # the database is away, or a bug in one row: go on with the rest
                    log.warning("relay_round_failed", error=type(error).__name__)
                    await asyncio.sleep(_DOWN_SECONDS)
                    continue
                if done.down:
                    await asyncio.sleep(_DOWN_SECONDS)
                elif done.claimed < self._batch:
                    await signal.wait(self._patience())

    def _patience(self) -> float:
        """How long to wait for a signal: until the next poll, or until a postponed row of ours is due."""
        left = self._next_due - asyncio.get_running_loop().time()
        if left <= 0:
            self._next_due = math.inf
            return 0.0
        return min(POLL_SECONDS, left)

    async def run_once(self, *, due: datetime | None = None) -> Batch:
        """Publishes the rows due now (or at `due`), at most one batch of them."""
        if not self._runtime.transport.can_publish:
            return Batch(0, 0, down=True)
        async with begin(self._runtime, scope=Scope.system()) as tx:
            rows = (await tx.execute(_CLAIM, {"due": due or utc_now(), "batch": self._batch})).all()
            if not rows:
                return Batch(0, 0, down=False)
            results = await asyncio.gather(*(self._publish(row) for row in rows))
            published = [row.id for row, failure in zip(rows, results, strict=True) if failure is None]
            failures = [failure for failure in results if failure is not None]
            if published:
                await tx.execute(_MARK, {"ids": published})
            # A row that found nobody to send it to is just let go: its turn is as soon as the broker is back.
            await self._postpone(tx, [failure for failure in failures if failure.error != TransportDown.__name__])
        if unroutable := sum(failure.error == Unroutable.__name__ for failure in failures):
            log.warning("events_unroutable", count=unroutable)
        down = any(failure.error == TransportDown.__name__ for failure in failures)
        self._count(len(published), failures)
        return Batch(len(rows), len(published), down)

    def _count(self, confirmed: int, failures: Sequence[_Failure]) -> None:
        service = self._runtime.service.name
        metrics.RELAYED.labels(service, "confirmed").inc(confirmed)
        for failure in failures:
            outcome = "parked" if failure.park else _METRIC_OUTCOMES.get(failure.error, "failed")
            metrics.RELAYED.labels(service, outcome).inc()

    async def _postpone(self, tx: AsyncSession, failures: Sequence[_Failure]) -> None:
        now = utc_now()
        for failure in failures:
            await tx.execute(
                update(outbox)
                .where(outbox.c.id == failure.id)
                .values(
                    attempts=outbox.c.attempts + (1 if failure.counted else 0),
                    next_attempt_at=now + timedelta(seconds=failure.delay),
                    last_error=failure.error,
                    parked_at=now if failure.park else None,
                )
            )
        if failures:
            soonest = min(failure.delay for failure in failures)
            self._next_due = min(self._next_due, asyncio.get_running_loop().time() + soonest)

    async def _publish(self, row: Row[UUID, str, str, list[str], int]) -> _Failure | None:
        id_, type_, body, listeners, attempts = row
        message = Message(str(id_), type_, body.encode(), attempt=attempts)
        try:
            await self._runtime.transport.publish(message, mandatory=bool(listeners), listeners=listeners)
        except Later as error:
            return _Failure(id_, error.delay, "later", counted=error.counted)
        except Unroutable:
            # Its listener's queues are not declared yet. Not counted: it is no fault of the message.
            return _Failure(id_, _UNROUTABLE_SECONDS, Unroutable.__name__, counted=False)
        except NotTaken:
            return _Failure(id_, _UNROUTABLE_SECONDS, NotTaken.__name__, counted=False)
        except TransportDown:
            return _Failure(id_, _DOWN_SECONDS, TransportDown.__name__, counted=False)
        except Exception as error:
            log.exception("publish_failed", id=message.id, type=type_)
            return _Failure(id_, _backoff(attempts), type(error).__name__, counted=True, park=attempts > _MOST_ATTEMPTS)
        return None


def _backoff(attempts: int) -> float:
    return float(min(_LONGEST_BACKOFF, 2.0 ** min(attempts, 10)))


async def clean_published(runtime: "Runtime", *, older_than: timedelta = KEEP_PUBLISHED) -> int:
    """Deletes rows published long ago; returns how many. A periodic duty of the worker."""
    return await purge(runtime, outbox.c.published_at, utc_now() - older_than)


async def waiting(tx: AsyncSession) -> tuple[int, float]:
    """How many rows wait, and the age in seconds of the oldest: the figures of the outbox gauge."""
    statement = select(func.count(), func.min(outbox.c.created_at, type_=Moment)).where(
        outbox.c.published_at.is_(None), outbox.c.parked_at.is_(None)
    )
    count, oldest = (await tx.execute(statement)).one()
    return count, (utc_now() - oldest).total_seconds() if oldest else 0.0


async def parked(tx: AsyncSession) -> list[ParkedMessage]:
    """Rows that the broker refused so often that the relay gave up."""
    statement = select(outbox, cast(outbox.c.envelope, Text).label("body")).where(outbox.c.parked_at.is_not(None))
    return [
        ParkedMessage(
            "outbox", str(row.id), row.type, row.body.encode(), "refused_by_broker", row.last_error or "",
            row.parked_at, "outbox",
        )
        for row in await tx.execute(statement.order_by(outbox.c.parked_at))
    ]  # fmt: skip


async def unpark(tx: AsyncSession, ids: Collection[str] | None) -> list[str]:
    """Gives parked rows (all when `ids` is None) a new beginning; returns their ids."""
    statement = update(outbox).where(outbox.c.parked_at.is_not(None))
    if ids is not None:
        statement = statement.where(cast(outbox.c.id, Text).in_(ids))
    fresh = statement.values(parked_at=None, attempts=0, next_attempt_at=utc_now()).returning(outbox.c.id)
    found = [str(row_id) for row_id in await tx.scalars(fresh)]
    wake_after_commit(tx, OUTBOX)
    return found


async def discard(tx: AsyncSession, ids: Collection[str]) -> list[str]:
    """Deletes parked rows; returns their ids."""
    statement = delete(outbox).where(outbox.c.parked_at.is_not(None), cast(outbox.c.id, Text).in_(ids))
    return [str(row_id) for row_id in await tx.scalars(statement.returning(outbox.c.id))]
