"""All SQL on report jobs. Whose they are comes from the caller's principal; row level security holds it as well."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from reporting.reports.owners import Owner
from servicekit.auth import Clerk
from servicekit.jobs import FINISHED, JobRow

JOB_KIND = "report"


def _of(owner: Owner) -> list[ColumnElement[bool]]:
    if isinstance(owner, Clerk):
        return [JobRow.kind == JOB_KIND, JobRow.employer_no == owner.employer_no]
    return [JobRow.kind == JOB_KIND, JobRow.employer_no.is_(None), JobRow.requested_by == owner.account_id]


async def of_owner(tx: AsyncSession, owner: Owner, job_id: UUID) -> JobRow | None:
    """A report of this unit or person, as it is now."""
    return await tx.scalar(select(JobRow).where(JobRow.id == job_id, *_of(owner)))


async def page_of_owner(tx: AsyncSession, owner: Owner, *, offset: int, limit: int) -> tuple[Sequence[JobRow], int]:
    """The unit's or the person's reports, newest first, and how many there are."""
    mine = _of(owner)
    total = await tx.scalar(select(func.count()).select_from(JobRow).where(*mine))
    rows = await tx.scalars(select(JobRow).where(*mine).order_by(JobRow.id.desc()).offset(offset).limit(limit))
    return rows.all(), total or 0


async def forget_before(tx: AsyncSession, moment: datetime, *, limit: int) -> int:
    """Removes finished reports asked for before a moment; returns how many."""
    old = (
        select(JobRow.id)
        .where(JobRow.kind == JOB_KIND, JobRow.status.in_(FINISHED), JobRow.created_at < moment)
        .limit(limit)
    )
    gone = await tx.execute(delete(JobRow).where(JobRow.id.in_(old)).returning(JobRow.id))
    return len(gone.all())
