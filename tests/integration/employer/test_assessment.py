"""The assessment (核定) from news of coverage to rows and statements.

Figures: domain.md §5.9, worked out beside them.
"""

from decimal import Decimal

import pytest

from servicekit.ids import uuid7
from tests.integration.employer.office import (
    API,
    OTHER_UNIT,
    SCHOOL,
    UNIT,
    assess,
    base_changed,
    deliver,
    ledger,
    months,
    request_assessment,
    rows,
    started,
    stopped,
)
from tests.support.harness import ServiceHarness


async def test_a_month_of_an_enterprise(hall: ServiceHarness) -> None:
    person = uuid7()
    for insurance in ("310", "330", "510"):
        await deliver(hall, started(person_id=person, insurance=insurance, month="2026-03", wage="8000.00"))
    run = await assess(hall, "2026-03")
    assert run["rows"] == 3
    assert await ledger(hall, person) == [
        ("2026-03", "310", "8000.00", "680.00", "160.00"),  # 8.5 %, 2 %
        ("2026-03", "330", "8000.00", "0.00", "8.00"),  # fixed
        ("2026-03", "510", "8000.00", "56.00", "0.00"),  # 0.7 %
    ]


_AT_THE_LIMITS = [
    # lower limit 2026 5100: × 8.5 % = 433.50, × 2 % = 102
    ("2026-03", "3000.00", ("5100.00", "433.50", "102.00")),
    # upper limit 2026 25500: × 8.5 % = 2167.50, × 2 % = 510
    ("2026-03", "30000.00", ("25500.00", "2167.50", "510.00")),
    # 5555.25 × 8.5 % = 472.19625, × 2 % = 111.105: half goes up
    ("2026-03", "5555.25", ("5555.25", "472.20", "111.11")),
    # lower limit 2025 4986: × 8.5 % = 423.81, × 2 % = 99.72
    ("2025-12", "3000.00", ("4986.00", "423.81", "99.72")),
]


async def test_limits_and_rounding(hall: ServiceHarness, subtests: pytest.Subtests) -> None:
    for month, wage, expected in _AT_THE_LIMITS:
        with subtests.test(case=repr(month)):
            start = started(month=month, wage=wage)
            await deliver(hall, start)
            await assess(hall, month)
            assert (await ledger(hall, start.person_id))[0] == (month, "310", *expected)


async def test_a_change_of_the_years_limits(hall: ServiceHarness) -> None:
    start = started(month="2025-12", wage="5000.00")
    await deliver(hall, start)
    await assess(hall, "2026-01")
    assert await ledger(hall, start.person_id) == [
        ("2025-12", "310", "5000.00", "425.00", "100.00"),  # above 4986
        ("2026-01", "310", "5100.00", "433.50", "102.00"),  # below 5100
    ]


async def test_public_institutions_also_pay_the_civil_service_supplement(hall: ServiceHarness) -> None:
    start = started(employer_no=SCHOOL, insurance="320", month="2026-03", wage="7654.32")
    await deliver(hall, start)
    await assess(hall, "2026-03")
    # 7654.32 × 4 % = 306.1728
    assert await ledger(hall, start.person_id) == [("2026-03", "320", "7654.32", "306.17", "0.00")]


async def test_the_retired_pay_nothing(hall: ServiceHarness) -> None:
    retired, at_work = started(category="1201"), started(category="1101")
    await deliver(hall, retired)
    await deliver(hall, at_work)
    await assess(hall, "2026-03")
    assert await months(hall, retired.person_id) == []
    assert await months(hall, at_work.person_id) == ["2026-01", "2026-02", "2026-03"]


async def test_the_stop_month_is_not_owed(hall: ServiceHarness) -> None:
    start = started(month="2026-01")
    await deliver(hall, start)
    await deliver(hall, stopped(start, "2026-03"))
    await assess(hall, "2026-03")
    assert await months(hall, start.person_id) == ["2026-01", "2026-02"]


