"""SQL of the runs of the assessment and of their parts. What a part writes is in `booking`.

Months are dates of their first day here.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from employer.assessments.models import Assessment, AssessmentPart, BillingPosition
from servicekit.jobs import JobRow

# Only one run of a month at a time; held to the end of the transaction that starts it.
_LOCK_MONTH = sa.text("SELECT pg_advisory_xact_lock(hashtext('assessment'), :month)")

_ENSURE_PARTITIONS = sa.text(
    """
    SELECT ensure_contribution_month(month::date)
    FROM generate_series((SELECT least(min(billed_from), :month) FROM units), :month, interval '1 month') AS month
    """
).bindparams(sa.bindparam("month", type_=sa.Date))

# Units in order of their number, cut wherever the coverages counted so far fill another part. A coverage counts when
# it may owe something that is not assessed yet, so a second run of a month has next to nothing to look at.
_PLAN = sa.text(
    """
    INSERT INTO assessment_parts (assessment_id, part, first_employer_no, last_employer_no, coverages)
    SELECT :assessment_id, part, min(employer_no), max(employer_no), sum(coverages)
    FROM (
        SELECT employer_no, coverages,
               (sum(coverages) OVER (ORDER BY employer_no) - coverages)::bigint / :part_size AS part
        FROM (
            SELECT roster.employer_no, count(*) AS coverages
            FROM roster
            JOIN billing_positions AS position USING (employer_no)
            WHERE roster.revised_from IS NOT NULL
               OR (roster.start_month <= :month
                   AND (roster.stop_month IS NULL OR roster.stop_month > roster.start_month)
                   AND (roster.late OR (
                       position.assessed_through < :month
                       AND (roster.stop_month IS NULL
                            OR roster.stop_month > position.assessed_through + interval '1 month')))
                   AND roster.person_category NOT IN (SELECT code FROM exempt_categories))
            GROUP BY roster.employer_no
        ) AS counted
    ) AS parted
    GROUP BY part
    """
).bindparams(sa.bindparam("month", type_=sa.Date), sa.bindparam("part_size", type_=sa.BigInteger))

# What a month needs before it can be assessed: limits of its year, a rate for each insurance type of each kind in use.
_MISSING_RATES = sa.text(
    """
    SELECT kinds.name || '的' || types.name || '费率' AS missing
    FROM employer_kinds AS kinds
    CROSS JOIN LATERAL unnest(kinds.insurances) AS covered (insurance)
    JOIN insurance_types AS types ON types.code = covered.insurance
    WHERE EXISTS (SELECT FROM units WHERE units.kind = kinds.code)
      AND NOT EXISTS (SELECT FROM rates
                      WHERE rates.insurance = covered.insurance AND rates.employer_kind = kinds.code
                        AND :month BETWEEN rates.first_month AND coalesce(rates.last_month, 'infinity'))
    UNION ALL
    SELECT extract(year FROM :month)::text || '年缴费基数上下限'
    WHERE NOT EXISTS (SELECT FROM base_limits WHERE year = extract(year FROM :month)::int)
    ORDER BY missing
    """
).bindparams(sa.bindparam("month", type_=sa.Date))


async def open_position(tx: AsyncSession, employer_no: str, *, assessed_through: Month) -> None:
    """Makes a unit known to assessments; months up to `assessed_through` are not theirs to write."""
    row = {"employer_no": employer_no, "assessed_through": assessed_through}
    await tx.execute(sa.insert(BillingPosition).values(row))


async def open_positions(tx: AsyncSession, assessed_through: Mapping[str, Month]) -> None:
    """The same for many units, by number."""
    rows = [{"employer_no": unit, "assessed_through": month} for unit, month in assessed_through.items()]
    await tx.execute(sa.insert(BillingPosition), rows)


async def missing_rates(tx: AsyncSession, month: Month) -> list[str]:
    """What a month's rate table lacks, in Chinese words."""
    return list((await tx.scalars(_MISSING_RATES, {"month": month.first_day()})).all())


async def lock_month(tx: AsyncSession, month: Month) -> None:
    """Lets one transaction at a time start an assessment of this month."""
    await tx.execute(_LOCK_MONTH, {"month": int(month.compact())})


async def is_running(tx: AsyncSession, month: Month) -> bool:
    """Whether an assessment of this month is queued or at work."""
    query = (
        sa.select(Assessment.id)
        .join(JobRow, JobRow.id == Assessment.id)
        .where(Assessment.month == month, JobRow.status.in_(("queued", "running")))
    )
    return (await tx.execute(query.limit(1))).first() is not None


async def insert(
    tx: AsyncSession, assessment_id: UUID, month: Month, *, requested_by: UUID | None, now: datetime
) -> None:
    """Adds a run."""
    row = {"id": assessment_id, "month": month, "requested_by": requested_by, "requested_at": now}
    await tx.execute(sa.insert(Assessment).values(row))


async def lock(tx: AsyncSession, assessment_id: UUID) -> datetime | None:
    """Locks a run; when it was cut into parts, if it was."""
    query = sa.select(Assessment.planned_at).where(Assessment.id == assessment_id).with_for_update()
    return (await tx.execute(query)).scalar_one()


async def plan_parts(tx: AsyncSession, assessment_id: UUID, month: Month, *, part_size: int, now: datetime) -> None:
    """Cuts the units that may owe something into parts of about `part_size` coverages. Makes missing partitions."""
    await tx.execute(_ENSURE_PARTITIONS, {"month": month.first_day()})
    values = {"assessment_id": assessment_id, "month": month.first_day(), "part_size": part_size}
    await tx.execute(_PLAN, values)
    await tx.execute(sa.update(Assessment).where(Assessment.id == assessment_id).values(planned_at=now))


