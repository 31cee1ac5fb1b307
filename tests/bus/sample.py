"""A small service of its own for tests of servicekit: one table, two work queues, a broadcast, jobs.

It borrows events of the hall, since test events in the registry would be taken for the hall's own.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Text, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from contracts.identity import MandateGranted, MandateRemoved, SessionEnded
from servicekit.consumer import Consumers
from servicekit.db.base import new_metadata
from servicekit.db.tx import runtime_of
from servicekit.ids import uuid7
from servicekit.jobs import JobHandler, JobRow, JobRun
from servicekit.runtime import Runtime
from servicekit.service import Service


class Base(DeclarativeBase):
    """The sample's tables."""

    metadata = new_metadata()


class Grant(Base):
    """What the handler writes. `times` counts how often it did: anything but 1 is a fault."""

    __tablename__ = "grants"

    mandate_id: Mapped[UUID] = mapped_column(primary_key=True)
    employer_no: Mapped[str] = mapped_column(Text)
    times: Mapped[int]


@dataclass
class Behaviour:
    """What a test makes the sample do, and what it saw."""

    on_grant: Callable[[MandateGranted], Awaitable[None]] | None = None
    on_watch: Callable[[MandateGranted | MandateRemoved], Awaitable[None]] | None = None
    on_job: Callable[[JobRun], Awaitable[Mapping[str, Any]]] | None = None
    attempts: list[UUID] = field(default_factory=list)
    heard: list[SessionEnded] = field(default_factory=list)
    finished: list[UUID] = field(default_factory=list)
    failed: list[str | None] = field(default_factory=list)


def behaviour_of(runtime: Runtime) -> Behaviour:
    """The runtime's behaviour."""
    behaviour: Behaviour = runtime.resources["behaviour"]
    return behaviour


consumers = Consumers("sample")


@consumers.on(MandateGranted)
async def note_grant(event: MandateGranted, tx: AsyncSession) -> None:
    """Counts the grant, after what the test wants done."""
    behaviour = behaviour_of(runtime_of(tx))
    behaviour.attempts.append(event.mandate_id)
    row = insert(Grant).values(mandate_id=event.mandate_id, employer_no=event.employer_no, times=1)
    await tx.execute(row.on_conflict_do_update(index_elements=["mandate_id"], set_={"times": Grant.times + 1}))
    if behaviour.on_grant is not None:
        await behaviour.on_grant(event)


@consumers.on(MandateGranted, MandateRemoved)
async def watch_mandates(event: MandateGranted | MandateRemoved, tx: AsyncSession) -> None:
    """A second queue for the same event, so that one message can end differently in each."""
    behaviour = behaviour_of(runtime_of(tx))
    if behaviour.on_watch is not None:
        await behaviour.on_watch(event)


@consumers.broadcast(SessionEnded)
async def hear(event: SessionEnded, runtime: Runtime) -> None:
    """Remembers the news."""
    behaviour_of(runtime).heard.append(event)


async def _run(run: JobRun) -> Mapping[str, Any]:
    behaviour = behaviour_of(run.runtime)
    return await behaviour.on_job(run) if behaviour.on_job is not None else {"ok": True}


async def _finish(tx: AsyncSession, job: JobRow, result: Mapping[str, Any]) -> None:
    behaviour_of(runtime_of(tx)).finished.append(job.id)


async def _fail(tx: AsyncSession, job: JobRow) -> None:
    behaviour_of(runtime_of(tx)).failed.append(job.error_code)


@asynccontextmanager
async def _resources(runtime: Runtime) -> AsyncIterator[Mapping[str, Any]]:
    yield {"behaviour": Behaviour()}


SAMPLE = Service(
    name="sample",
    title="样例服务",
    metadata=Base.metadata,
    migrations=Path(__file__).parent / "migrations",
    consumers=consumers,
    jobs=(JobHandler("sample", _run, finish=_finish, fail=_fail, retry_seconds=0.01, keep=timedelta(days=7)),),
    resources=_resources,
)


def granted(mandate_id: UUID | None = None) -> MandateGranted:
    """News that a made-up account may act for a made-up unit."""
    return MandateGranted(
        mandate_id=mandate_id or uuid7(),
        account_id=uuid7(),
        employer_no="330200000000000101",
        permissions=("query",),
    )


async def times_noted(tx: AsyncSession, mandate_id: UUID) -> int:
    """How often the effect of a grant is there."""
    return await tx.scalar(select(Grant.times).where(Grant.mandate_id == mandate_id)) or 0