async def test_a_coverage_that_never_started_owes_nothing(hall: ServiceHarness) -> None:
    start = started(month="2026-04")
    await deliver(hall, start)
    await deliver(hall, stopped(start, "2026-03", never_started=True))
    await assess(hall, "2026-03")
    assert await months(hall, start.person_id) == []


async def test_somebody_who_leaves_and_comes_back_owes_no_month_twice(hall: ServiceHarness) -> None:
    person = uuid7()
    first = started(person_id=person, month="2025-11")
    await deliver(hall, first)
    await deliver(hall, stopped(first, "2026-01"))
    await deliver(hall, started(person_id=person, month="2026-01", wage="9000.00"))
    await assess(hall, "2026-02")
    assert await months(hall, person) == ["2025-11", "2025-12", "2026-01", "2026-02"]


async def test_two_spells_that_overlap_owe_each_month_once(hall: ServiceHarness) -> None:
    person = uuid7()
    await deliver(hall, started(person_id=person, month="2026-01"))
    await assess(hall, "2026-01")
    await deliver(hall, started(person_id=person, month="2026-01", wage="9000.00"))
    await deliver(hall, started(month="2026-02"))
    assert (await assess(hall, "2026-02"))["rows"] == 2
    assert await months(hall, person) == ["2026-01", "2026-02"]
    (sums,) = await rows(hall, "SELECT sum(people) AS people FROM statements")
    assert sums.people == 3


async def test_a_changed_wage_counts_from_its_month_on(hall: ServiceHarness) -> None:
    start = started(month="2025-12", wage="6000.00")
    await deliver(hall, start)
    await deliver(hall, base_changed(start, "2026-02", "7000.00"))
    await deliver(hall, base_changed(start, "2026-03", "8000.00", version=3))
    await assess(hall, "2026-03")
    assert [row[2] for row in await ledger(hall, start.person_id)] == ["6000.00", "6000.00", "7000.00", "8000.00"]


async def test_a_wage_corrected_further_back_replaces_what_lay_between(hall: ServiceHarness) -> None:
    start = started(month="2025-12", wage="6000.00")
    await deliver(hall, start)
    await deliver(hall, base_changed(start, "2026-02", "7000.00"))
    await deliver(hall, base_changed(start, "2026-01", "9000.00", version=3))
    await assess(hall, "2026-03")
    assert [row[2] for row in await ledger(hall, start.person_id)] == ["6000.00", "9000.00", "9000.00", "9000.00"]


async def test_running_again_changes_nothing(hall: ServiceHarness) -> None:
    await deliver(hall, started())
    first = await assess(hall, "2026-03")
    everything = "SELECT * FROM contributions ORDER BY 1, 2, 3, 4"
    statements = "SELECT * FROM statements ORDER BY 1, 2, 3, 4"
    before = await rows(hall, everything), await rows(hall, statements)
    second = await assess(hall, "2026-03")
    assert (first["rows"], second["rows"]) == (3, 0)
    assert (await rows(hall, everything), await rows(hall, statements)) == before