async def parts_to_hand_out(tx: AsyncSession, assessment_id: UUID) -> list[int]:
    """The parts of a run that are neither done nor anybody's job, in order."""
    query = (
        sa.select(AssessmentPart.part)
        .where(
            AssessmentPart.assessment_id == assessment_id,
            AssessmentPart.done_at.is_(None),
            AssessmentPart.job_id.is_(None),
        )
        .order_by(AssessmentPart.part)
    )
    return list((await tx.scalars(query)).all())


async def note_jobs(tx: AsyncSession, assessment_id: UUID, jobs_of_parts: Mapping[int, UUID]) -> None:
    """Notes by which job each part is done."""
    rows = [{"of": assessment_id, "number": part, "job": job} for part, job in jobs_of_parts.items()]
    mine = sa.and_(AssessmentPart.assessment_id == sa.bindparam("of"), AssessmentPart.part == sa.bindparam("number"))
    note = (
        sa.update(AssessmentPart.__table__)  # type: ignore[arg-type]  # a mapped class's table is one
        .where(mine)
        .values(job_id=sa.bindparam("job"))
    )
    if rows:
        await (await tx.connection()).execute(note, rows)


async def progress(tx: AsyncSession, assessment_id: UUID) -> tuple[int, int, int]:
    """Parts done, parts in all, and parts whose job has failed for good."""
    done = AssessmentPart.done_at.is_not(None)
    query = (
        sa.select(
            sa.func.count().filter(done),
            sa.func.count(),
            sa.func.count().filter(~done, JobRow.status.in_(("failed", "cancelled"))),
        )
        .select_from(AssessmentPart)
        .outerjoin(JobRow, JobRow.id == AssessmentPart.job_id)
        .where(AssessmentPart.assessment_id == assessment_id)
    )
    row = (await tx.execute(query)).one()
    return row[0], row[1], row[2]


async def jobs_under_way(tx: AsyncSession, assessment_id: UUID) -> list[UUID]:
    """The jobs of a run's parts that are still to be done."""
    query = (
        sa.select(JobRow.id)
        .join(AssessmentPart, AssessmentPart.job_id == JobRow.id)
        .where(AssessmentPart.assessment_id == assessment_id, JobRow.status.in_(("queued", "running")))
        .order_by(JobRow.id)
    )
    return list((await tx.scalars(query)).all())


async def lock_part(tx: AsyncSession, assessment_id: UUID, part: int) -> tuple[str, str] | None:
    """Locks a part; its first and last unit, or None when it is done."""
    query = (
        sa.select(AssessmentPart.first_employer_no, AssessmentPart.last_employer_no, AssessmentPart.done_at)
        .where(AssessmentPart.assessment_id == assessment_id, AssessmentPart.part == part)
        .with_for_update()
    )
    row = (await tx.execute(query)).one()
    return None if row.done_at is not None else (row.first_employer_no, row.last_employer_no)


async def mark_done(
    tx: AsyncSession, assessment_id: UUID, part: int, *, rows: int, unpriced: int, now: datetime
) -> None:
    """Notes that a part is done, in the transaction that did it."""
    await tx.execute(
        sa.update(AssessmentPart)
        .where(AssessmentPart.assessment_id == assessment_id, AssessmentPart.part == part)
        .values(rows=rows, unpriced=unpriced, done_at=now)
    )


async def totals(tx: AsyncSession, assessment_id: UUID) -> tuple[int, int]:
    """Rows written and coverage months without a rate, over all parts."""
    query = sa.select(
        sa.func.coalesce(sa.func.sum(AssessmentPart.rows), 0), sa.func.coalesce(sa.func.sum(AssessmentPart.unpriced), 0)
    ).where(AssessmentPart.assessment_id == assessment_id)
    rows, unpriced = (await tx.execute(query)).one()
    return int(rows), int(unpriced)


async def mark_finished(tx: AsyncSession, assessment_id: UUID, now: datetime) -> None:
    """Notes the end of a run."""
    await tx.execute(sa.update(Assessment).where(Assessment.id == assessment_id).values(finished_at=now))


def _with_job() -> sa.Select[Assessment, JobRow]:
    return sa.select(Assessment, JobRow).join(JobRow, JobRow.id == Assessment.id)


async def find(tx: AsyncSession, assessment_id: UUID) -> tuple[Assessment, JobRow] | None:
    """A run and its job."""
    row = (await tx.execute(_with_job().where(Assessment.id == assessment_id))).one_or_none()
    return None if row is None else (row[0], row[1])


async def newest_month(tx: AsyncSession) -> Month | None:
    """The newest month that was ever assessed, or is being assessed."""
    newest: Month | None = await tx.scalar(sa.select(sa.func.max(Assessment.month)))
    return newest


async def latest_of(tx: AsyncSession, month: Month) -> UUID | None:
    """The newest run of a month."""
    query = sa.select(Assessment.id).where(Assessment.month == month).order_by(Assessment.id.desc())
    found: UUID | None = await tx.scalar(query.limit(1))
    return found


async def page(tx: AsyncSession, *, offset: int, limit: int) -> tuple[list[tuple[Assessment, JobRow]], int]:
    """Runs, newest first, and how many there are."""
    total = await tx.scalar(sa.select(sa.func.count()).select_from(Assessment))
    rows = await tx.execute(_with_job().order_by(Assessment.id.desc()).offset(offset).limit(limit))
    return [(row[0], row[1]) for row in rows.all()], total or 0
