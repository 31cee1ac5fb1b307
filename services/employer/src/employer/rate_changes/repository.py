"""SQL of proposals."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from employer.rate_changes.models import RateChange
from employer.rate_changes.rules import Status


async def add(tx: AsyncSession, change: RateChange) -> bool:
    """Adds a proposal; False when one for the same thing waits already (a unique index)."""
    try:
        async with tx.begin_nested():
            tx.add(change)
            await tx.flush()
    except IntegrityError:
        return False
    return True


async def lock(tx: AsyncSession, change_id: UUID) -> RateChange | None:
    """A proposal, locked."""
    found: RateChange | None = await tx.get(RateChange, change_id, with_for_update=True, populate_existing=True)
    return found


async def page(tx: AsyncSession, status: Status | None, *, offset: int, limit: int) -> tuple[list[RateChange], int]:
    """Proposals, newest first, and how many there are."""
    query = sa.select(RateChange)
    if status is not None:
        query = query.where(RateChange.status == status)
    total = await tx.scalar(query.with_only_columns(sa.func.count()))
    return list(await tx.scalars(query.order_by(RateChange.id.desc()).offset(offset).limit(limit))), total or 0
