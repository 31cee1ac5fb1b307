"""What a part of the assessment writes. Set-based: one statement books what thousands of people owe.

Months are dates of their first day here. PostgreSQL's `round(numeric, int)` rounds half away from zero, which for
amounts that are never negative is half up; tests hold the statement against `rates.rules.contribution`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month

# The planner takes row level security for a filter that leaves hardly a row, and would join thousands of rows by nested
# loops. The range of units is said for each table, since every table is then read by it.
# What a part sorts and keeps between its steps is a few MiB; more than the default keeps it off the disk.
# A unit of a hundred thousand people that is assessed for a whole year takes longer than a request may.
_PREPARE = sa.text(
    "SELECT set_config('enable_nestloop', 'off', true), set_config('work_mem', '32MB', true),"
    " set_config('statement_timeout', '15min', true)"
)

_LOCK_POSITIONS = sa.text(
    """
    SELECT count(*) FROM (
        SELECT 1 FROM billing_positions WHERE employer_no BETWEEN :first AND :last ORDER BY employer_no FOR UPDATE
    ) AS locked
    """
)

_ANY_REVISED = sa.text(
    "SELECT EXISTS (SELECT FROM roster WHERE employer_no BETWEEN :first AND :last AND revised_from IS NOT NULL)"
)

# The wage declared for a month; what it was before the last change is asked for only where the month lies before that.
_WAGE = """CASE WHEN {month} >= roster.wage_from THEN roster.wage
                    ELSE coalesce((SELECT former.wage FROM roster_wages AS former
                                   WHERE former.employer_no = roster.employer_no
                                     AND former.coverage_id = roster.coverage_id
                                     AND former.first_month <= {month}
                                   ORDER BY former.first_month DESC LIMIT 1), roster.wage)
               END"""

# What a stop (or a return after one) makes wrong in months that are assessed already: what was booked is cancelled by a
# counter-row, and what is owed instead, if anything, booked behind it. Nothing is written where both are the same.
# Only news that this statement saw is settled: what arrives meanwhile has raised the coverage's version.
_CORRECT = sa.text(
    f"""
    WITH revised AS (
        SELECT employer_no, coverage_id, person_id, insurance, revised_from, version
        FROM roster
        WHERE employer_no BETWEEN :first AND :last AND revised_from IS NOT NULL
    ), booked AS (
        SELECT employer_no, person_id, insurance, month, max(entry) AS entry, sum(base) AS base,
               sum(employer_amount) AS employer_amount, sum(own_amount) AS own_amount
        FROM contributions
        JOIN (SELECT employer_no, person_id, insurance, min(revised_from) AS since
              FROM revised GROUP BY employer_no, person_id, insurance) AS wrong
            USING (employer_no, person_id, insurance)
        WHERE employer_no BETWEEN :first AND :last AND month >= since
        GROUP BY employer_no, person_id, insurance, month
    ), owed AS (
        SELECT DISTINCT ON (booked.employer_no, booked.person_id, booked.insurance, booked.month)
               booked.employer_no, booked.person_id, booked.insurance, booked.month, units.kind,
               {_WAGE.format(month="booked.month")} AS wage
        FROM booked
        JOIN roster USING (employer_no, person_id, insurance)
        JOIN units USING (employer_no)
        WHERE roster.start_month <= booked.month
          AND (roster.stop_month IS NULL OR roster.stop_month > booked.month)
          AND roster.person_category NOT IN (SELECT code FROM exempt_categories)
        ORDER BY booked.employer_no, booked.person_id, booked.insurance, booked.month,
                 roster.start_month, roster.coverage_id
    ), priced AS (
        SELECT employer_no, person_id, insurance, month, based.base,
               round(based.base * rates.employer_rate, rates.rounding) + rates.employer_fixed AS employer_amount,
               round(based.base * rates.own_rate, rates.rounding) + rates.own_fixed AS own_amount
        FROM owed
        JOIN base_limits AS limits ON limits.year = extract(year FROM owed.month)::int
        JOIN rates USING (insurance)
        CROSS JOIN LATERAL (SELECT least(greatest(owed.wage, limits.lower), limits.upper) AS base) AS based
        WHERE rates.employer_kind = owed.kind
          AND owed.month BETWEEN rates.first_month AND coalesce(rates.last_month, 'infinity')
    ), wrong AS (
        SELECT booked.*, priced.base AS new_base, priced.employer_amount AS new_employer_amount,
               priced.own_amount AS new_own_amount
        FROM booked
        LEFT JOIN priced USING (employer_no, person_id, insurance, month)
        WHERE (booked.base, booked.employer_amount, booked.own_amount) IS DISTINCT FROM
              (coalesce(priced.base, 0), coalesce(priced.employer_amount, 0), coalesce(priced.own_amount, 0))
    ), written AS (
        INSERT INTO contributions (employer_no, person_id, month, insurance, entry, assessment_id,
                                   base, employer_amount, own_amount, reason)
        SELECT employer_no, person_id, month, insurance, entry + 1, :assessment_id,
               -base, -employer_amount, -own_amount, '停保冲减'
        FROM wrong
        WHERE base <> 0
        UNION ALL
        SELECT employer_no, person_id, month, insurance, entry + CASE WHEN base = 0 THEN 1 ELSE 2 END, :assessment_id,
               new_base, new_employer_amount, new_own_amount, '续保补记'
        FROM wrong
        WHERE new_base IS NOT NULL
    ), settled AS (
        UPDATE roster SET revised_from = NULL
        FROM revised
        WHERE roster.employer_no BETWEEN :first AND :last
          AND roster.employer_no = revised.employer_no AND roster.coverage_id = revised.coverage_id
          AND roster.version = revised.version
    )
    SELECT min(revised_from) FROM revised
    """  # noqa: S608 - words of ours
).bindparams(sa.bindparam("assessment_id", type_=sa.Uuid))

# months: what each unit may owe: the months not assessed yet, and where coverages are late, those that were.
# due: of these, every month each coverage owes and may lack. priced: with base and shares, null where no rate or limit
# is known. Only rows really written are summed into the unit's statements. Rows go in in the order of the key: that
# fills the index from left to right, and whoever reads a unit's month finds it in one place.
# Coverages are `late` while some assessed month of theirs is still to come: no rate yet, or this run looks at an older
# month.
_ASSESS_SQL = f"""
    WITH months AS MATERIALIZED (
        SELECT position.employer_no, units.kind, owed.month::date AS month, limits.lower, limits.upper,
               owed.month <= position.assessed_through AS assessed
        FROM billing_positions AS position
        JOIN units USING (employer_no)
        CROSS JOIN LATERAL generate_series(
            CASE WHEN position.employer_no IN (SELECT employer_no FROM roster
                                               WHERE employer_no BETWEEN :first AND :last AND late)
                 THEN units.billed_from
                 ELSE greatest(units.billed_from, position.assessed_through + interval '1 month')
            END,
            CAST(:month AS timestamp),
            interval '1 month'
        ) AS owed (month)
        LEFT JOIN base_limits AS limits ON limits.year = extract(year FROM owed.month)::int
        WHERE position.employer_no BETWEEN :first AND :last AND units.employer_no BETWEEN :first AND :last
    ), due AS (
        SELECT roster.employer_no, roster.coverage_id, roster.person_id, roster.insurance,
               months.kind, months.month, months.lower, months.upper,
               {_WAGE.format(month="months.month")} AS wage
        FROM roster
        JOIN months USING (employer_no)
        WHERE roster.employer_no BETWEEN :first AND :last
          AND roster.start_month <= months.month
          AND (roster.stop_month IS NULL OR roster.stop_month > months.month)
          AND (NOT months.assessed OR roster.late AND
               (SELECT there.entry FROM contributions AS there
                WHERE there.employer_no = roster.employer_no AND there.person_id = roster.person_id
                  AND there.month = months.month AND there.insurance = roster.insurance AND there.entry = 0) IS NULL)
          AND roster.person_category NOT IN (SELECT code FROM exempt_categories)
    ), based AS (
        SELECT due.*, rates.employer_rate, rates.own_rate, rates.employer_fixed, rates.own_fixed, rates.rounding,
               CASE WHEN due.lower IS NOT NULL THEN least(greatest(due.wage, due.lower), due.upper) END AS base
        FROM due
        LEFT JOIN rates ON rates.insurance = due.insurance AND rates.employer_kind = due.kind
                       AND due.month BETWEEN rates.first_month AND coalesce(rates.last_month, 'infinity')
    ), priced AS MATERIALIZED (
        SELECT employer_no, coverage_id, person_id, insurance, month, base,
               round(base * employer_rate, rounding) + employer_fixed AS employer_amount,
               round(base * own_rate, rounding) + own_fixed AS own_amount
        FROM based
    ), written AS (
        INSERT INTO contributions
            (employer_no, person_id, month, insurance, entry, assessment_id, base, employer_amount, own_amount)
        SELECT employer_no, person_id, month, insurance, 0, :assessment_id, base, employer_amount, own_amount
        FROM priced
        WHERE employer_amount IS NOT NULL
        ORDER BY month, employer_no, person_id, insurance
        [conflict]
    ), summed AS MATERIALIZED (
        SELECT employer_no, month, insurance, count(*) AS rows, [people] AS people,
               sum(base) AS base, sum(employer_amount) AS employer_amount, sum(own_amount) AS own_amount
        FROM ([entries]) AS entries
        GROUP BY employer_no, month, insurance
    ), stated AS (
        INSERT INTO statements (employer_no, month, insurance, assessment_id, people, base, employer_amount, own_amount)
        SELECT employer_no, month, insurance, :assessment_id, people, base, employer_amount, own_amount
        FROM summed
    ), settled AS (
        UPDATE roster SET late = lacking.months
        FROM (
            SELECT employer_no, coverage_id, bool_or(months) AS months
            FROM (
                SELECT employer_no, coverage_id, true AS months FROM priced WHERE employer_amount IS NULL
                UNION ALL
                SELECT roster.employer_no, roster.coverage_id, position.assessed_through > :month
                FROM roster
                JOIN billing_positions AS position USING (employer_no)
                WHERE roster.employer_no BETWEEN :first AND :last AND position.employer_no BETWEEN :first AND :last
                  AND roster.late
            ) AS each
            GROUP BY employer_no, coverage_id
        ) AS lacking
        WHERE roster.employer_no BETWEEN :first AND :last
          AND roster.employer_no = lacking.employer_no AND roster.coverage_id = lacking.coverage_id
    )
    SELECT employer_no, month, sum(rows)::bigint AS rows, month <= assessed_through AS again
    FROM summed
    JOIN billing_positions USING (employer_no)
    WHERE billing_positions.employer_no BETWEEN :first AND :last
    GROUP BY employer_no, month, assessed_through
    UNION ALL
    SELECT NULL, NULL, count(*), NULL FROM priced WHERE employer_amount IS NULL
    ORDER BY employer_no, month
