"""SQL of the desk's claims."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.reviews.models import ReviewClaim


async def take(tx: AsyncSession, no: str, reviewer: UUID, name: str, *, now: datetime, until: datetime) -> ReviewClaim:
    """Whose application it is now: the asker's, unless somebody else's claim still runs. What has run out goes."""
    over = select(ReviewClaim.application_no).where(ReviewClaim.until < now).with_for_update(skip_locked=True)
    await tx.execute(
        delete(ReviewClaim).where(ReviewClaim.application_no.in_(over)).execution_options(synchronize_session=False)
    )
    claim = insert(ReviewClaim).values(application_no=no, reviewer_id=reviewer, reviewer_name=name, until=until)
    taken = claim.on_conflict_do_update(
        index_elements=[ReviewClaim.application_no],
        set_={"reviewer_id": reviewer, "reviewer_name": name, "until": until},
        where=or_(ReviewClaim.reviewer_id == reviewer, ReviewClaim.until < now),
    )
    await tx.execute(taken)
    statement = select(ReviewClaim).where(ReviewClaim.application_no == no)
    return (await tx.execute(statement.execution_options(populate_existing=True))).scalar_one()


async def release(tx: AsyncSession, no: str, reviewer: UUID | None = None) -> None:
    """Ends a reviewer's claim, or whoever's it is."""
    mine = [ReviewClaim.application_no == no, *([ReviewClaim.reviewer_id == reviewer] if reviewer else [])]
    await tx.execute(delete(ReviewClaim).where(*mine).execution_options(synchronize_session=False))


async def running(tx: AsyncSession, numbers: Collection[str], now: datetime) -> dict[str, ReviewClaim]:
    """The claims on these applications that still run."""
    statement = select(ReviewClaim).where(ReviewClaim.application_no.in_(numbers), ReviewClaim.until >= now)
    return {claim.application_no: claim for claim in await tx.scalars(statement)} if numbers else {}
