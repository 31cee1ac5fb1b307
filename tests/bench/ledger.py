"""Look-ups in a young and in an old ledger: `python -m tests.bench.ledger [million rows]`. Reported, never asserted.

Time per request must not grow with the ledger (quality.md: at most 1.2 times). The same requests of the same unit, of a
year's months, over 1 million rows of 12 months and over many million of 60 months; in process, through the whole route.
"""

import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import date
from typing import Any

import sqlalchemy as sa
import uvloop
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from contracts.values.month import Month
from employer.service import SERVICE
from servicekit import logs
from servicekit.clock import FixedClock
from tests.support.databases import throw_away_databases
from tests.support.harness import ServiceHarness, service_harness

_LAST = Month(2026, 3)
_INSURANCES = ["310", "330", "510"]
_UNIT, _PEOPLE = "330200000000000001", 1000
"""The unit that is looked at; the others have ten people each."""
_ROUNDS = 300
_UNITS = """
    INSERT INTO units (employer_no, uscc, name, name_grams, kind, virtual, insured_since, billed_from, opened_at,
                       version)
    SELECT '330200' || lpad(number::text, 12, '0'), '91330200MA2A0B1C3J', '单位', '{}', '10', false, '2020-01-01',
           '2020-01-01', now(), 1
    FROM generate_series(1, :units) AS number
"""
# Identifiers made of the numbers themselves, so that they are the same in both ledgers.
_PERSON = "md5(unit || '/' || person)::uuid"
_ROSTER = f"""
    INSERT INTO roster (employer_no, coverage_id, person_id, insurance, person_category, start_month, wage, wage_from,
                        version)
    SELECT :unit, gen_random_uuid(), {_PERSON}, insurance, '1101', '2020-01-01', 8000, '2020-01-01', 1
    FROM generate_series(1, :people) AS person, unnest(CAST(:insurances AS text[])) AS insurance,
         (SELECT 1 AS unit) AS first
"""  # noqa: S608 - words of ours
_MONTH = f"""
    INSERT INTO contributions
        (employer_no, person_id, month, insurance, entry, assessment_id, base, employer_amount, own_amount)
    SELECT '330200' || lpad(unit::text, 12, '0'), {_PERSON}, :month, insurance, 0, md5(:month::text)::uuid,
           8000, 680, 160
    FROM generate_series(1, :units) AS unit
    CROSS JOIN LATERAL generate_series(1, CASE WHEN unit = 1 THEN :people ELSE 10 END) AS person
    CROSS JOIN unnest(CAST(:insurances AS text[])) AS insurance
    ORDER BY 1, 2, 4
"""  # noqa: S608 - words of ours
_STATEMENTS = """
    INSERT INTO statements (employer_no, month, insurance, assessment_id, people, base, employer_amount, own_amount)
    SELECT employer_no, month, insurance, assessment_id, count(*), sum(base), sum(employer_amount), sum(own_amount)
    FROM contributions WHERE month = :month GROUP BY 1, 2, 3, 4
"""


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


async def _fill(connection: AsyncConnection, *, millions: float, months: int) -> int:
    """Rows of so many months, about so many millions in all; how many there are."""
    per_month = int(millions * 1_000_000 / months)
    units = 1 + max(1, (per_month - _PEOPLE * len(_INSURANCES)) // (10 * len(_INSURANCES)))
    values = {"units": units, "people": _PEOPLE, "insurances": _INSURANCES, "unit": _UNIT}

    async def run(statement: str, **more: Any) -> None:
        given = {name: value for name, value in (values | more).items() if f":{name}" in statement}
        await connection.execute(sa.text(statement), given)
        await connection.commit()

    await run(_UNITS)
    await run(_ROSTER)
    for month in Month.range(_LAST.plus(1 - months), _LAST):
        first = month.first_day()
        await run("SELECT ensure_contribution_month(:month)", month=first)
        literal = f"DATE '{first}'"
        await run(_MONTH.replace(":month::text", f"{literal}::text").replace(":month", literal))
        await run(_STATEMENTS.replace(":month", literal))
    return months * (_PEOPLE + (units - 1) * 10) * len(_INSURANCES)


async def _median(ask: Callable[[], Awaitable[Any]]) -> float:
    took = []
    for number in range(_ROUNDS):
        began = time.perf_counter()
        await ask()
        if number >= _ROUNDS // 10:  # the first ones warm up
            took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


async def _measure(hall: ServiceHarness) -> dict[str, float]:
    headers = hall.clerk(_UNIT)

    async def get(path: str) -> Any:
        answer = await hall.client.get(f"/api/employer/contributions{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    people = await get("/months/2026-03/310/people?limit=200")
    assert len(people["items"]) == 200
    person = people["items"][150]["person_id"]
    year = "from_month=2025-04&to_month=2026-03"
    paths = {
        "职工缴费明细, a person's year": f"/people/{person}?{year}",
        "单位缴费明细, a unit's year": f"/months?{year}",
        "单位缴费明细, detail of a month": "/months/2026-03/310",
        "people of a month, first page": "/months/2026-03/310/people",
        "people of a month, a deep page": f"/months/2026-03/310/people?after={people['next']}",
    }
    return {name: await _median(lambda path=path: get(path)) for name, path in paths.items()}  # type: ignore[misc]


async def main(millions: float) -> None:
    """Measures and prints."""
    logs.configure("bench", "ERROR")
    found: list[dict[str, float]] = []
    async with AsyncExitStack() as stack:
        databases = stack.enter_context(throw_away_databases())
        clock = FixedClock.on(date(2026, 3, 10))
        for size, months in ((1.0, 12), (millions, 60)):
            async with service_harness(SERVICE, databases, clock=clock) as hall:
                admin = create_async_engine(databases.server.url(hall.database.name))
                began = time.perf_counter()
                async with admin.connect() as connection:
                    rows = await _fill(connection, millions=size, months=months)
                    vacuum = await connection.execution_options(isolation_level="AUTOCOMMIT")
                    await vacuum.execute(sa.text("VACUUM ANALYZE"))
                await admin.dispose()
                _say(f"{rows:,} rows of {months} months, filled in {time.perf_counter() - began:.0f} s")
                found.append(await _measure(hall))
    young, old = found
    for name, took in young.items():
        _say(f"{name}: {took:.2f} ms, {old[name]:.2f} ms, ratio {old[name] / took:.2f}")


if __name__ == "__main__":
    uvloop.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0))
