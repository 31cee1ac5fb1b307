"""All SQL on report jobs. Whose they are comes from the caller's principal; row level security holds it as well."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from reporting.reports.kinds import LONG_JOB, QUICK_JOB
from reporting.reports.owners import Owner
from servicekit.auth import Clerk
from servicekit.jobs import FINISHED, JobRow

JOB_KINDS = (QUICK_JOB, LONG_JOB)
_ARE_REPORTS = JobRow.kind.in_(JOB_KINDS)


def _of(owner: Owner) -> list[ColumnElement[bool]]:
    if isinstance(owner, Clerk):
        return [_ARE_REPORTS, JobRow.employer_no == owner.employer_no]
    return [_ARE_REPORTS, JobRow.employer_no.is_(None), JobRow.requested_by == owner.account_id]


async def of_owner(tx: AsyncSession, owner: Owner, job_id: UUID, *, lock: bool = False) -> JobRow | None:
    """A report of this unit or person, as it is now; held until the transaction ends with `lock`."""
    query = select(JobRow).where(JobRow.id == job_id, *_of(owner)).execution_options(populate_existing=True)
    return await tx.scalar(query.with_for_update() if lock else query)


async def page_of_owner(
    tx: AsyncSession, owner: Owner, kinds: Collection[str], *, offset: int, limit: int
) -> tuple[Sequence[JobRow], int]:
    """The unit's or the person's reports of these kinds, newest first, and how many there are."""
    mine = (*_of(owner), JobRow.payload["kind"].astext.in_(kinds))
    total = await tx.scalar(select(func.count()).select_from(JobRow).where(*mine))
    rows = await tx.scalars(select(JobRow).where(*mine).order_by(JobRow.id.desc()).offset(offset).limit(limit))
    return rows.all(), total or 0


async def waiting_of(tx: AsyncSession, owner: Owner, job_kind: str) -> int:
    """How many jobs of a kind the owner has that aren't finished."""
    query = (
        select(func.count())
        .select_from(JobRow)
        .where(*_of(owner), JobRow.kind == job_kind, JobRow.status.in_(("queued", "running")))
    )
    return await tx.scalar(query) or 0


async def forget(tx: AsyncSession, job_id: UUID) -> None:
    """Removes a report."""
    await tx.execute(delete(JobRow).where(JobRow.id == job_id, _ARE_REPORTS))


async def forget_before(tx: AsyncSession, moment: datetime, *, limit: int) -> int:
    """Removes finished reports asked for before a moment; returns how many."""
    old = select(JobRow.id).where(_ARE_REPORTS, JobRow.status.in_(FINISHED), JobRow.created_at < moment).limit(limit)
    gone = await tx.execute(delete(JobRow).where(JobRow.id.in_(old)).returning(JobRow.id))
    return len(gone.all())
