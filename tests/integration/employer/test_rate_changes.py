"""费率与基数: proposed by one operator, approved by another, never over months that were assessed.

Figures: 8000 × 8.5 % = 680.00 and × 2 % = 160.00 (domain.md §5.9); × 9 % = 720.00; × 8.25 % = 660.00.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from servicekit.ids import uuid7
from tests.integration.employer.office import (
    API,
    UNIT,
    assess,
    deliver,
    ledger,
    request_assessment,
    rows,
    started,
)
from tests.integration.employer.rate_desk import (
    FIRST,
    SECOND,
    approved,
    decide,
    limits_form,
    propose,
    rate_form,
    table,
)
from tests.support.harness import ServiceHarness


def periods(found: Mapping[str, Any], insurance: str = "310", kind: str = "10") -> list[tuple[str, str | None, str]]:
    return [
        (rate["first_month"], rate["last_month"], rate["employer_rate"])
        for rate in found["rates"]
        if (rate["insurance"], rate["employer_kind"]) == (insurance, kind)
    ]


async def test_a_change_in_the_middle_of_a_year_holds_from_its_first_month(hall: ServiceHarness) -> None:
    start = started(month="2026-01")
    await deliver(hall, start)
    await assess(hall, "2026-02")
    change = await approved(hall, "rates", rate_form())
    assert (change["status"], change["proposed_by"]) == ("approved", str(FIRST))
    found = await table(hall)
    assert periods(found) == [("2026-03", None, "0.09000"), ("2024-01", "2026-02", "0.08500")]
    assert periods(found, kind="50") == [("2024-01", None, "0.08500")]
    assert found["newest_assessed"] == "2026-02"
    await assess(hall, "2026-03")
    late = started(month="2026-02")
    await deliver(hall, late)
    await assess(hall, "2026-03")
    assert [row[3] for row in await ledger(hall, start.person_id)] == ["680.00", "680.00", "720.00"]
    assert [row[3] for row in await ledger(hall, late.person_id)] == ["680.00", "720.00"], "each month by its own rate"
    (audited,) = await rows(hall, "SELECT facts FROM audit_log WHERE action = 'rate_change.approved'")
    assert audited.facts["before"][0]["employer_rate"] == "0.08500"


async def test_a_rate_for_a_while_lets_the_old_one_go_on(hall: ServiceHarness) -> None:
    await approved(hall, "rates", rate_form(first_month="2026-04", last_month="2026-06"))
    assert periods(await table(hall)) == [
        ("2026-07", None, "0.08500"),
        ("2026-04", "2026-06", "0.09000"),
        ("2024-01", "2026-03", "0.08500"),
    ]


async def test_until_it_is_approved_nothing_changes(hall: ServiceHarness) -> None:
    before = await table(hall)
    change = (await propose(hall, "rates", rate_form())).json()
    assert await table(hall) == before
    own = await decide(hall, change, FIRST)
    assert (own.status_code, own.json()["code"]) == (409, "own_proposal")
    without = await decide(hall, change, decision="reject")
    assert (without.status_code, without.json()["errors"][0]["pointer"]) == (409, "/reason")
    rejected = await decide(hall, change, decision="reject", reason="文号有误")
    assert (rejected.json()["status"], rejected.json()["reason"]) == ("rejected", "文号有误")
    again = await decide(hall, rejected.json())
    assert (again.status_code, again.json()["code"]) == (409, "rate_change_decided")
    assert await table(hall) == before
    assert (await propose(hall, "rates", rate_form())).status_code == 201, "it can be proposed anew"


async def test_only_one_proposal_waits_for_a_rate(hall: ServiceHarness) -> None:
    assert (await propose(hall, "rates", rate_form())).status_code == 201
    second = await propose(hall, "rates", rate_form(employer_rate="0.08"), SECOND)
    assert (second.status_code, second.json()["code"]) == (409, "rate_change_pending")
    assert (await propose(hall, "rates", rate_form(employer_kind="50"))).status_code == 201


async def test_taken_back_by_who_proposed_it_only(hall: ServiceHarness) -> None:
    change = (await propose(hall, "rates", rate_form())).json()
    path = f"{API}/rate-changes/{change['id']}/withdrawal"
    seen = {"If-Match": '"v1"'}
    other = await hall.client.post(path, headers=hall.staff("operator", account_id=SECOND) | seen)
    assert (other.status_code, other.json()["code"]) == (409, "not_own_proposal")
    own = await hall.client.post(path, headers=hall.staff("operator", account_id=FIRST) | seen)
    assert own.json()["status"] == "withdrawn"


async def test_assessed_months_stay_as_they_were(hall: ServiceHarness) -> None:
    change = (await propose(hall, "rates", rate_form(first_month="2026-02"))).json()
    await deliver(hall, started(month="2026-03"))
    await assess(hall, "2026-03")
    late = await decide(hall, change)
    assert (late.status_code, late.json()["code"]) == (409, "month_assessed")
    assert "202604" in late.json()["detail"]
    early = await propose(hall, "rates", rate_form(employer_kind="50"))
    assert (early.status_code, early.json()["errors"][0]["pointer"]) == (409, "/first_month")
    limits = await propose(hall, "limits", limits_form(year=2026))
    assert (limits.status_code, limits.json()["errors"][0]["pointer"]) == (409, "/year")
    unknown = rate_form(insurance="410", employer_rate="0.001", first_month="2026-01")
    assert (await approved(hall, "rates", unknown))["status"] == "approved", "nothing was assessed by it yet"


async def test_limits_of_another_year(hall: ServiceHarness) -> None:
    await approved(hall, "limits", limits_form())
    assert (await table(hall))["limits"][0] == limits_form()
    await approved(hall, "limits", limits_form(upper="27000.00"))
    assert (await table(hall))["limits"][0]["upper"] == "27000.00"


async def test_rounding_is_the_rates(hall: ServiceHarness) -> None:
    await approved(hall, "rates", rate_form(employer_rate="0.08255", rounding=1))
    start = started(month="2026-03")
    await deliver(hall, start)
    await assess(hall, "2026-03")
    # 8000 × 8.255 % = 660.40, × 2 % = 160: to the jiao
    assert await ledger(hall, start.person_id) == [("2026-03", "310", "8000.00", "660.40", "160.00")]
    await approved(hall, "rates", rate_form(first_month="2026-04", employer_rate="0.08255", rounding=0))
    preview = await hall.client.post(
        f"{API}/cost-previews", json={"months": ["2026-04"], "monthly_wage": "8006.00"}, headers=hall.clerk(UNIT)
    )
    # 8006 × 8.255 % = 660.8953, × 2 % = 160.12: to the yuan
    (line,) = [each for each in preview.json()["months"][0]["lines"] if each["insurance"] == "310"]
    assert (line["employer_amount"], line["own_amount"]) == ("661.00", "160.00")


_BAD_RATES: list[tuple[dict[str, Any], int, str | None]] = [
    ({"insurance": "999"}, 409, "/insurance"),
    ({"employer_kind": "11"}, 409, "/employer_kind"),
    ({"first_month": "2028-04"}, 422, "/first_month"),
    ({"last_month": "2026-02"}, 422, "/last_month"),
    ({"employer_rate": "1.1"}, 422, "/employer_rate"),
    ({"employer_rate": "-0.1"}, 422, "/employer_rate"),
    ({"own_rate": "0.000001"}, 422, "/own_rate"),
    ({"employer_fixed": "1.001"}, 422, "/employer_fixed"),
    ({"rounding": 3}, 422, "/rounding"),
    ({"source": ""}, 422, "/source"),
    ({"employer_rate": "0.085", "first_month": "2024-01"}, 409, None),  # as it is
]


async def test_what_cannot_be_proposed(hall: ServiceHarness, subtests: pytest.Subtests) -> None:
    for changes, status, pointer in _BAD_RATES:
        with subtests.test(case=repr(changes)):
            answer = await propose(hall, "rates", rate_form(**changes))
            assert answer.status_code == status, answer.text
            if pointer:
                assert answer.json()["errors"][0]["pointer"] == pointer
    for changes, pointer in (({"upper": "5299.99"}, "/upper"), ({"year": 2029}, "/year"), ({"lower": "0"}, "/lower")):
        with subtests.test(case=repr(changes)):
            answer = await propose(hall, "limits", limits_form(**changes))
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_two_who_decide_at_once(hall: ServiceHarness) -> None:
    change = (await propose(hall, "rates", rate_form())).json()
    answers = await asyncio.gather(
        decide(hall, change), decide(hall, change, uuid7(), decision="reject", reason="不同意")
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_an_approval_and_an_assessment_at_once_leave_one_rate_to_the_month(hall: ServiceHarness) -> None:
    starts = [started(month="2026-03") for _ in range(3)]
    for start in starts:
        await deliver(hall, start)
    change = (await propose(hall, "rates", rate_form())).json()
    decided, _ = await asyncio.gather(decide(hall, change), request_assessment(hall, "2026-03"))
    await hall.drain()
    expected = "720.00" if decided.status_code == 200 else "680.00"
    assert decided.status_code in (200, 409)
    for start in starts:
        assert [row[3] for row in await ledger(hall, start.person_id)] == [expected]


async def test_only_operators_see_and_change_rates(hall: ServiceHarness) -> None:
    for headers in (hall.clerk(UNIT), hall.staff("reviewer")):
        assert (await hall.client.get(f"{API}/rates", headers=headers)).status_code == 403
        answer = await hall.client.post(f"{API}/rate-changes/rates", json=rate_form(), headers=headers)
        assert answer.status_code == 403
    listed = await hall.client.get(f"{API}/rate-changes?status=pending", headers=hall.staff("operator"))
    assert listed.json() == {"items": [], "total": 0}
