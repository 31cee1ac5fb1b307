"""Whatever order starts, stops and assessments come in, the ledger adds up: to its statements, and to what is owed.

Property-tested. Wages lie within the limits of both years, so 310 costs 8.5 % and 2 % of them (domain.md §5.9).
"""

import itertools
from collections.abc import Sequence
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.enrollment import CoverageStarted
from contracts.values.month import Month
from servicekit.ids import uuid7
from tests.integration.employer.office import assess, deliver, open_unit, rows, started, stopped
from tests.support.harness import ServiceHarness

FIRST, LAST = Month(2025, 10), Month(2026, 3)
_WAGES = ("6000.00", "8000.00", "9000.00")
_COST = {"6000.00": Decimal("630.00"), "8000.00": Decimal("840.00"), "9000.00": Decimal("945.00")}
_NUMBERS = itertools.count(1)

Step = tuple[str, int, Month, str]
"""What happens: `move` (whoever is insured leaves, whoever isn't comes) or `assess`; to whom; the month; the wage."""

_DIFFERING = """
    SELECT * FROM
        (SELECT employer_no, month, insurance, assessment_id, sum(sign(base)) AS people, sum(base) AS base,
                sum(employer_amount) AS employer_amount, sum(own_amount) AS own_amount
         FROM contributions GROUP BY 1, 2, 3, 4) AS summed
    FULL JOIN statements USING (employer_no, month, insurance, assessment_id)
    WHERE (summed.people, summed.base, summed.employer_amount, summed.own_amount)
          IS DISTINCT FROM
          (statements.people::numeric, statements.base, statements.employer_amount, statements.own_amount)
"""
_NET = """
    SELECT person_id, to_char(month, 'YYYY-MM') AS month, sum(employer_amount + own_amount) AS owed
    FROM contributions WHERE employer_no = :unit GROUP BY 1, 2 HAVING sum(employer_amount + own_amount) <> 0
"""

_steps = st.lists(
    st.tuples(
        st.sampled_from(["move", "move", "assess"]),
        st.integers(0, 2),
        st.integers(0, 5).map(FIRST.plus),
        st.sampled_from(_WAGES),
    ),
    max_size=12,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_steps)
async def test_whatever_happens_the_ledger_adds_up(hall: ServiceHarness, steps: Sequence[Step]) -> None:
    unit = f"3302{next(_NUMBERS):014d}"
    await open_unit(hall, unit, billed_from="2025-11")
    people = [uuid7() for _ in range(3)]
    present: dict[int, CoverageStarted] = {}
    owed: dict[tuple[str, str], Decimal] = {}
    free_from = dict.fromkeys(range(3), FIRST)  # spells of one person follow on each other
    for what, who, month, wage in [*steps, ("assess", 0, LAST, "")]:
        if what == "assess":
            await assess(hall, str(month))
        elif who not in present:
            begin = max(month, free_from[who])
            present[who] = started(employer_no=unit, person_id=people[who], month=str(begin), wage=wage)
            await deliver(hall, present[who])
            owed |= {(str(people[who]), str(each)): _COST[wage] for each in Month.range(begin, LAST)}
        else:
            start = present.pop(who)
            end = free_from[who] = max(month, start.month)
            await deliver(hall, stopped(start, str(end)))
            owed = {key: cost for key, cost in owed.items() if key[0] != str(people[who]) or key[1] < str(end)}
    found = {(str(row.person_id), row.month): row.owed for row in await rows(hall, _NET, unit=unit)}
    assert found == {key: cost for key, cost in owed.items() if key[1] >= "2025-11"}
    assert await rows(hall, _DIFFERING) == []
    assert (await assess(hall, str(LAST)))["rows"] == 0
