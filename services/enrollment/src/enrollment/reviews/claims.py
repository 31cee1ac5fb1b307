"""正在审核: telling the other reviewers that somebody has an application open.

A hint, never a lock: whoever decides first decides, and a reviewer who goes home holds nothing up. The page renews its
claim as long as the application is open.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.applications import service as applications
from enrollment.applications.service import BY_A_REVIEWER
from enrollment.reviews import repository
from enrollment.reviews.models import ReviewClaim
from enrollment.reviews.rules import CLAIM_LASTS
from enrollment.reviews.schemas import ClaimOut
from servicekit.auth import Reviewer


async def claim(tx: AsyncSession, reviewer: Reviewer, no: str, *, now: datetime) -> ClaimOut:
    """Says that the reviewer has a pending application open, or who has had it open before them.

    Raises:
        NotFound, AlreadyFinal.
    """
    application = await applications.find(tx, no)
    applications.check_pending(application)
    name = reviewer.display_name or BY_A_REVIEWER
    held = await repository.take(tx, application.no, reviewer.account_id, name, now=now, until=now + CLAIM_LASTS)
    return ClaimOut(mine=held.reviewer_id == reviewer.account_id, reviewer_name=held.reviewer_name, until=held.until)


async def release(tx: AsyncSession, reviewer: Reviewer, no: str) -> None:
    """The reviewer has closed an application. Raises NotFound."""
    application = await applications.find(tx, no)
    await repository.release(tx, application.no, reviewer.account_id)


async def of_rows(tx: AsyncSession, rows: Sequence[Any], *, now: datetime) -> Mapping[str, ReviewClaim]:
    """Who has which of these rows of the queue open."""
    return await repository.running(tx, [row.no for row in rows if row.status == "pending"], now)
