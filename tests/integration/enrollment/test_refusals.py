"""What is refused, with which code, beside which field; and that nothing is half done."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from contracts.values.month import Month
from enrollment.applications.models import Application
from enrollment.coverage.models import Coverage
from enrollment.people.models import Person, PersonChange
from enrollment.service import SERVICE
from servicekit.clock import FixedClock
from tests.integration.enrollment.desk import (
    API,
    OTHER_UNIT,
    UNIT,
    VIRTUAL,
    addition,
    decide,
    deliver,
    insured,
    opened,
    seen_by_all,
    submit,
    submitted,
)
from tests.support.databases import TestDatabases
from tests.support.harness import ServiceHarness, service_harness
from tests.support.people import resident_id


def _pointers(answer: Any) -> dict[str, str]:
    return {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]}


async def _counts(hall: ServiceHarness) -> tuple[int, int]:
    async with seen_by_all(hall) as tx:
        people = (await tx.execute(select(func.count()).select_from(Person))).scalar_one()
        applications = (await tx.execute(select(func.count()).select_from(Application))).scalar_one()
        return people, applications


async def test_every_fault_of_both_modules_at_once(hall: ServiceHarness) -> None:
    number = resident_id(male=True)
    wrong_digit = number[:17] + ("0" if number[17] != "0" else "1")
    answer = await submit(
        hall,
        addition(
            wrong_digit,
            person_name="张3",
            person_nationality="99",
            person_mobile="12345",
            person_contact_address="",
            person_postal_code="31500",
            person_email="nobody",
            person_household_kind=None,
            insurance_start_month="2026-06",
            insurance_monthly_wage="8000.001",
            insurance_contract_start="2026-03-01",
            insurance_contract_end="2025-03-01",
            insurance_person_category="1103",
        ),
    )

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert _pointers(answer) == {
        "/person/id_number": "id_number_check_digit",
        "/person/name": "name_form",
        "/person/nationality": "unknown_code",
        "/person/household_kind": "required",
        "/person/mobile": "mobile_form",
        "/person/contact_address": "required",
        "/person/postal_code": "postal_code_form",
        "/person/email": "email_form",
        "/insurance/start_month": "start_month_not_open",
        "/insurance/monthly_wage": "money_decimals",
        "/insurance/contract_end": "contract_ends_before_start",
        "/insurance/person_category": "not_an_employee",
    }
    messages = " ".join(fault["message"] for fault in answer.json()["errors"])
    assert "末位应为" in messages
    assert wrong_digit not in answer.text
    assert await _counts(hall) == (0, 0)


async def test_an_empty_form_names_every_required_field(hall: ServiceHarness) -> None:
    answer = await submit(hall, {"person": {}, "insurance": {}})

    assert answer.status_code == 422
    assert set(_pointers(answer)) == {
        *(f"/person/{name}" for name in ("id_type", "id_number", "name", "sex", "birth_date", "nationality")),
        *(f"/person/{name}" for name in ("household_kind", "mobile", "contact_address")),
        *(f"/insurance/{name}" for name in ("start_month", "reason", "employment_form", "personal_identity")),
        *(f"/insurance/{name}" for name in ("person_category", "monthly_wage")),
    }


async def test_sex_and_birth_date_must_agree_with_the_number(hall: ServiceHarness) -> None:
    number = resident_id(male=True)
    answer = await submit(hall, addition(number, person_sex="2", person_birth_date="1990-01-01"))

    assert _pointers(answer) == {"/person/sex": "sex_differs", "/person/birth_date": "birth_date_differs"}


async def test_declared_twice(hall: ServiceHarness) -> None:
    form = addition()
    await submitted(hall, form)
    answer = await submit(hall, form)

    assert answer.status_code == 409
    assert answer.json()["code"] == "already_pending"
    assert _pointers(answer) == {"/person/id_number": "already_pending"}


async def test_insured_here_and_elsewhere(hall: ServiceHarness) -> None:
    form = addition()
    await insured(hall, form)

    here = await submit(hall, form)
    assert here.json()["code"] == "already_insured_here"
    elsewhere = await submit(hall, form, unit=OTHER_UNIT)
    assert elsewhere.status_code == 409
    assert elsewhere.json()["code"] == "already_insured_elsewhere"
    assert "甬江智造" not in elsewhere.text


async def test_another_name_than_the_registered_one(hall: ServiceHarness) -> None:
    form = addition()
    await insured(hall, form)
    answer = await submit(hall, addition(form["person"]["id_number"], person_name="沈嘉木"), unit=OTHER_UNIT)

    assert answer.status_code == 409
    assert _pointers(answer) == {"/person/name": "name_differs"}
    assert "沈嘉禾" not in answer.text


async def test_an_undecided_declaration_fixes_nobodys_name(hall: ServiceHarness) -> None:
    number = resident_id()
    wrong = await submitted(hall, addition(number, person_name="沈佳禾"))
    assert (await decide(hall, wrong["no"], "reject", reason="姓名有误")).status_code == 200

    assert (await submit(hall, addition(number))).status_code == 201


async def test_virtual_unit_may_not_declare_online(hall: ServiceHarness) -> None:
    answer = await submit(hall, addition(), unit=VIRTUAL)

    assert (answer.status_code, answer.json()["code"]) == (409, "online_declaration_closed")
    offered = (await hall.client.get(f"{API}/online-declaration", headers=hall.clerk(VIRTUAL))).json()
    assert offered["allowed"] is False
    assert offered["reason"]


async def test_unit_that_no_event_told_of(hall: ServiceHarness) -> None:
    answer = await submit(hall, addition(), unit="330200000000009999")

    assert (answer.status_code, answer.json()["code"]) == (409, "unit_not_registered")
    assert await _counts(hall) == (0, 0)


@pytest.mark.parametrize("decision_changes", ["switched off", "closed"])
async def test_what_changed_in_between_rejects_with_that_reason(hall: ServiceHarness, decision_changes: str) -> None:
    application = await submitted(hall, addition())
    news = opened(UNIT, online=decision_changes != "switched off", version=2)
    await deliver(hall, news.model_copy(update={"status": "closed" if decision_changes == "closed" else "open"}))

    answer = await decide(hall, application["no"])

    assert answer.status_code == 200
    assert answer.json()["status"] == "rejected"
    assert "复核未通过" in answer.json()["decision_reason"]


async def test_of_two_units_the_first_approved_wins(hall: ServiceHarness) -> None:
    form = addition()
    mine = await submitted(hall, form)
    theirs = await submitted(hall, form, unit=OTHER_UNIT)

    assert (await decide(hall, theirs["no"])).json()["status"] == "approved"
    late = (await decide(hall, mine["no"])).json()
    assert late["status"] == "rejected"
    assert "其他单位" in late["decision_reason"]


async def test_a_late_review_does_not_punish_the_unit(hall: ServiceHarness) -> None:
    application = await submitted(hall, addition())
    hall.clock.advance(timedelta(days=30))

    review = (await hall.client.get(f"{API}/reviews/{application['no']}", headers=hall.staff())).json()
    assert "late_review" in [finding["code"] for finding in review["findings"]]
    assert review["waiting_days"] == 30
    assert (await decide(hall, application["no"])).json()["status"] == "approved"


class HeldDate(FixedClock):
    """A business date that stands still while the time goes on, as in a demo."""

    def today(self) -> date:
        return date(2026, 3, 10)

    def month(self) -> Month:
        return Month(2026, 3)


async def test_rules_go_by_the_business_date_whatever_the_time(databases: TestDatabases) -> None:
    clock = HeldDate(datetime(2026, 11, 23, 12, tzinfo=UTC))
    async with service_harness(SERVICE, databases, clock=clock) as hall:
        await deliver(hall, opened(UNIT))
        application = await submitted(hall, addition())
        review = (await hall.client.get(f"{API}/reviews/{application['no']}", headers=hall.staff())).json()

        assert review["waiting_days"] == 0
        assert {finding["level"] for finding in review["findings"]} == {"ok"}
        assert (await decide(hall, application["no"])).json()["status"] == "approved"


async def test_nobody_decides_what_they_submitted(hall: ServiceHarness) -> None:
    clerk = hall.clerk(UNIT)
    application = (await hall.client.post(f"{API}/additions", json=addition(), headers=clerk)).json()
    async with seen_by_all(hall) as tx:
        account = (await tx.execute(select(Application.submitted_by))).scalar_one()

    answer = await decide(hall, application["no"], headers=hall.staff(account_id=account))
    assert (answer.status_code, answer.json()["code"]) == (409, "own_application")


async def test_versions(hall: ServiceHarness) -> None:
    application = await submitted(hall, addition())
    path = f"{API}/reviews/{application['no']}/decision"

    without = await hall.client.post(path, json={"decision": "approve"}, headers=hall.staff())
    assert without.status_code == 428
    stale = await decide(hall, application["no"], version=7)
    assert stale.status_code == 412
    shown = await hall.client.get(f"{API}/applications/{application['no']}", headers=hall.clerk(UNIT))
    assert shown.headers["etag"] == '"v1"'


async def test_same_key_same_answer(hall: ServiceHarness) -> None:
    form, headers = addition(), hall.clerk(UNIT)
    first = await hall.client.post(f"{API}/additions", json=form, headers=headers)
    second = await hall.client.post(f"{API}/additions", json=form, headers=headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert await _counts(hall) == (1, 1)
    other = await hall.client.post(f"{API}/additions", json=addition(), headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    headers.pop("Idempotency-Key")
    assert (await hall.client.post(f"{API}/additions", json=form, headers=headers)).status_code == 428


async def test_one_number_is_one_person_whatever_its_type_was_once(hall: ServiceHarness) -> None:
    """A permanent resident card that an older version took for a resident ID still finds its owner."""
    number, born = "933840198810050010", "1988-10-05"
    wrong = await submit(hall, addition(number, person_birth_date=born))
    assert (wrong.status_code, _pointers(wrong)) == (422, {"/person/id_type": "id_type_mismatch"})

    form = addition(number, person_id_type="07", person_birth_date=born)
    await insured(hall, form)
    async with seen_by_all(hall) as tx:
        await tx.execute(update(Person).values(id_type="01"))
    again = await submit(hall, form, unit=OTHER_UNIT)
    assert again.json()["code"] == "already_insured_elsewhere"
    assert (await _counts(hall))[0] == 1


async def test_what_was_never_approved_is_forgotten(hall: ServiceHarness) -> None:
    """The blanks of the first approved declaration overwrite what an undecided one said of the person."""
    number = resident_id()
    first = addition(number, person_email="x@example.com", person_marital_status="20", person_household_address="某处")
    wrong = await submitted(hall, first)
    assert (await decide(hall, wrong["no"], "reject", reason="不是本单位人员")).status_code == 200
    await insured(hall, addition(number), unit=OTHER_UNIT)

    async with seen_by_all(hall) as tx:
        person = (await tx.execute(select(Person))).scalar_one()
        assert (person.email, person.marital_status, person.household_address) == (None, None, None)
        assert person.confirmed_at is not None


async def test_an_addition_of_somebody_known_says_what_it_changed(hall: ServiceHarness) -> None:
    number = resident_id()
    await insured(hall, addition(number, person_email="x@example.com"))
    async with seen_by_all(hall) as tx:
        await tx.execute(update(Coverage).values(stop_month=Coverage.start_month))
    application = await insured(hall, addition(number, person_contact_address="新址"), unit=OTHER_UNIT)

    async with seen_by_all(hall) as tx:
        (kept,) = await tx.scalars(select(PersonChange))
        assert (kept.source, kept.application_no, kept.employer_no) == ("addition", application["no"], OTHER_UNIT)
        assert kept.changes == [{"field": "contact_address", "before": "宁波市海曙区示范路1号", "after": "新址"}]
        assert (await tx.execute(select(Person.email))).scalar_one() == "x@example.com"