"""  # noqa: S608 - words of ours


# What is priced, and written where nothing stands in the way. Taking it from there and not from the written rows keeps
# row level security from looking at each of them a second time.
_PRICED = (
    "SELECT employer_no, month, insurance, base, employer_amount, own_amount FROM priced"
    " WHERE employer_amount IS NOT NULL"
)
_WRITTEN = "SELECT employer_no, month, insurance, base, employer_amount, own_amount FROM written"
_AROUND_ROWS = "ON CONFLICT DO NOTHING RETURNING employer_no, month, insurance, base, employer_amount, own_amount"
# The counter-rows that `_CORRECT` wrote a moment before for the same run. A person who is not owed for any more counts
# as one less.
_CORRECTIONS = """
            UNION ALL
            SELECT employer_no, month, insurance, base, employer_amount, own_amount FROM contributions
            WHERE employer_no BETWEEN :first AND :last AND month >= :since AND entry > 0
              AND assessment_id = :assessment_id
"""
_PEOPLE_LESS_CORRECTED = "count(*) FILTER (WHERE base > 0) - count(*) FILTER (WHERE base < 0)"


def _assess_statement(*, around_rows: bool, corrected: bool) -> sa.TextClause:
    entries = (_WRITTEN if around_rows else _PRICED) + (_CORRECTIONS if corrected else "")
    filled = _ASSESS_SQL.replace("[conflict]", _AROUND_ROWS if around_rows else "")
    filled = filled.replace("[people]", _PEOPLE_LESS_CORRECTED if corrected else "count(*)")
    days = [sa.bindparam(name, type_=sa.Date) for name in ("month", *(["since"] if corrected else []))]
    return sa.text(filled.replace("[entries]", entries)).bindparams(*days, sa.bindparam("assessment_id", type_=sa.Uuid))


# A row that is there already stays as it is. Late coverages ask for their rows first; else hardly ever is one there
# (two spells of one person that overlap), and looking out for it makes every insert a third dearer: so first without.
_ASSESS = {
    (around_rows, corrected): _assess_statement(around_rows=around_rows, corrected=corrected)
    for around_rows in (False, True)
    for corrected in (False, True)
}

_ADVANCE = sa.text(
    """
    UPDATE billing_positions SET assessed_through = :month
    WHERE employer_no BETWEEN :first AND :last AND assessed_through < :month
    """
).bindparams(sa.bindparam("month", type_=sa.Date))


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows an assessment wrote for one unit and month."""

    employer_no: str
    month: Month
    rows: int
    again: bool
    """Whether the unit's month had been assessed before."""


