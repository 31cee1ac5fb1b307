"""What the employer service does when something was said on the bus: by enrollment, or by itself as a work queue.

Outcomes: done; old news is dropped (done as well); news that comes before what it builds on is retried and, when that
never arrives, parked.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.employer import AssessmentRequested
from contracts.enrollment import (
    ApplicationDecided,
    ApplicationWithdrawn,
    CoverageBaseChanged,
    CoverageStarted,
    CoverageStopped,
)
from employer.assessments import service as assessments
from employer.registration_changes import outcomes
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


@consumers.on(ApplicationDecided)
async def take_decision(event: ApplicationDecided, tx: AsyncSession) -> None:
    """Applies or drops a change of registration. Done at once with applications of other kinds, and when told again."""
    if event.change_id is not None:
        await outcomes.take(
            tx,
            event.employer_no,
            event.change_id,
            event.decision,
            application_no=event.application_no,
            at=event.decided_at,
        )


@consumers.on(ApplicationWithdrawn)
async def take_withdrawal(event: ApplicationWithdrawn, tx: AsyncSession) -> None:
    """Drops a change of registration that the unit took back. Done like `take_decision`."""
    if event.change_id is not None:
        await outcomes.take(
            tx,
            event.employer_no,
            event.change_id,
            "withdrawn",
            application_no=event.application_no,
            at=event.withdrawn_at,
        )


def _follow(verdict: News) -> None:
    if verdict is News.EARLY:
        raise Retry("what this news builds on has not arrived yet")
