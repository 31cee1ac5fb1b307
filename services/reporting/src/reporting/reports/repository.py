"""All SQL on report jobs. The unit comes from the caller's principal; row level security holds it as well."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from servicekit.jobs import FINISHED, JobRow

JOB_KIND = "report"


async def of_unit(tx: AsyncSession, employer_no: str, job_id: UUID) -> JobRow | None:
    """A report of this unit, as it is now."""
    query = select(JobRow).where(JobRow.kind == JOB_KIND, JobRow.id == job_id, JobRow.employer_no == employer_no)
    return await tx.scalar(query)


async def page_of_unit(tx: AsyncSession, employer_no: str, *, offset: int, limit: int) -> tuple[Sequence[JobRow], int]:
    """The unit's reports, newest first, and how many there are."""
    mine = (JobRow.kind == JOB_KIND, JobRow.employer_no == employer_no)
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
