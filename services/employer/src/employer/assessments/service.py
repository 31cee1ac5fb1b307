"""Use cases of the assessment (核定). Each works in the caller's transaction and never commits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.employer import AssessmentRequested, ContributionsAssessed
from contracts.values.month import Month
from employer.assessments import booking, repository, rules
from employer.assessments.models import Assessment
from employer.contributions import service as ledger
from employer.rates import repository as rates
from employer.rates.rules import RatesMissing
from servicekit import audit, jobs, outbox
from servicekit.auth.principals import Operator
from servicekit.db.tx import wake_after_commit
from servicekit.jobs import JobRow
from servicekit.refusals import NotFound
from servicekit.wakeup import JOB_CHANGED

JOB_KIND, PART_KIND = "assessment", "assessment_part"
PART_SIZE = 20_000
"""Coverages per transaction: about a quarter of a second of work, so a killed worker loses no more than that."""
_AGENCY = "agency"  # the audit chain of the agency's own business


async def request(tx: AsyncSession, operator: Operator | None, month: Month, *, current: Month, now: datetime) -> UUID:
    """Starts an assessment of a month; the worker does the rest. Returns the run's id, which is also its job's.

    Raises:
        MonthNotOpen: the month has not begun.
        RatesMissing: a rate or the limits of the month are not known.
        AlreadyRunning: the month is being assessed.
    """
    rules.check_month(month, current=current)
    await rates.hold_changes_off(tx)
    if missing := await repository.missing_rates(tx, month):
        raise RatesMissing(month, missing)
    await repository.lock_month(tx, month)
    if await repository.is_running(tx, month):
        raise rules.AlreadyRunning(month)
    who = operator.account_id if operator else None
    job = await jobs.enqueue(tx, kind=JOB_KIND, payload={"month": str(month)}, requested_by=who)
    await repository.insert(tx, job.id, month, requested_by=who, now=now)
    await outbox.add(tx, AssessmentRequested(assessment_id=job.id, month=month))
    facts = {"month": month}
    await audit.record(tx, operator, "assessment.requested", str(job.id), chain=_AGENCY, facts=facts)
    return job.id


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, in parts."""

    done: int
    parts: int
    failed: int


async def plan(tx: AsyncSession, assessment_id: UUID, month: Month, *, now: datetime) -> None:
    """Cuts the run into parts, once, and hands each out as a job."""
    if await repository.lock(tx, assessment_id) is None:
        await repository.plan_parts(tx, assessment_id, month, part_size=PART_SIZE, now=now)
    parts = await repository.parts_to_hand_out(tx, assessment_id)
    facts = {"assessment_id": str(assessment_id), "month": str(month)}
    added = await jobs.enqueue_many(tx, kind=PART_KIND, payloads=[{**facts, "part": part} for part in parts])
    await repository.note_jobs(tx, assessment_id, dict(zip(parts, added, strict=True)))


async def progress(tx: AsyncSession, assessment_id: UUID) -> Progress:
    """How far a run is."""
    return Progress(*await repository.progress(tx, assessment_id))


async def call_off(tx: AsyncSession, assessment_id: UUID) -> None:
    """Nobody need begin what is left of a run that has failed: the next run does it."""
    for job_id in await repository.jobs_under_way(tx, assessment_id):
        await jobs.cancel(tx, job_id)


def tell_of_part(tx: AsyncSession, assessment_id: UUID) -> None:
    """Wakes whoever waits for the parts of a run, once this transaction has committed."""
    wake_after_commit(tx, JOB_CHANGED, str(assessment_id))


async def assess_part(tx: AsyncSession, assessment_id: UUID, month: Month, part: int, *, now: datetime) -> None:
    """Writes the rows, statements and news of one part, unless it is done already."""
    units = await repository.lock_part(tx, assessment_id, part)
    if units is None:
        return
    first, last = units
    written, unpriced = await booking.assess(tx, assessment_id, month, first=first, last=last)
    assessed_again = [(unit.employer_no, unit.month) for unit in written if unit.again]
    await ledger.set_off(tx, assessed_again, assessment_id, now=now)
    rows = sum(unit.rows for unit in written)
    await repository.mark_done(tx, assessment_id, part, rows=rows, unpriced=unpriced, now=now)
    news = [
        ContributionsAssessed(
            employer_no=unit.employer_no, month=unit.month, rows=unit.rows, assessment_id=assessment_id
        )
        for unit in written
    ]
    await outbox.add(tx, *news)
    tell_of_part(tx, assessment_id)


async def totals(tx: AsyncSession, assessment_id: UUID) -> dict[str, int]:
    """What a run wrote: the result of its job."""
    rows, unpriced = await repository.totals(tx, assessment_id)
    return {"rows": rows, "unpriced": unpriced}


async def finish(tx: AsyncSession, job: JobRow, result: Mapping[str, Any], *, now: datetime) -> None:
    """Notes the end of a run, in the transaction that marks its job done."""
    await repository.mark_finished(tx, job.id, now)
    facts = {"month": job.payload["month"], **result}
    await audit.record(tx, None, "assessment.finished", str(job.id), chain=_AGENCY, facts=facts)


async def get(tx: AsyncSession, assessment_id: UUID) -> tuple[Assessment, JobRow]:
    """A run and its job.

    Raises:
        NotFound: there is no such run.
    """
    found = await repository.find(tx, assessment_id)
    if found is None:
        raise NotFound
    return found


async def latest(tx: AsyncSession, month: Month) -> UUID | None:
    """The newest run of a month, however it ended."""
    return await repository.latest_of(tx, month)


async def page(tx: AsyncSession, *, offset: int, limit: int) -> tuple[list[tuple[Assessment, JobRow]], int]:
    """Runs, newest first, and how many there are."""
    return await repository.page(tx, offset=offset, limit=limit)
