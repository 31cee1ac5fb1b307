"""What the employer service does when something was said on the bus: by enrollment, or by itself as a work queue.

Outcomes: done; old news is dropped (done as well); news that comes before what it builds on is retried and, when that
never arrives, parked.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.employer import AssessmentRequested
from contracts.enrollment import CoverageBaseChanged, CoverageStarted, CoverageStopped
from employer.assessments import service as assessments
from employer.roster import service as roster
from employer.roster.rules import News
from servicekit import jobs
from servicekit.consumer import Consumers, Retry

consumers = Consumers("employer")


@consumers.on(CoverageStarted)
async def bill_from(event: CoverageStarted, tx: AsyncSession) -> None:
    """Contributions are owed from a month on."""
    _follow(await roster.start(tx, event))


@consumers.on(CoverageStopped)
async def bill_until(event: CoverageStopped, tx: AsyncSession) -> None:
    """Contributions are owed to the month before."""
    _follow(await roster.stop(tx, event))


@consumers.on(CoverageBaseChanged)
async def bill_base(event: CoverageBaseChanged, tx: AsyncSession) -> None:
    """The declared wage changed from a month on."""
    _follow(await roster.change_base(tx, event))


@consumers.on(AssessmentRequested)
async def look_for_assessments(event: AssessmentRequested, tx: AsyncSession) -> None:
    """Wakes the runners of this process. The work itself is in jobs, so a message too many does no harm."""
    jobs.wake_in(tx, assessments.JOB_KIND)
    jobs.wake_in(tx, assessments.PART_KIND)


def _follow(verdict: News) -> None:
    if verdict is News.EARLY:
        raise Retry("what this news builds on has not arrived yet")
