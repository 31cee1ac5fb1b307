"""Leased jobs: long work that outlives requests, messages and workers.

A job is a row. A worker claims it with a lease and beats while it works; when the worker dies, the lease runs out and
another takes the job over. Finishing is fenced by the lease: a worker that lost it can't write a result.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Table, Text, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from servicekit.db.base import KIT_METADATA
from servicekit.db.purge import purge
from servicekit.db.tx import Scope, begin, wake_after_commit
from servicekit.db.types import Moment, utc_now
from servicekit.ids import uuid7
from servicekit.wakeup import JOB_CHANGED, JOBS

if TYPE_CHECKING:
    from servicekit.runtime import Runtime

Status = Literal["queued", "running", "done", "failed", "cancelled"]
FINISHED: frozenset[str] = frozenset({"done", "failed", "cancelled"})
_POLL_SECONDS = 1.0


class KitBase(DeclarativeBase):
    """Base of the kit's mapped tables."""

    metadata = KIT_METADATA


class JobRow(KitBase):
    """One job. `payload` and `result` hold ids and facts, never personal data."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="status"),
        # In the order in which they are claimed, so that a long queue is never sorted.
        Index(
            "ix_jobs_claim",
            "kind",
            text("priority DESC"),
            "id",
            postgresql_where=text("status IN ('queued', 'running')"),
        ),
        Index("ix_jobs_finished", "kind", "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
        Index("ix_jobs_requested_by", "requested_by", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="queued")
    priority: Mapped[int] = mapped_column(default=0)
    """Higher first; equals in the order they came."""
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    progress: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    error_code: Mapped[str | None] = mapped_column(Text)
    error_detail: Mapped[str | None] = mapped_column(Text)
    """Chinese, for the person who asked for the job: why it failed, or what it waits for."""
    employer_no: Mapped[str | None] = mapped_column(Text)
    requested_by: Mapped[UUID | None]
    lease_owner: Mapped[UUID | None]
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    run_after: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    attempts: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    """Attempts that ended in an error; the others ended with their worker."""
    postponed_since: Mapped[datetime | None] = mapped_column(Moment)
    """Since when it waits for something that is away, over however many tries."""
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)
    """Grows with every change: the ETag of the job."""

    @property
    def finished(self) -> bool:
        """Done, failed or cancelled: nothing more will happen to it."""
        return self.status in FINISHED


_TABLE = cast("Table", JobRow.__table__)


class DutyRow(KitBase):
    """When a periodic duty is due next, so that several workers share it."""

    __tablename__ = "duties"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    next_run_at: Mapped[datetime] = mapped_column(Moment)


class JobFailed(Exception):
    """Raised by a job: it can't succeed, so don't try again. `detail` is Chinese, for the person who asked."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class Postponed(Exception):
    """Raised by a job: something it needs is away. Tried again with growing delays, and none of them counts.

    `detail` is what the person who asked sees meanwhile, `given_up` what they see when the handler's patience has
    ended; both Chinese.
    """

    def __init__(self, code: str, detail: str, *, given_up: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.given_up = given_up


class Standing(NamedTuple):
    """How far the work on something is."""

    status: Status
    progress: int
    total: int


def standing(job: JobRow | None, *, working: bool, counted: int) -> Standing:
    """How far the work on a file is, say: `job` does it or did it last, `counted` says how many rows it found.

    A finished job may have been cleared away. `working` and `job` come from two statements: work that is under way
    with a job that is finished was read around the moment it ended, and is told as running, which it was.
    """
    if job is None:
        return Standing("queued" if working else "done", counted, counted)
    status = cast("Status", job.status)
    if not working:
        return Standing(status, counted, counted)
    return Standing("running" if job.finished else status, job.progress, counted or job.total or 0)


class LeaseLost(Exception):
    """This worker no longer holds the job: it was cancelled, or taken over after a missed beat."""


class JobRun:
    """One attempt at a job, as its handler sees it."""

    def __init__(self, runtime: "Runtime", row: JobRow, lease_seconds: float) -> None:
        self.runtime = runtime
        self.id = row.id
        self.kind = row.kind
        self.payload: Mapping[str, Any] = row.payload
        self.employer_no = row.employer_no
        self.requested_by = row.requested_by
        self.attempt = row.attempts
        """1 at the first attempt."""
        self.failures = row.failures
        """How many attempts before this one ended in an error; the others ended with their worker."""
        self.lease_owner = row.lease_owner
        self._lease = timedelta(seconds=lease_seconds)

    async def progress(self, done: int, total: int | None = None) -> None:
        """Tells how far it is, and beats. Raises LeaseLost."""
        values: dict[str, Any] = {"progress": done, "version": JobRow.version + 1}
        if total is not None:
            values["total"] = total
        await self._beat(values)
        self.runtime.wakeup.notify(JOB_CHANGED, str(self.id))

    async def progress_in(self, tx: AsyncSession, done: int, total: int | None = None) -> None:
        """The same in the caller's transaction, which so writes only while this attempt holds the job.

        Raises:
            LeaseLost.
        """
        values: dict[str, Any] = {"progress": done, "version": JobRow.version + 1}
        if total is not None:
            values["total"] = total
        await self.fence(tx, values)
        wake_after_commit(tx, JOB_CHANGED, str(self.id))

    async def beat(self) -> None:
        """Extends the lease. The runner does this by itself. Raises LeaseLost."""
        await self._beat({})

    async def _beat(self, values: dict[str, Any]) -> None:
        async with begin(self.runtime, scope=Scope.system()) as tx:
            await self.fence(tx, {"lease_until": utc_now() + self._lease, **values})

    async def fence(self, tx: AsyncSession, values: Mapping[str, Any]) -> None:
        """Changes the job's row, only while this attempt holds it. Raises LeaseLost."""
        result = await tx.execute(
            update(JobRow)
            .where(JobRow.id == self.id, JobRow.status == "running", JobRow.lease_owner == self.lease_owner)
            .values(**values)
            .returning(JobRow.id)
            .execution_options(synchronize_session=False)
        )
        if result.first() is None:
            raise LeaseLost(str(self.id))


RunJob = Callable[[JobRun], Awaitable[Mapping[str, Any]]]
FinishJob = Callable[[AsyncSession, JobRow, Mapping[str, Any]], Awaitable[None]]
FailJob = Callable[[AsyncSession, JobRow], Awaitable[None]]


@dataclass(frozen=True)
class JobHandler:
    """How jobs of one kind are done.

    `finish(tx, job, result)` runs in the transaction that marks the job done, `fail(tx, job)` in the one that marks it
    failed for good: the places to write what must be true together with the outcome (rows, outbox).
    """

    kind: str
    run: RunJob
    concurrency: int = 1
    max_attempts: int = 3
    lease_seconds: float | None = None
    """The setting `job_lease_seconds` when left out."""
    finish: FinishJob | None = None
    fail: FailJob | None = None
    retry_seconds: float = 5.0
    """Before the second attempt after an error; doubles each time. A dead worker's job waits for its lease only."""
    patience_seconds: float = 3600.0
    """How long a job waits for what it needs (`Postponed`) before it fails."""
    keep: timedelta | None = None
    """How long finished jobs of this kind are kept; for ever (or the service's own rule) when left out."""
    failure_detail: str = "处理失败，请稍后重试；如仍失败请联系经办机构。"


@dataclass(frozen=True)
class Periodic:
    """A duty that one of the workers does every so often. It must stand being done twice."""

    name: str
    seconds: float
    run: Callable[["Runtime"], Awaitable[None]]


async def enqueue(
    tx: AsyncSession,
    *,
    kind: str,
    payload: Mapping[str, Any],
    employer_no: str | None = None,
    requested_by: UUID | None = None,
    priority: int = 0,
    total: int | None = None,
    job_id: UUID | None = None,
) -> JobRow:
    """Adds a job; workers of this service see it once the transaction has committed."""
    now = utc_now()
    job = JobRow(
        id=job_id or uuid7(),
        kind=kind,
        payload=dict(payload),
        employer_no=employer_no,
        requested_by=requested_by,
        priority=priority,
        total=total,
        run_after=now,
        created_at=now,
    )
    tx.add(job)
    await tx.flush()
    wake_after_commit(tx, JOBS, kind)
    return job


async def enqueue_many(tx: AsyncSession, *, kind: str, payloads: Sequence[Mapping[str, Any]]) -> list[UUID]:
    """Adds one job for each payload, to be begun in this order; their ids."""
    now = utc_now()
    added = [JobRow(id=uuid7(), kind=kind, payload=dict(each), run_after=now, created_at=now) for each in payloads]
    tx.add_all(added)
    await tx.flush()
    if added:
        wake_after_commit(tx, JOBS, kind)
    return [job.id for job in added]


async def cancel(tx: AsyncSession, job_id: UUID) -> bool:
    """Cancels a job that isn't finished; a worker on it stops at its next beat. False when it was finished."""
    result = await tx.execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.status.in_(("queued", "running")))
        .values(
            status="cancelled",
            finished_at=utc_now(),
            lease_owner=None,
            lease_until=None,
            version=JobRow.version + 1,
        )
        .returning(JobRow.id)
    )
    wake_after_commit(tx, JOB_CHANGED, str(job_id))
    return result.first() is not None


