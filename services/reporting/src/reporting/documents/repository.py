"""All SQL on issued documents."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from reporting.documents.models import DOCUMENT_NUMBERS, Document

MOST_SHOWN = 50
"""Documents of one file that are looked at."""


async def next_number(tx: AsyncSession) -> int:
    """The running part of a new document's number."""
    number: int = (await tx.execute(DOCUMENT_NUMBERS.next_value())).scalar_one()
    return number


async def next_numbers(tx: AsyncSession, count: int) -> list[int]:
    """The running parts of so many new documents' numbers, in order."""
    found = select(DOCUMENT_NUMBERS.next_value()).select_from(func.generate_series(1, count).alias())
    return sorted(await tx.scalars(found))


async def of_job(tx: AsyncSession, job_id: UUID) -> Sequence[Document]:
    """The documents a report made, in order."""
    return (await tx.scalars(select(Document).where(Document.job_id == job_id).order_by(Document.position))).all()


async def only_codes(tx: AsyncSession, job_ids: Collection[UUID]) -> dict[UUID, str]:
    """The code of each of these reports that made one document, by report."""
    query = (
        select(Document.job_id, func.min(Document.code))
        .where(Document.job_id.in_(job_ids))
        .group_by(Document.job_id)
        .having(func.count() == 1)
    )
    return {row[0]: row[1] for row in await tx.execute(query)}


async def with_code(tx: AsyncSession, code: str) -> Document | None:
    """The document that carries this verification code."""
    return await tx.scalar(select(Document).where(Document.code == code))


async def with_number(tx: AsyncSession, number: str) -> Document | None:
    """The document of this number."""
    return await tx.scalar(select(Document).where(Document.number == number))


async def with_digest(tx: AsyncSession, digests: Collection[str]) -> Sequence[Document]:
    """The documents that a PDF with one of these digests carries."""
    query = select(Document).where(Document.sha256.in_(digests)).order_by(Document.job_id, Document.position)
    return (await tx.scalars(query.limit(MOST_SHOWN))).all()


async def lock(tx: AsyncSession, number: str) -> Document | None:
    """The document of this number, held until the transaction ends."""
    query = select(Document).where(Document.number == number).with_for_update()
    return await tx.scalar(query.execution_options(populate_existing=True))