async def assess(
    tx: AsyncSession, assessment_id: UUID, month: Month, *, first: str, last: str
) -> tuple[list[Written], int]:
    """Writes what the units from `first` to `last` owe up to `month` and lack; also how many months have no rate."""
    units = {"first": first, "last": last}
    await tx.execute(_PREPARE)
    await tx.execute(_LOCK_POSITIONS, units)
    values = {**units, "month": month.first_day(), "assessment_id": assessment_id}
    if await tx.scalar(_ANY_REVISED, units):
        values["since"] = await tx.scalar(_CORRECT, {**units, "assessment_id": assessment_id})
    found = await _assess(tx, values)
    await tx.execute(_ADVANCE, {**units, "month": month.first_day()})
    written = [
        Written(row.employer_no, Month.of(row.month), row.rows, row.again)
        for row in found
        if row.employer_no is not None
    ]
    return written, sum(row.rows for row in found if row.employer_no is None)


async def _assess(tx: AsyncSession, values: Mapping[str, Any]) -> Sequence[sa.Row[Any]]:
    corrected = "since" in values
    try:
        async with tx.begin_nested():
            return (await tx.execute(_ASSESS[False, corrected], values)).all()
    except IntegrityError:
        return (await tx.execute(_ASSESS[True, corrected], values)).all()