def wake(runtime: "Runtime", kind: str) -> None:
    """Tells the runners of a kind to look now. They also look every second."""
    runtime.wakeup.notify(JOBS, kind)


def wake_in(tx: AsyncSession, kind: str) -> None:
    """`wake` from a consumer: after its transaction has committed."""
    wake_after_commit(tx, JOBS, kind)


async def find(tx: AsyncSession, job_id: UUID) -> JobRow | None:
    """A job as it is now, if the transaction's scope may see it."""
    row: JobRow | None = await tx.scalar(
        select(JobRow).where(JobRow.id == job_id).execution_options(populate_existing=True)
    )
    return row


async def clean(runtime: "Runtime") -> int:
    """Removes finished jobs of the kinds that say how long they are kept; returns how many. A periodic duty."""
    total = 0
    for handler in runtime.service.jobs:
        if isinstance(handler, JobHandler) and handler.keep is not None:
            over, kind = _TABLE.c.finished_at, _TABLE.c.kind
            total += await purge(runtime, over, utc_now() - handler.keep, kind == handler.kind)
    return total


async def queued(tx: AsyncSession) -> dict[str, int]:
    """How many jobs of each kind wait."""
    statement = (
        select(JobRow.kind, func.count().label("waiting")).where(JobRow.status == "queued").group_by(JobRow.kind)
    )
    return {row.kind: row.waiting for row in await tx.execute(statement)}


