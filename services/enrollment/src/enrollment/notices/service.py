"""Notices of a unit: what there is now, and that somebody has seen it."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.applications.schemas import ApplicationOut
from enrollment.notices import repository
from enrollment.notices.schemas import NoticesOut
from servicekit.auth import Clerk
from servicekit.paging import COUNTED

_SHOWN = 10
_COUNTED_UNSEEN = 100
# Whoever looks for the first time isn't told of the years before.
_NEWS_OF_A_NEWCOMER = timedelta(days=7)


async def current(tx: AsyncSession, clerk: Clerk, *, now: datetime) -> NoticesOut:
    """What the unit's pages show of pending and decided applications at this moment."""
    unit = clerk.employer_no
    mark = await repository.seen_to(tx, employer_no=unit, account_id=clerk.account_id)
    since = mark or (now - _NEWS_OF_A_NEWCOMER).replace(hour=0, minute=0, second=0, microsecond=0)
    latest = await repository.latest(tx, employer_no=unit, limit=_SHOWN)
    return NoticesOut(
        employer_no=unit,
        pending=await repository.count_pending(tx, employer_no=unit, most=COUNTED),
        unseen=await repository.count_since(tx, employer_no=unit, since=since, most=_COUNTED_UNSEEN),
        seen_to=since,
        items=[ApplicationOut.of(row) for row in latest],
    )


async def see(tx: AsyncSession, clerk: Clerk, *, seen_to: datetime, now: datetime) -> NoticesOut:
    """Notes that the clerk has seen the notices up to a moment, at most up to now."""
    await repository.see(tx, employer_no=clerk.employer_no, account_id=clerk.account_id, seen_to=min(seen_to, now))
    return await current(tx, clerk, now=now)
