"""The assessment beside one SQL statement: `python -m tests.bench.assessment [people]`. Reported, never asserted.

Reference: one statement that computes and inserts the same rows for a month, as the superuser, without row level
security, statements of units, resumability or news. Ours: the job as one worker process does it, which has a runner of
assessments and one of parts; and for comparison with the runner of assessments alone, so that one connection at a time
works like the reference's. All over the same roster, in turns, each month into a partition of its own. Memory is the
worker's: what it had before the first month, and the most it ever had.
"""

import asyncio
import resource
import sys
import time
from contextlib import AsyncExitStack
from datetime import date
from uuid import uuid4

import sqlalchemy as sa
import uvloop
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from contracts.values.month import Month
from employer.assessments import service
from employer.assessments.jobs import ASSESSMENT, ASSESSMENT_PART
from employer.service import SERVICE
from servicekit import logs
from servicekit.clock import FixedClock
from servicekit.db.tx import Scope, begin
from servicekit.job_runner import JobRunner
from servicekit.runtime import Runtime
from tests.support.databases import throw_away_databases
from tests.support.harness import service_harness

_PEOPLE = 60_000  # of three insurance types each
_MONTHS = [Month(2026, month) for month in (1, 2, 3, 4)]
_SIZES = (1, 4, 25, 400)  # people per unit: most are small
_FILL = (
    """
    INSERT INTO units (employer_no, uscc, name, name_grams, kind, virtual, insured_since, billed_from, opened_at,
                       version)
    SELECT '330200' || lpad(number::text, 12, '0'), '91330200MA2A0B1C3J', '单位', '{}',
           CASE WHEN number % 5 = 0 THEN '50' ELSE '10' END, false, '2020-01-01', '2026-01-01', now(), 1
    FROM generate_series(1, :units) AS number
    """,
    "INSERT INTO billing_positions SELECT employer_no, '2025-12-01' FROM units",
    """
    INSERT INTO roster (employer_no, coverage_id, person_id, insurance, person_category, start_month, wage, wage_from,
                        version)
    SELECT units.employer_no, gen_random_uuid(), person.id, insurance, '1101', '2020-01-01', person.wage, '2020-01-01',
           1
    FROM (SELECT employer_no, (CAST(:sizes AS int[]))[1 + right(employer_no, 6)::int % 4] AS size FROM units) AS units
    CROSS JOIN LATERAL (
        SELECT gen_random_uuid() AS id, (3000 + random() * 25000)::numeric(14, 2) AS wage
        FROM generate_series(1, units.size)
    ) AS person
    CROSS JOIN unnest(ARRAY['310', '330', '510']) AS insurance
    """,
)
_REFERENCE = """
    INSERT INTO contributions
        (employer_no, person_id, month, insurance, entry, assessment_id, base, employer_amount, own_amount)
    SELECT employer_no, person_id, :month, insurance, 0, :run, base, round(base * employer_rate, 2) + employer_fixed,
           round(base * own_rate, 2) + own_fixed
    FROM (
        SELECT roster.employer_no, roster.person_id, roster.insurance, rates.employer_rate, rates.own_rate,
               rates.employer_fixed, rates.own_fixed, least(greatest(wage, lower), upper) AS base
        FROM roster
        JOIN units USING (employer_no)
        JOIN base_limits ON year = 2026
        JOIN rates ON rates.insurance = roster.insurance AND rates.employer_kind = units.kind
        WHERE roster.start_month <= :month
          AND (roster.stop_month IS NULL OR roster.stop_month > :month)
    ) AS owed
"""


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


async def _fill(connection: AsyncConnection, people: int) -> None:
    units = people * len(_SIZES) // sum(_SIZES)
    for statement in _FILL:
        names = {"units": units, "sizes": list(_SIZES)}
        await connection.execute(
            sa.text(statement), {name: value for name, value in names.items() if f":{name}" in statement}
        )
    for month in range(1, 13):
        await connection.execute(sa.text("SELECT ensure_contribution_month(:month)"), {"month": date(2026, month, 1)})


async def _ours(runtime: Runtime, month: Month, *, alone: bool) -> tuple[int, float]:
    """Rows of a month's assessment, and how long it took from the request to the end of the job."""
    began = time.perf_counter()
    async with begin(runtime, scope=Scope.system()) as tx:
        run = await service.request(tx, None, month, current=month, now=runtime.clock.now())
    parts = JobRunner(runtime, ASSESSMENT_PART)
    beside = None if alone else asyncio.create_task(parts.run())
    await JobRunner(runtime, ASSESSMENT).run_once()
    took = time.perf_counter() - began
    if beside is not None:
        parts.stop()
        await beside
    async with begin(runtime, scope=Scope.system()) as tx:
        return (await service.totals(tx, run))["rows"], took


async def _reference(connection: AsyncConnection, month: Month) -> tuple[int, float]:
    """The same for the one statement; its month lies half a year later, in a partition of its own."""
    began = time.perf_counter()
    done = await connection.execute(sa.text(_REFERENCE), {"month": month.plus(6).first_day(), "run": uuid4()})
    await connection.commit()
    return done.rowcount, time.perf_counter() - began


async def main(people: int) -> None:
    """Measures and prints."""
    logs.configure("bench", "ERROR")
    async with AsyncExitStack() as stack:
        databases = stack.enter_context(throw_away_databases())
        clock = FixedClock.on(date(2026, 3, 10))
        hall = await stack.enter_async_context(service_harness(SERVICE, databases, clock=clock))
        admin = create_async_engine(databases.server.url(hall.database.name))
        stack.push_async_callback(admin.dispose)
        async with admin.connect() as connection:
            await _fill(connection, people)
            await connection.commit()
            vacuum = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await vacuum.execute(sa.text("VACUUM ANALYZE"))
        before = _peak_mib()
        async with admin.connect() as connection:
            for number, month in enumerate(_MONTHS):
                alone = number % 2 == 1
                rows, ours = await _ours(hall.runtime, month, alone=alone)
                same, reference = await _reference(connection, month)
                assert rows == same, "they must do the same work"
                kind = "one connection at a time" if alone else "one worker process"
                _say(
                    f"{month} ({kind}): {rows:,} rows; ours {rows / ours:,.0f} rows/s, "
                    f"one statement {rows / reference:,.0f} rows/s, ratio {reference / ours:.2f}"
                )
    _say(f"memory of the worker {before:.0f} MiB before, {_peak_mib():.0f} MiB at most")


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else _PEOPLE))
