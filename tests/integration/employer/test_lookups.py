"""Looking up contributions, as a clerk and as reporting does; receipts and their status."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from contracts.values.month import Month
from employer.contributions import service
from servicekit.auth.tokens import INTERNAL_AUDIENCE
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from tests.integration.employer.office import API, OTHER_UNIT, UNIT, assess, deliver, rows, started, stopped
from tests.support.harness import ServiceHarness


async def insured(hall: ServiceHarness, *, month: str = "2025-11", wage: str = "8000.00", unit: str = UNIT) -> UUID:
    """A person with all three insurance types of an enterprise."""
    person = uuid7()
    for insurance in ("310", "330", "510"):
        news = started(employer_no=unit, person_id=person, insurance=insurance, month=month, wage=wage)
        await deliver(hall, news)
    return person


async def receive(hall: ServiceHarness, month: Month, reference: str = "R1") -> int:
    """All that is owed for a month arrives."""
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        return await service.receive_month(
            tx, month, received_on=date(2026, 3, 9), reference=reference, now=hall.clock.now()
        )


async def get(hall: ServiceHarness, path: str, unit: str = UNIT, **params: Any) -> Any:
    """The JSON of a clerk's look-up."""
    answer = await hall.client.get(f"{API}{path}", params=params, headers=hall.clerk(unit))
    assert answer.status_code == 200, answer.text
    return answer.json()


def delegate(hall: ServiceHarness, unit: str = UNIT, **claims: Any) -> dict[str, str]:
    """Headers of reporting, reading for a clerk of the unit."""
    return {"Authorization": f"Bearer {hall.tokens.token(employer_no=unit, audience=INTERNAL_AUDIENCE, **claims)}"}


async def test_a_persons_contributions(hall: ServiceHarness) -> None:
    person = await insured(hall)
    await assess(hall, "2026-02")
    await receive(hall, Month(2026, 1))
    found = await get(hall, f"/contributions/people/{person}", from_month="2026-01", to_month="2026-02")
    first, *_, last = found["items"]
    assert first == {
        "month": "2026-02",
        "insurance": "310",
        "insurance_name": "职工基本医疗保险",
        "base": "8000.00",
        "employer_amount": "680.00",
        "own_amount": "160.00",
        "amount_total": "840.00",
        "status": "0",
        "status_name": "未到账",
        "received_on": None,
        "entry": 0,
        "reason": None,
    }
    assert (last["month"], last["insurance"], last["status_name"]) == ("2026-01", "510", "已到账")
    assert last["received_on"] == "2026-03-09"
    # two months of 680 + 56, 160 + 8
    totals = {"employer_amount": "1472.00", "own_amount": "336.00", "amount_total": "1808.00", "months": 2}
    assert found["totals"] == totals


async def test_without_a_range_it_is_the_last_twelve_months(hall: ServiceHarness) -> None:
    person = await insured(hall, month="2025-01")
    await assess(hall, "2026-03")
    found = await get(hall, f"/contributions/people/{person}")
    assert sorted({item["month"] for item in found["items"]}) == [
        str(month) for month in Month.range(Month(2025, 4), Month(2026, 3))
    ]


async def test_who_looked_is_audited(hall: ServiceHarness) -> None:
    person = await insured(hall)
    await get(hall, f"/contributions/people/{person}")
    (audited,) = await rows(hall, "SELECT chain, subject FROM audit_log WHERE action = 'contributions.viewed'")
    assert tuple(audited) == (UNIT, str(person))


async def test_months_of_a_unit(hall: ServiceHarness) -> None:
    await insured(hall, month="2026-01", wage="8000.00")
    await insured(hall, month="2026-02", wage="3000.00")
    await assess(hall, "2026-02")
    await receive(hall, Month(2026, 1))
    found = await get(hall, "/contributions/months", from_month="2026-01", to_month="2026-03")
    assert found["total"] == 6
    assert found["items"][0] == {
        "month": "2026-02",
        "insurance": "310",
        "insurance_name": "职工基本医疗保险",
        "people": 2,
        "base": "13100.00",  # 8000 + lower limit 5100
        "employer_amount": "1113.50",  # 680 + 433.50
        "own_amount": "262.00",  # 160 + 102
        "amount_total": "1375.50",
        "received": "0.00",
        "received_on": None,
        "status": "0",
        "status_name": "未到账",
    }
    assert [item["status"] for item in found["items"]] == ["0", "0", "0", "1", "1", "1"]
    summed = sum(Decimal(item["amount_total"]) for item in found["items"])
    assert Decimal(found["totals"]["amount_total"]) == summed
    one_type = await get(hall, "/contributions/months", from_month="2026-01", to_month="2026-03", insurance="330")
    assert [(item["month"], item["people"], item["own_amount"]) for item in one_type["items"]] == [
        ("2026-02", 2, "16.00"),
        ("2026-01", 1, "8.00"),
    ]
    page = await get(hall, "/contributions/months", from_month="2026-01", to_month="2026-03", page=2, page_size=4)
    assert (len(page["items"]), page["total"], page["totals"]) == (2, 6, found["totals"])


