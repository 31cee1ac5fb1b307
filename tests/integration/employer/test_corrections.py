"""Stops that come after a month was assessed: counter-rows, worked by hand, and a ledger that always adds up.

8000 in 2026: 310 employer 8.5 % 680.00, own 2 % 160.00. 9000: 765.00 and 180.00.
"""

from typing import Any

import pytest

from contracts.enrollment import CoverageStarted
from servicekit.ids import uuid7
from tests.integration.employer.office import UNIT, assess, deliver, ledger, rows, started, stopped
from tests.support.harness import ServiceHarness

FULL, BACK = ("310", "8000.00", "680.00", "160.00"), ("310", "-8000.00", "-680.00", "-160.00")


async def _net(hall: ServiceHarness, start: CoverageStarted) -> dict[str, str]:
    """What a person owes in all for each month, months that are cancelled left out."""
    found = await rows(
        hall,
        "SELECT to_char(month, 'YYYY-MM') AS month, sum(employer_amount + own_amount)::text AS owed FROM contributions "
        "WHERE person_id = :person_id GROUP BY month HAVING sum(employer_amount + own_amount) <> 0 ORDER BY month",
        person_id=start.person_id,
    )
    return {row.month: row.owed for row in found}


async def _differing(hall: ServiceHarness) -> list[Any]:
    """Statements that are not the sum of their rows, or count other people than are owed for."""
    found = await rows(
        hall,
        """
        SELECT * FROM
            (SELECT employer_no, month, insurance, assessment_id, sum(sign(base)) AS people, sum(base) AS base,
                    sum(employer_amount) AS employer_amount, sum(own_amount) AS own_amount
             FROM contributions GROUP BY 1, 2, 3, 4) AS summed
        FULL JOIN statements USING (employer_no, month, insurance, assessment_id)
        WHERE (summed.people, summed.base, summed.employer_amount, summed.own_amount)
              IS DISTINCT FROM
              (statements.people::numeric, statements.base, statements.employer_amount, statements.own_amount)
        """,
    )
    return list(found)


async def test_a_stop_after_its_month_was_assessed_cancels_the_month(hall: ServiceHarness) -> None:
    start = started(month="2026-02")
    await deliver(hall, start)
    await assess(hall, "2026-03")
    await deliver(hall, stopped(start, "2026-03"))
    run = await assess(hall, "2026-03")

    assert await ledger(hall, start.person_id) == [("2026-02", *FULL), ("2026-03", *FULL), ("2026-03", *BACK)]
    assert await _net(hall, start) == {"2026-02": "840.00"}
    assert (run["rows"], await _differing(hall)) == (1, [])
    (march,) = await rows(
        hall, "SELECT sum(people) AS people, sum(total) AS owed FROM statements WHERE month = '2026-03-01'"
    )
    assert (march.people, str(march.owed)) == (0, "0.00")
    assert (await assess(hall, "2026-03"))["rows"] == 0


async def test_a_cancelled_start_cancels_what_was_booked_for_it(hall: ServiceHarness) -> None:
    start = started(month="2026-03")
    await deliver(hall, start)
    await assess(hall, "2026-03")
    await deliver(hall, stopped(start, "2026-03", never_started=True))
    await assess(hall, "2026-03")
    assert await _net(hall, start) == {}
    assert await _differing(hall) == []


async def test_a_death_told_late_reverses_everything_since(hall: ServiceHarness) -> None:
    start = started(month="2025-12", wage="5000.00")  # 2025: 5000 lies within the limits; 2026: base 5100
    other = started(month="2025-12")
    await deliver(hall, start)
    await deliver(hall, other)
    await assess(hall, "2026-02")
    await deliver(hall, stopped(start, "2026-01"))
    await assess(hall, "2026-03")

    # December: 5000 × 8.5 % 425.00 + 2 % 100.00
    assert await _net(hall, start) == {"2025-12": "525.00"}
    assert await _net(hall, other) == {
        "2025-12": "840.00",
        "2026-01": "840.00",
        "2026-02": "840.00",
        "2026-03": "840.00",
    }
    assert await _differing(hall) == []


@pytest.mark.parametrize(("wage", "march"), [("8000.00", "840.00"), ("9000.00", "945.00")])
@pytest.mark.parametrize("assessed_between", [False, True])
async def test_somebody_back_in_the_month_they_left_owes_it_once(
    hall: ServiceHarness, wage: str, march: str, assessed_between: bool
) -> None:
    first = started(month="2026-02")
    await deliver(hall, first)
    await assess(hall, "2026-03")
    await deliver(hall, stopped(first, "2026-03"))
    if assessed_between:
        await assess(hall, "2026-03")
        assert await _net(hall, first) == {"2026-02": "840.00"}
    await deliver(hall, started(person_id=first.person_id, month="2026-03", wage=wage))
    await assess(hall, "2026-03")

    assert await _net(hall, first) == {"2026-02": "840.00", "2026-03": march}
    assert await _differing(hall) == []
    if not assessed_between and wage == "8000.00":
        assert len(await ledger(hall, first.person_id)) == 2  # the same amount: nothing to correct


async def test_counter_rows_say_why_and_other_units_are_left_alone(hall: ServiceHarness) -> None:
    person = uuid7()
    mine = started(person_id=person, month="2026-02")
    theirs = started(person_id=person, employer_no="330200000000000102", month="2026-03", wage="9000.00")
    await deliver(hall, mine)
    await assess(hall, "2026-03")
    await deliver(hall, stopped(mine, "2026-03"))
    await deliver(hall, theirs)
    await assess(hall, "2026-03")

    found = await rows(
        hall,
        "SELECT employer_no, to_char(month, 'MM') AS month, entry, reason FROM contributions ORDER BY 1, 2, 3",
    )
    assert [tuple(row) for row in found] == [
        (UNIT, "02", 0, None),
        (UNIT, "03", 0, None),
        (UNIT, "03", 1, "停保冲减"),
        ("330200000000000102", "03", 0, None),
    ]


async def test_what_is_open_is_what_is_owed_in_the_end(hall: ServiceHarness) -> None:
    start = started(month="2026-02")
    await deliver(hall, start)
    await assess(hall, "2026-03")
    await deliver(hall, stopped(start, "2026-03"))
    await assess(hall, "2026-03")
    unit = (await hall.client.get("/api/employer/unit", headers=hall.clerk(UNIT))).json()
    assert unit["basic"]["payment"]["outstanding"] == "840.00"  # February alone
