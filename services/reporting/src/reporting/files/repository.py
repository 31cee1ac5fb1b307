"""All SQL on files."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from reporting.files.models import ReportFile


async def of_job(tx: AsyncSession, job_id: UUID) -> ReportFile | None:
    """The file a report made."""
    return await tx.scalar(select(ReportFile).where(ReportFile.job_id == job_id))


async def of_jobs(tx: AsyncSession, job_ids: Collection[UUID]) -> dict[UUID, ReportFile]:
    """The files of several reports, by report."""
    rows = await tx.scalars(select(ReportFile).where(ReportFile.job_id.in_(job_ids)))
    return {row.job_id: row for row in rows}


async def expired(tx: AsyncSession, now: datetime, *, limit: int) -> Sequence[ReportFile]:
    """Files that should be gone by now; locked, and left to whoever else is at them."""
    query = (
        select(ReportFile)
        .where(ReportFile.removed_at.is_(None), ReportFile.expires_at <= now)
        .order_by(ReportFile.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await tx.scalars(query)).all()


async def end(tx: AsyncSession, job_id: UUID, now: datetime) -> None:
    """Lets a file expire now: whoever cleans up removes it."""
    query = update(ReportFile).where(ReportFile.job_id == job_id, ReportFile.removed_at.is_(None))
    await tx.execute(query.values(expires_at=now))


async def mark_removed(tx: AsyncSession, job_ids: Collection[UUID], now: datetime) -> None:
    """Notes that these files are gone."""
    await tx.execute(update(ReportFile).where(ReportFile.job_id.in_(job_ids)).values(removed_at=now))


async def known_objects(tx: AsyncSession, keys: Collection[str]) -> set[str]:
    """Which of these objects are files that aren't removed yet."""
    query = select(ReportFile.sha256).where(ReportFile.sha256.in_(keys), ReportFile.removed_at.is_(None))
    return set(await tx.scalars(query))