async def test_a_late_person_makes_a_received_month_partly_received(hall: ServiceHarness) -> None:
    early = await insured(hall, month="2026-01")
    await assess(hall, "2026-01")
    await receive(hall, Month(2026, 1))
    late = await insured(hall, month="2026-01")
    await assess(hall, "2026-02")
    january = await get(hall, "/contributions/months", from_month="2026-01", to_month="2026-01", insurance="310")
    assert (january["items"][0]["status"], january["items"][0]["people"]) == ("2", 2)
    for person, status in ((early, "1"), (late, "0")):
        found = await get(hall, f"/contributions/people/{person}", from_month="2026-01", to_month="2026-01")
        assert {item["status"] for item in found["items"]} == {status}
    assert await receive(hall, Month(2026, 1), "R2") == 1
    january = await get(hall, "/contributions/months", from_month="2026-01", to_month="2026-01")
    assert {item["status"] for item in january["items"]} == {"1"}


async def test_receiving_twice_changes_nothing(hall: ServiceHarness) -> None:
    await insured(hall)
    await assess(hall, "2026-02")
    assert await receive(hall, Month(2026, 2)) == 1
    before = await rows(hall, "SELECT * FROM statements ORDER BY 1, 2, 3")
    assert await receive(hall, Month(2026, 2)) == 0
    assert await receive(hall, Month(2026, 2), "R2") == 0
    assert await rows(hall, "SELECT * FROM statements ORDER BY 1, 2, 3") == before
    (news,) = await rows(hall, "SELECT count(*) AS count FROM outbox WHERE type = 'employer.contributions_paid.v1'")
    assert news.count == 1


async def test_the_ledger_is_only_added_to(hall: ServiceHarness) -> None:
    await insured(hall)
    await assess(hall, "2026-02")
    await receive(hall, Month(2026, 2))
    for statement in (
        "UPDATE contributions SET base = 1",
        "DELETE FROM contributions",
        "UPDATE receipts SET amount = 1",
        "DELETE FROM statements",
        "UPDATE statements SET people = 1",
        "TRUNCATE contributions",
        "SELECT * FROM ledger.contributions_202602",
        "DROP TABLE contributions",
    ):
        with pytest.raises(Exception, match=r"permission denied|must be owner"):
            await rows(hall, statement)


_BAD_RANGES = [
    ({"from_month": "2026-03", "to_month": "2026-01"}, "to_month"),
    ({"from_month": "2010-01", "to_month": "2026-01"}, "from_month"),
    ({"from_month": "2026-13"}, "from_month"),
    ({"from_month": "202601"}, "from_month"),
    ({"to_month": "1900-01"}, "to_month"),
    ({"from_month": "1066-01"}, "from_month"),
]


async def test_ranges_that_cannot_be(hall: ServiceHarness, subtests: pytest.Subtests) -> None:
    for params, pointer in _BAD_RANGES:
        with subtests.test(case=repr(params)):
            person = await insured(hall)
            for path in (f"/contributions/people/{person}", "/contributions/months"):
                answer = await hall.client.get(f"{API}{path}", params=params, headers=hall.clerk(UNIT))
                assert answer.status_code == 422, answer.text
                (fault,) = answer.json()["errors"]
                assert fault["pointer"].endswith(pointer)
                assert "月" in fault["message"]


