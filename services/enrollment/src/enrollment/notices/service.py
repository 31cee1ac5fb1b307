"""Notices of a unit: what there is now, that somebody has seen it, and what other services tell."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.reporting import ReportFailed, ReportFinished
from enrollment.applications.schemas import ApplicationOut
from enrollment.applications.service import wake_watchers
from enrollment.notices import repository
from enrollment.notices.schemas import NoticesOut, ReportNoticeOut
from servicekit.auth import Clerk
from servicekit.db.tx import Scope, begin, clock_of
from servicekit.paging import COUNTED
from servicekit.runtime import Runtime

_SHOWN = 10
_COUNTED_UNSEEN = 100
# Whoever looks for the first time isn't told of the years before.
_NEWS_OF_A_NEWCOMER = timedelta(days=7)
# Whoever asks for a certificate has it in front of them; only who has turned to something else is told.
_WAITED_SECONDS = 10.0
_REPORTS_KEPT = timedelta(days=30)


async def current(tx: AsyncSession, clerk: Clerk, *, now: datetime) -> NoticesOut:
    """What the unit's pages show of pending and decided applications at this moment."""
    unit, account = clerk.employer_no, clerk.account_id
    mark = await repository.seen_to(tx, employer_no=unit, account_id=account)
    since = mark or (now - _NEWS_OF_A_NEWCOMER).replace(hour=0, minute=0, second=0, microsecond=0)
    latest = await repository.latest(tx, employer_no=unit, limit=_SHOWN)
    decided = await repository.count_since(tx, employer_no=unit, since=since, most=_COUNTED_UNSEEN)
    ended = await repository.count_reports_since(
        tx, employer_no=unit, account_id=account, since=since, most=_COUNTED_UNSEEN
    )
    reports = await repository.latest_reports(tx, employer_no=unit, account_id=account, limit=_SHOWN)
    return NoticesOut(
        employer_no=unit,
        pending=await repository.count_pending(tx, employer_no=unit, most=COUNTED),
        unseen=min(decided + ended, _COUNTED_UNSEEN),
        seen_to=since,
        items=[ApplicationOut.of(row) for row in latest],
        reports=[ReportNoticeOut.of(each) for each in reports],
    )


async def see(tx: AsyncSession, clerk: Clerk, *, seen_to: datetime, now: datetime) -> NoticesOut:
    """Notes that the clerk has seen the notices up to a moment, at most up to now."""
    await repository.see(tx, employer_no=clerk.employer_no, account_id=clerk.account_id, seen_to=min(seen_to, now))
    return await current(tx, clerk, now=now)


async def take_report(tx: AsyncSession, event: ReportFinished | ReportFailed) -> None:
    """Tells the one who asked for a report that it has ended, where it took longer than one waits for."""
    if event.took_seconds < _WAITED_SECONDS:
        return
    await repository.add_report(
        tx,
        {
            "job_id": event.job_id,
            "employer_no": event.employer_no,
            "account_id": event.requested_by,
            "title": event.title,
            "failed": isinstance(event, ReportFailed),
            "told_at": clock_of(tx).now(),
        },
    )
    wake_watchers(tx, event.employer_no)


async def forget_old_reports(runtime: Runtime) -> None:
    """A periodic duty: reports told a month ago are no news any more."""
    async with begin(runtime, scope=Scope.system()) as tx:
        await repository.forget_reports(tx, before=runtime.clock.now() - _REPORTS_KEPT)