async def test_a_late_declaration_adds_its_difference(hall: ServiceHarness) -> None:
    await deliver(hall, started(month="2026-01"))
    await assess(hall, "2026-01")
    await assess(hall, "2026-02")
    late = started(month="2026-01")
    await deliver(hall, late)
    assert (await assess(hall, "2026-03"))["rows"] == 4  # three of the late one, March of the other
    assert await months(hall, late.person_id) == ["2026-01", "2026-02", "2026-03"]
    per_month = await rows(hall, "SELECT to_char(month, 'YYYY-MM'), sum(people) FROM statements GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in per_month] == [("2026-01", 2), ("2026-02", 2), ("2026-03", 2)]


async def test_assessing_an_older_month_leaves_the_newer_ones_due(hall: ServiceHarness) -> None:
    await deliver(hall, started(month="2026-01"))
    await assess(hall, "2026-03")
    late = started(month="2026-01")
    await deliver(hall, late)
    await assess(hall, "2026-01")
    assert await months(hall, late.person_id) == ["2026-01"]
    await assess(hall, "2026-03")
    assert await months(hall, late.person_id) == ["2026-01", "2026-02", "2026-03"]


async def test_a_month_that_was_left_out_is_made_up_for(hall: ServiceHarness) -> None:
    start = started(month="2025-12")
    await deliver(hall, start)
    await assess(hall, "2025-12")
    await assess(hall, "2026-03")
    assert await months(hall, start.person_id) == ["2025-12", "2026-01", "2026-02", "2026-03"]


async def test_months_before_the_unit_was_billed_here_are_not_assessed(hall: ServiceHarness) -> None:
    start = started(month="2019-06")
    await deliver(hall, start)
    await assess(hall, "2025-02")
    assert await months(hall, start.person_id) == ["2025-01", "2025-02"]


async def test_a_coverage_without_a_rate_waits_for_it_and_holds_nobody_up(hall: ServiceHarness) -> None:
    odd, ordinary = started(insurance="410", month="2026-02"), started(month="2026-02")
    await deliver(hall, odd)
    await deliver(hall, ordinary)
    run = await assess(hall, "2026-02")
    assert (run["rows"], run["unpriced"]) == (1, 1)
    await rows(
        hall,
        "INSERT INTO rates VALUES ('410', '10', '2024-01-01', NULL, 0.01, 0, 0, 0, 'test') RETURNING insurance",
    )
    await assess(hall, "2026-03")
    assert await ledger(hall, odd.person_id) == [
        ("2026-02", "410", "8000.00", "80.00", "0.00"),
        ("2026-03", "410", "8000.00", "80.00", "0.00"),
    ]
    assert await months(hall, ordinary.person_id) == ["2026-02", "2026-03"]


async def test_a_new_rate_counts_from_its_first_month_and_leaves_assessed_months_alone(hall: ServiceHarness) -> None:
    start = started(month="2026-01")
    await deliver(hall, start)
    await assess(hall, "2026-01")
    close = "UPDATE rates SET last_month = '2026-01-01' WHERE insurance = '310' AND employer_kind = '10'"
    await rows(hall, f"{close} RETURNING insurance")
    await rows(
        hall,
        "INSERT INTO rates VALUES ('310', '10', '2026-02-01', NULL, 0.09, 0.02, 0, 0, 'test') RETURNING insurance",
    )
    await assess(hall, "2026-02")
    # 8000 × 8.5 % = 680; × 9 % = 720
    assert [row[3] for row in await ledger(hall, start.person_id)] == ["680.00", "720.00"]


async def test_statements_are_the_sums_of_their_rows(hall: ServiceHarness) -> None:
    for number in range(12):
        wage = f"{4700 + number * 777}.{number:02d}"
        unit = (UNIT, OTHER_UNIT)[number % 2]
        await deliver(hall, started(employer_no=unit, month=f"2026-0{number % 3 + 1}", wage=wage))
    await assess(hall, "2026-02")
    await assess(hall, "2026-03")
    differing = await rows(
        hall,
        """
        SELECT * FROM
            (SELECT employer_no, month, insurance, assessment_id, count(*) AS people, sum(base) AS base,
                    sum(employer_amount) AS employer_amount, sum(own_amount) AS own_amount
             FROM contributions GROUP BY 1, 2, 3, 4) AS summed
        FULL JOIN statements USING (employer_no, month, insurance, assessment_id)
        WHERE (summed.people, summed.base, summed.employer_amount, summed.own_amount)
              IS DISTINCT FROM
              (statements.people::bigint, statements.base, statements.employer_amount, statements.own_amount)
        """,
    )
    assert differing == []


async def test_each_unit_with_new_rows_is_announced(hall: ServiceHarness) -> None:
    await deliver(hall, started(month="2026-03"))
    await deliver(hall, started(month="2026-03"))
    await deliver(hall, started(employer_no=OTHER_UNIT, month="2026-03"))
    run = await assess(hall, "2026-03")
    news = await rows(
        hall,
        "SELECT envelope -> 'data' AS data FROM outbox WHERE type = 'employer.contributions_assessed.v1' ORDER BY id",
    )
    assert [row.data for row in news] == [
        {"employer_no": UNIT, "month": "2026-03", "rows": 2, "assessment_id": run["id"]},
        {"employer_no": OTHER_UNIT, "month": "2026-03", "rows": 1, "assessment_id": run["id"]},
    ]


async def test_only_operators_assess(hall: ServiceHarness) -> None:
    for headers in (hall.clerk(UNIT), hall.staff("reviewer")):
        answer = await hall.client.post(f"{API}/assessments", json={"month": "2026-03"}, headers=headers)
        assert answer.status_code == 403
    assert (await hall.client.get(f"{API}/assessments")).status_code == 401


_BAD_REQUESTS = [
    ({"month": "2026-04"}, 409, "month_not_open"),
    ({"month": "2023-12"}, 409, "rates_missing"),
    ({"month": "2026-13"}, 422, None),
    ({"month": 202603}, 422, None),
    ({}, 422, None),
    ({"month": "2026-03", "force": True}, 422, None),
    ([], 422, None),
]


async def test_what_cannot_be_assessed(hall: ServiceHarness, subtests: pytest.Subtests) -> None:
    for body, status, code in _BAD_REQUESTS:
        with subtests.test(case=repr(body)):
            answer = await hall.client.post(f"{API}/assessments", json=body, headers=hall.staff("operator"))
            assert answer.status_code == status, answer.text
            if code:
                assert answer.json()["code"] == code
            else:
                assert answer.json()["errors"][0]["message"]


async def test_a_month_is_not_assessed_twice_at_a_time(hall: ServiceHarness) -> None:
    assert (await request_assessment(hall, "2026-03")).status_code == 202
    again = await request_assessment(hall, "2026-03")
    assert (again.status_code, again.json()["code"]) == (409, "assessment_running")
    assert (await request_assessment(hall, "2026-02")).status_code == 202
    await hall.drain()
    assert (await request_assessment(hall, "2026-03")).status_code == 202


async def test_the_same_request_twice_is_one_assessment(hall: ServiceHarness) -> None:
    headers = hall.staff("operator")
    first, second = [
        await hall.client.post(f"{API}/assessments", json={"month": "2026-03"}, headers=headers) for _ in range(2)
    ]
    assert first.json() == second.json()
    assert first.headers["Location"] == second.headers["Location"]


async def test_runs_are_listed_newest_first_and_their_progress_is_told(hall: ServiceHarness) -> None:
    await deliver(hall, started())
    older, newer = await assess(hall, "2026-02"), await assess(hall, "2026-03")
    listed = (await hall.client.get(f"{API}/assessments", headers=hall.staff("operator"))).json()
    assert [item["id"] for item in listed["items"]] == [newer["id"], older["id"]]
    assert listed["total"] == 2
    assert (newer["progress"], newer["total"], newer["month"]) == (1, 1, "2026-03")
    told = await hall.client.get(f"{API}/assessments/{newer['id']}/events", headers=hall.staff("operator"))
    assert told.headers["content-type"].startswith("text/event-stream")
    assert told.text.startswith("event: job\ndata: {")
    unknown = await hall.client.get(f"{API}/assessments/{uuid7()}", headers=hall.staff("operator"))
    assert unknown.status_code == 404


async def test_amounts_are_exact_decimals(hall: ServiceHarness) -> None:
    start = started(month="2026-03", wage="5105.00", insurance="510")
    await deliver(hall, start)
    await assess(hall, "2026-03")
    # 5105 × 0.7 % = 35.735, half up
    (found,) = await rows(hall, "SELECT employer_amount FROM contributions")
    assert found.employer_amount == Decimal("35.74")