async def test_reporting_reads_in_pages(hall: ServiceHarness) -> None:
    people = {await insured(hall, month="2026-01") for _ in range(5)}
    await insured(hall, month="2026-01", unit=OTHER_UNIT)
    await assess(hall, "2026-03")
    seen, after, pages = [], None, 0
    while pages == 0 or after is not None:
        params = {"from_month": "2026-01", "to_month": "2026-03", "limit": "7"} | ({"after": after} if after else {})
        answer = await hall.client.get("/internal/contributions", params=params, headers=delegate(hall))
        assert answer.status_code == 200, answer.text
        seen += answer.json()["items"]
        after = answer.json()["next"]
        pages += 1
    keys = [(row["month"], row["person_id"], row["insurance"]) for row in seen]
    assert keys == sorted(set(keys))
    assert len(keys) == 5 * 3 * 3
    assert pages == 7
    assert {UUID(row["person_id"]) for row in seen} == people
    assert seen[0].keys() >= {"base", "employer_amount", "own_amount", "amount_total", "status", "insurance_name"}
    (audited,) = await rows(hall, "SELECT count(*) AS count FROM audit_log WHERE action = 'contributions.read'")
    assert audited.count == 1


async def test_reporting_reads_one_person(hall: ServiceHarness) -> None:
    person, _ = await insured(hall, month="2026-02"), await insured(hall, month="2026-02")
    await assess(hall, "2026-03")
    params = {"person_id": str(person), "from_month": "2026-01", "to_month": "2026-03"}
    expected = [(month, insurance) for month in ("2026-02", "2026-03") for insurance in ("310", "330", "510")]
    answer = await hall.client.get("/internal/contributions", params=params, headers=delegate(hall))
    assert [(row["month"], row["insurance"]) for row in answer.json()["items"]] == expected
    assert answer.json()["next"] is None
    seen, after = [], ""
    for _ in range(2):
        paged = {**params, "limit": "4", **({"after": after} if after else {})}
        answer = await hall.client.get("/internal/contributions", params=paged, headers=delegate(hall))
        seen += [(row["month"], row["insurance"]) for row in answer.json()["items"]]
        after = answer.json()["next"]
    assert seen == expected
    assert after is None


_BAD_CURSORS = ["x", "2026-01~x~310~0", "2026-99~" + "0" * 36 + "~310~0", "2026-01~" + "-" * 36 + "~310~0"]


async def test_a_cursor_of_somebody_elses_making(hall: ServiceHarness, subtests: pytest.Subtests) -> None:
    for after in _BAD_CURSORS:
        with subtests.test(case=repr(after)):
            params = {"from_month": "2026-01", "to_month": "2026-03", "after": after}
            answer = await hall.client.get("/internal/contributions", params=params, headers=delegate(hall))
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "cursor_unreadable")


async def test_the_internal_door_opens_for_delegations_only(hall: ServiceHarness) -> None:
    params = {"from_month": "2026-01", "to_month": "2026-03"}
    for headers, status in (
        ({}, 401),
        (hall.clerk(UNIT), 401),
        (hall.staff("operator"), 401),
        (delegate(hall, perms=("declare",)), 403),
        (delegate(hall, perms=("print",)), 200),
    ):
        answer = await hall.client.get("/internal/contributions", params=params, headers=headers)
        assert answer.status_code == status
    assert (await hall.client.get(f"{API}/contributions/months", headers=delegate(hall))).status_code == 401


async def test_the_detail_of_a_month_and_insurance_type(hall: ServiceHarness) -> None:
    first = await insured(hall, month="2026-01", wage="8000.00")
    await assess(hall, "2026-01")
    await receive(hall, Month(2026, 1))
    late = await insured(hall, month="2026-01", wage="3000.00")
    await assess(hall, "2026-01")
    found = await get(hall, "/contributions/months/2026-01/310")
    assert (found["insurance_name"], found["overpaid"]) == ("职工基本医疗保险", "0.00")
    assert [
        (row["people"], row["base"], row["amount_total"], row["received"], row["status_name"])
        for row in found["statements"]
    ] == [
        (1, "8000.00", "840.00", "840.00", "已到账"),
        (1, "5100.00", "535.50", "0.00", "未到账"),  # lower limit 5100: 433.50 + 102
    ]
    assert all(row["assessed_at"] for row in found["statements"])
    assert [(row["amount"], row["received_on"]) for row in found["receipts"]] == [("840.00", "2026-03-09")]
    listed = await get(hall, "/contributions/months/2026-01/310/people", limit=1)
    assert (len(listed["items"]), listed["next"] is None) == (1, False)
    rest = await get(hall, "/contributions/months/2026-01/310/people", after=listed["next"])
    people = {row["person_id"]: (row["amount_total"], row["status"]) for row in listed["items"] + rest["items"]}
    assert people == {str(first): ("840.00", "1"), str(late): ("535.50", "0")}
    assert rest["next"] is None
    (audited,) = await rows(hall, "SELECT facts FROM audit_log WHERE action = 'contributions.month_viewed'")
    assert audited.facts == {"month": "2026-01", "insurance": "310"}


