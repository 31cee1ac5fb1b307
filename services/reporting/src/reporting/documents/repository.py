"""All SQL on issued documents."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from reporting.documents.models import DOCUMENT_NUMBERS, Document


async def next_number(tx: AsyncSession) -> int:
    """The running part of a new document's number."""
    number: int = (await tx.execute(DOCUMENT_NUMBERS.next_value())).scalar_one()
    return number


async def of_job(tx: AsyncSession, job_id: UUID) -> Document | None:
    """The document a report made."""
    return await tx.scalar(select(Document).where(Document.job_id == job_id))


async def of_jobs(tx: AsyncSession, job_ids: Collection[UUID]) -> dict[UUID, Document]:
    """The documents of several reports, by report."""
    rows = await tx.scalars(select(Document).where(Document.job_id.in_(job_ids)))
    return {row.job_id: row for row in rows}


async def with_code(tx: AsyncSession, code: str) -> Document | None:
    """The document that carries this verification code."""
    return await tx.scalar(select(Document).where(Document.code == code))


async def expired_files(tx: AsyncSession, now: datetime, *, limit: int) -> Sequence[Document]:
    """Documents whose file should be gone by now; locked, and left to whoever else is at them."""
    query = (
        select(Document)
        .where(Document.file_removed_at.is_(None), Document.file_expires_at <= now)
        .order_by(Document.file_expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await tx.scalars(query)).all()


async def mark_removed(tx: AsyncSession, documents: Collection[UUID], now: datetime) -> None:
    """Notes that the files of these documents are gone."""
    await tx.execute(update(Document).where(Document.id.in_(documents)).values(file_removed_at=now))


async def known_objects(tx: AsyncSession, keys: Collection[str]) -> set[str]:
    """Which of these objects belong to a document that still has its file."""
    query = select(Document.sha256).where(Document.sha256.in_(keys), Document.file_removed_at.is_(None))
    return set(await tx.scalars(query))