async def watch(
    runtime: "Runtime", job_id: UUID, *, scope: Scope | None = None, seconds: float | None = None
) -> AsyncIterator[JobRow]:
    """The job now and after each change, until it is finished or `seconds` are over. Ends at once for an unknown job.

    Give the asker's scope where an id from outside is watched, so that row level security applies.
    """
    clock = asyncio.get_running_loop().time
    end = math.inf if seconds is None else clock() + seconds
    seen = -1
    with runtime.wakeup.subscribe(JOB_CHANGED, str(job_id)) as changes:
        while True:
            async with begin(runtime, scope=scope or Scope.system()) as tx:
                job = await find(tx, job_id)
            if job is None:
                return
            if job.version != seen:
                seen = job.version
                yield job
            left = end - clock()
            if job.finished or left <= 0:
                return
            await changes.wait(min(_POLL_SECONDS, left))


async def wait(runtime: "Runtime", job_id: UUID, seconds: float, *, scope: Scope | None = None) -> JobRow | None:
    """The job once it is finished, or as it is after `seconds`. None for an unknown job."""
    latest: JobRow | None = None
    async for state in watch(runtime, job_id, scope=scope, seconds=seconds):
        latest = state
    return latest


__all__ = [
    "FINISHED",
    "DutyRow",
    "JobFailed",
    "JobHandler",
    "JobRow",
    "JobRun",
    "LeaseLost",
    "Periodic",
    "Postponed",
    "Standing",
    "Status",
    "cancel",
    "enqueue",
    "enqueue_many",
    "find",
    "queued",
    "standing",
    "wait",
    "wake",
    "wake_in",
    "watch",
]