async def test_the_detail_of_a_month_without_any(hall: ServiceHarness) -> None:
    for path in ("2026-01/310", "2026-01/999"):
        answer = await hall.client.get(f"{API}/contributions/months/{path}", headers=hall.clerk(UNIT))
        assert answer.status_code == 404
    people = await get(hall, "/contributions/months/2026-01/310/people")
    assert people == {"items": [], "next": None}
    for path in ("2026-13/310", "2026-01/31x", "2026-01/310/people?after=x", "2026-01/310/people?limit=0"):
        answer = await hall.client.get(f"{API}/contributions/months/{path}", headers=hall.clerk(UNIT))
        assert answer.status_code == 422, path


async def test_a_correction_says_why(hall: ServiceHarness) -> None:
    start = started(month="2026-03")
    await deliver(hall, start)
    await assess(hall, "2026-03")
    await deliver(hall, stopped(start, "2026-03"))
    await assess(hall, "2026-03")
    found = await get(hall, f"/contributions/people/{start.person_id}")
    assert [(row["entry"], row["amount_total"], row["reason"]) for row in found["items"]] == [
        (0, "840.00", None),
        (1, "-840.00", "停保冲减"),
    ]
    assert found["totals"]["amount_total"] == "0.00"


async def test_reporting_reads_the_unit_and_its_sums(hall: ServiceHarness) -> None:
    for _ in range(2):
        await insured(hall, month="2026-02")
    await insured(hall, month="2026-02", unit=OTHER_UNIT)
    await assess(hall, "2026-03")
    unit = (await hall.client.get("/internal/unit-facts", headers=delegate(hall))).json()
    assert (unit["employer_no"], unit["name"], len(unit["uscc"])) == (UNIT, "甬江智造科技有限公司", 18)
    params = {"from_month": "2026-01", "to_month": "2026-03"}
    sums = (await hall.client.get("/internal/contribution-sums", params=params, headers=delegate(hall))).json()
    assert [(row["month"], row["insurance"], row["people"]) for row in sums["items"]] == [
        (month, insurance, 2) for month in ("2026-02", "2026-03") for insurance in ("310", "330", "510")
    ]
    one = params | {"insurance": "510"}
    only = (await hall.client.get("/internal/contribution-sums", params=one, headers=delegate(hall))).json()
    assert {row["insurance"] for row in only["items"]} == {"510"}
    for path in ("unit-facts", "contribution-sums"):
        assert (await hall.client.get(f"/internal/{path}", headers=hall.clerk(UNIT))).status_code == 401


async def test_reporting_reads_the_bases_of_those_who_owe(hall: ServiceHarness) -> None:
    low, usual, high = started(month="2026-02", wage="100.00"), started(wage="8000.00"), started(wage="99999.99")
    elsewhere, retired, left = started(employer_no=OTHER_UNIT), started(category="1201"), started(month="2026-01")
    later = started(month="2026-04")
    everybody = (low, usual, high, elsewhere, retired, left, later)
    for start in everybody:
        await deliver(hall, start)
    await deliver(hall, stopped(left, "2026-03"))
    asked = {"person_ids": [str(start.person_id) for start in everybody]}
    url = "/internal/contribution-bases"
    found = (await hall.client.post(url, json=asked, headers=delegate(hall))).json()
    assert found["month"] == "2026-03"
    assert {row["person_id"]: row["base"] for row in found["items"]} == {
        str(low.person_id): "5100.00",  # the limits of the demo's year
        str(usual.person_id): "8000.00",
        str(high.person_id): "25500.00",
    }
    assert (await hall.client.post(url, json=asked, headers=hall.clerk(UNIT))).status_code == 401
