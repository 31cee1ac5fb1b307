"""From the declaration to the roster: what each step answers, writes, announces and audits."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from contracts.enrollment import (
    ApplicationDecided,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    CoverageStarted,
    CoverageStopped,
)
from contracts.values.month import Month
from enrollment.coverage.models import Coverage
from servicekit import audit
from servicekit.auth.tokens import INTERNAL_AUDIENCE, Claims
from servicekit.ids import uuid7
from tests.integration.enrollment.desk import (
    API,
    SCHOOL,
    UNIT,
    addition,
    audited,
    covered_alone,
    decide,
    events,
    insured,
    seen_by_all,
    submitted,
    withdraw,
)
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id


async def test_declared_reviewed_insured(hall: ServiceHarness) -> None:
    number = resident_id()
    application = await submitted(hall, addition(number))
    no = application["no"]

    assert no.startswith("20260310-")
    assert len(no) == 17
    assert application["status"] == "pending"
    assert application["id_number_masked"] == f"{number[:6]}********{number[-4:]}"
    assert number not in str(application)
    assert application["employer_name"] == "甬江智造科技有限公司"

    queue = await hall.client.post(f"{API}/reviews/searches", json={"state": "pending"}, headers=hall.staff())
    assert [row["no"] for row in queue.json()["items"]] == [no]

    review = (await hall.client.get(f"{API}/reviews/{no}", headers=hall.staff())).json()
    assert {finding["level"] for finding in review["findings"]} == {"ok"}
    assert review["coverage_before"] == []
    assert [cover["insurance"] for cover in review["coverage_after"]] == ["310", "510", "330"]
    assert review["form"]["person"]["id_number"] == application["id_number_masked"]

    decided = await decide(hall, no)
    assert decided.status_code == 200
    assert decided.json()["status"] == "approved"
    assert decided.json()["decided_by_name"] == "经办机构审核员"

    found = await hall.client.post(f"{API}/applications/searches", json={"state": "decided"}, headers=hall.clerk(UNIT))
    assert [row["no"] for row in found.json()["items"]] == [no]

    roster = await hall.client.post(f"{API}/roster/searches", json={"name": "嘉禾"}, headers=hall.clerk(UNIT))
    (person,) = roster.json()["items"]
    assert person["name"] == "沈嘉禾"
    assert person["status"] == "1"
    assert person["insurances"] == ["310", "510", "330"]
    assert person["monthly_wage"] == "8000.00"

    detail = (await hall.client.get(f"{API}/roster/{person['person_id']}", headers=hall.clerk(UNIT))).json()
    assert detail["basic"]["birth_date"] == f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    assert detail["contact"]["mobile_masked"] == "138****1234"
    assert {cover["insurance"]: cover["start_month"] for cover in detail["coverage"]} == dict.fromkeys(
        ("310", "510", "330"), "2026-03"
    )
    assert number not in str(detail)

    (news,) = await events(hall, ApplicationSubmitted)
    assert news.application_no == no
    started = await events(hall, CoverageStarted)
    assert {event.insurance for event in started} == {"310", "510", "330"}
    assert {(event.month, event.monthly_wage, event.version) for event in started} == {
        (Month(2026, 3), Decimal("8000.00"), 1)
    }
    (decision,) = await events(hall, ApplicationDecided)
    assert decision.decision == "approved"
    assert await audited(hall, no) == ["application.submitted", "application.viewed", "application.approved"]
    async with seen_by_all(hall) as tx:
        assert await audit.verify_all(tx) == []


async def test_public_institution_also_gets_the_civil_service_subsidy(hall: ServiceHarness) -> None:
    await insured(hall, addition(), unit=SCHOOL)

    assert {event.insurance for event in await events(hall, CoverageStarted)} == {"310", "510", "330", "320"}


async def test_start_of_next_month_is_approved_now_and_waits(hall: ServiceHarness) -> None:
    await insured(hall, addition(insurance_start_month="2026-04"))

    (person,) = (
        await hall.client.post(f"{API}/roster/searches", json={"status": "0"}, headers=hall.clerk(UNIT))
    ).json()["items"]
    assert person["start_month"] == "2026-04"
    assert {event.month for event in await events(hall, CoverageStarted)} == {Month(2026, 4)}
    running = await hall.client.post(f"{API}/roster/searches", json={"status": "1"}, headers=hall.clerk(UNIT))
    assert running.json()["total"] == 0


async def test_resident_is_converted_without_a_gap(hall: ServiceHarness) -> None:
    number = resident_id()
    person_id = await covered_alone(hall, number, insurance="390")

    lookup = await hall.client.post(
        f"{API}/people/lookups", json={"id_type": "01", "id_number": number}, headers=hall.clerk(UNIT)
    )
    assert lookup.json()["present"] == "resident"
    assert lookup.json()["suggested_reason"] == "04"
    assert lookup.json()["may_declare"] is True

    await insured(hall, addition(number, insurance_reason="04"))

    async with seen_by_all(hall) as tx:
        former = (
            await tx.execute(select(Coverage).where(Coverage.person_id == person_id, Coverage.insurance == "390"))
        ).scalar_one()
    assert former.stop_month == Month(2026, 3)
    assert await events(hall, CoverageStopped) == []  # no unit's billing roster knows it


async def test_flexible_is_converted_and_no_month_paid_twice(hall: ServiceHarness) -> None:
    number = resident_id()
    person_id = await covered_alone(hall, number, insurance="310")

    await insured(hall, addition(number, insurance_reason="05", insurance_start_month="2026-04"))

    async with seen_by_all(hall) as tx:
        rows = (
            await tx.execute(
                select(Coverage)
                .where(Coverage.person_id == person_id, Coverage.insurance == "310")
                .where(Coverage.stopped_by.is_not(None) | Coverage.stop_month.is_(None))
                .order_by(Coverage.start_month)
            )
        ).scalars()
        flexible, employee = list(rows)
    assert flexible.stop_month == Month(2026, 4)  # owed to March
    assert employee.start_month == Month(2026, 4)  # owed from April
    assert employee.stop_month is None


async def test_withdrawn_never_reaches_the_reviewer(hall: ServiceHarness) -> None:
    application = await submitted(hall, addition())

    answer = await withdraw(hall, application["no"])
    assert answer.status_code == 200
    assert answer.json()["status"] == "withdrawn"
    assert answer.json()["version"] == 2

    late = await decide(hall, application["no"])
    assert late.status_code == 409
    assert late.json()["code"] == "application_final"
    assert await events(hall, CoverageStarted) == []
    assert len(await events(hall, ApplicationWithdrawn)) == 1
    assert await audited(hall, application["no"]) == ["application.submitted", "application.withdrawn"]


async def test_rejected_with_a_reason_may_be_declared_again(hall: ServiceHarness) -> None:
    form = addition()
    application = await submitted(hall, form)

    without = await decide(hall, application["no"], "reject")
    assert without.status_code == 409
    assert without.json()["errors"][0]["pointer"] == "/reason"

    rejected = await decide(hall, application["no"], "reject", reason="合同材料不符，请核对")
    assert rejected.json()["status"] == "rejected"
    detail = await hall.client.get(f"{API}/applications/{application['no']}", headers=hall.clerk(UNIT))
    assert detail.json()["decision_reason"] == "合同材料不符，请核对"

    await insured(hall, form)


async def test_the_reviewers_name_comes_from_the_token(hall: ServiceHarness) -> None:
    application = await submitted(hall, addition())
    claims = Claims(
        account_id=uuid7(),
        session_id="s",
        kind="reviewer",
        issued_at=hall.clock.now(),
        expires_at=hall.clock.now() + timedelta(seconds=60),
        display_name="审核员甲",
    )
    headers = {"Authorization": f"Bearer {hall.tokens.signer.mint(claims)}"}

    assert (await decide(hall, application["no"], headers=headers)).json()["decided_by_name"] == "审核员甲"


async def test_certificate_facts_are_for_the_unit_that_prints(hall: ServiceHarness) -> None:
    number = resident_id()
    await insured(hall, addition(number))
    (person,) = (await hall.client.post(f"{API}/roster/searches", json={}, headers=hall.clerk(UNIT))).json()["items"]
    path = f"/internal/people/{person['person_id']}/certificate-facts"

    def reader(unit: str, *permissions: str) -> dict[str, str]:
        return hall.tokens.headers(
            kind="agent", employer_no=unit, perms=permissions, via="delegation", audience=INTERNAL_AUDIENCE
        )

    facts = (await hall.client.get(path, headers=reader(UNIT, "print"))).json()
    assert facts["id_number"] == number
    assert facts["employer_name"] == "甬江智造科技有限公司"
    assert [(line["insurance"], line["first_month"], line["status"]) for line in facts["coverages"]] == [
        ("310", "2026-03", "1"),
        ("330", "2026-03", "1"),
        ("510", "2026-03", "1"),
    ]
    assert "person.revealed" in await audited(hall, person["person_id"])

    assert (await hall.client.get(path, headers=reader(SCHOOL, "print"))).status_code == 404
    assert (await hall.client.get(path, headers=reader(UNIT, "query"))).status_code == 403
    assert (await hall.client.get(path, headers=hall.clerk(UNIT))).status_code == 401
    assert (await hall.client.get(path)).status_code == 401
