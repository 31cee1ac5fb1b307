"""The assessment's SQL against the pure rule, over wages that hit limits and halves."""

import random
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.values.month import Month
from employer.rates.rules import Limits, RateValues, contribution
from employer.roster.rules import months_owed
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from tests.integration.employer.office import SCHOOL, UNIT, assess, rows
from tests.support.harness import ServiceHarness

THROUGH = Month(2026, 3)
SINCE = Month(2025, 1)


def _coverages(count: int) -> list[dict[str, Any]]:
    """Coverages with every kind of month and wage: limits, a fen beside them, halves of a fen, anything."""
    chance = random.Random(20260310)  # noqa: S311  the same cases in every run
    edges = [Decimal(text) for text in ("4986.00", "4985.99", "5100.00", "5100.01", "24930.00", "25500.00", "25500.01")]
    # × 2 % these end in half a fen
    halves = [Decimal(chance.randint(510_000, 2_000_000) * 50 + 25) / 10_000 for _ in range(40)]
    cases = []
    for number in range(count):
        wage = chance.choice([*edges, *halves, Decimal(chance.randint(1, 4_000_000)) / 100])
        start = Month(2024, 6).plus(chance.randint(0, 24))
        cases.append(
            {
                "employer_no": SCHOOL if number % 3 == 0 else UNIT,
                "coverage_id": uuid7(),
                "person_id": uuid7(),
                "insurance": chance.choice(["310", "510", "330", "320"] if number % 3 == 0 else ["310", "510", "330"]),
                "person_category": "1201" if number % 17 == 0 else "1101",
                "start_month": start.first_day(),
                "stop_month": chance.choice([None, None, start.plus(chance.randint(0, 15)).first_day()]),
                "wage": wage.quantize(Decimal("0.01")),
                "wage_from": start.first_day(),
                "version": 1,
            }
        )
    return cases


async def test_sql_and_rule_agree_to_the_fen(hall: ServiceHarness) -> None:
    cases = _coverages(1500)
    columns = ", ".join(cases[0])
    insert = sa.text(f"INSERT INTO roster ({columns}) VALUES ({', '.join(':' + name for name in cases[0])})")  # noqa: S608
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await tx.execute(insert, cases)
    limits = {row.year: Limits(row.lower, row.upper) for row in await rows(hall, "SELECT * FROM base_limits")}
    rates = {
        (row.insurance, row.employer_kind): RateValues(
            row.employer_rate, row.own_rate, row.employer_fixed, row.own_fixed
        )
        for row in await rows(hall, "SELECT * FROM rates")
    }
    await assess(hall, "2025-07")
    await assess(hall, str(THROUGH))

    expected: dict[tuple[UUID, Month], tuple[Decimal, Decimal, Decimal]] = {}
    for case in cases:
        if case["person_category"] == "1201":
            continue
        stop = None if case["stop_month"] is None else Month.of(case["stop_month"])
        kind = "50" if case["employer_no"] == SCHOOL else "10"
        for month in months_owed(Month.of(case["start_month"]), stop, since=SINCE, through=THROUGH):
            found = contribution(case["wage"], rates[case["insurance"], kind], limits[month.year])
            expected[case["person_id"], month] = (found.base, found.employer, found.own)

    written = {
        (row.person_id, Month.of(row.month)): (row.base, row.employer_amount, row.own_amount)
        for row in await rows(hall, "SELECT * FROM contributions")
    }
    assert len(written) > 5000
    assert written == expected
