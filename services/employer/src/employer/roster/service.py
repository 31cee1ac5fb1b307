"""Use cases of the billing roster: following the news of enrollment. None of them commits."""

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.enrollment import CoverageBaseChanged, CoverageStarted, CoverageStopped
from employer.roster import repository, rules
from employer.roster.models import Coverage
from employer.roster.rules import News


async def start(tx: AsyncSession, news: CoverageStarted) -> News:
    """Puts a coverage on the roster. Billed by the next assessment, also for months assessed already.

    Somebody who comes back may be owed for a month that was booked for their earlier coverage and cancelled with it.
    """
    unit = await repository.hold_position(tx, news.employer_no)
    known = await repository.lock(tx, news.employer_no, news.coverage_id)
    verdict = rules.judge(news.version, known=known.version if known else 0)
    if verdict is not News.NEXT:
        return verdict
    if unit is None:
        return News.EARLY
    coverage = coverage_of(news)
    coverage.late = rules.is_late(news.month, billed_from=unit.billed_from, assessed_through=unit.assessed_through)
    if coverage.late and await repository.left_before(tx, news.employer_no, news.person_id, news.insurance):
        coverage.revised_from = news.month
    await repository.insert(tx, coverage)
    return verdict


def coverage_of(news: CoverageStarted) -> Coverage:
    """The roster's row of a coverage that started in time."""
    return Coverage(
        employer_no=news.employer_no,
        coverage_id=news.coverage_id,
        person_id=news.person_id,
        insurance=news.insurance,
        person_category=news.person_category,
        start_month=news.month,
        stop_month=None,
        wage=news.monthly_wage,
        wage_from=news.month,
        late=False,
        version=news.version,
    )


async def stop(tx: AsyncSession, news: CoverageStopped) -> News:
    """Ends a coverage: the stop month is not owed any more. The next assessment cancels what was booked for it or later
    by counter-rows (a removal after the month was assessed, a death that is told late).
    """
    unit = await repository.hold_position(tx, news.employer_no)
    known = await repository.lock(tx, news.employer_no, news.coverage_id)
    verdict = rules.judge(news.version, known=known.version if known else 0)
    if known is None or unit is None or verdict is not News.NEXT:
        return verdict
    known.stop_month = rules.stop_month(known.start_month, news.month, never_started=news.never_started)
    if known.stop_month <= unit.assessed_through:
        known.revised_from = min(known.stop_month, known.revised_from or known.stop_month)
    known.version = news.version
    return verdict


async def change_base(tx: AsyncSession, news: CoverageBaseChanged) -> News:
    """Changes the declared wage from a month on; months assessed before stay as they were."""
    known = await repository.lock(tx, news.employer_no, news.coverage_id)
    verdict = rules.judge(news.version, known=known.version if known else 0)
    if known is None or verdict is not News.NEXT:
        return verdict
    if news.month > known.wage_from:
        await repository.insert_former_wage(tx, known)
    else:
        await repository.forget_wages_from(tx, known, news.month)
    known.wage, known.wage_from, known.version = news.monthly_wage, news.month, news.version
    return verdict
