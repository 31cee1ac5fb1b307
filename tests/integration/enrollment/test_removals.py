"""减员: whom a clerk finds, what is refused and beside which field, and what is written."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from contracts.enrollment import ApplicationSubmitted
from enrollment.applications.models import Application
from tests.integration.enrollment.desk import (
    API,
    OTHER_UNIT,
    UNIT,
    addition,
    audited,
    decide,
    deliver,
    events,
    insured,
    opened,
    person_id_of,
    removal,
    remove,
    seen_by_all,
    submit,
    submitted,
    withdraw,
)
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id


def _pointers(answer: Any) -> dict[str, str]:
    return {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]}


async def _employee(hall: ServiceHarness, number: str | None = None, **changes: Any) -> str:
    number = number or resident_id()
    await insured(hall, addition(number, **changes))
    return await person_id_of(hall, number)


async def _search(hall: ServiceHarness, *, unit: str = UNIT, **conditions: Any) -> Any:
    return await hall.client.post(f"{API}/removals/searches", json=conditions, headers=hall.clerk(unit))


async def _count(hall: ServiceHarness, kind: str) -> int:
    async with seen_by_all(hall) as tx:
        return int((await tx.execute(select(func.count()).where(Application.kind == kind))).scalar_one())


@pytest.mark.parametrize("conditions", [{}, {"id_number": " ", "name": ""}, {"page": 2}])
async def test_an_empty_search_is_refused(hall: ServiceHarness, conditions: dict[str, Any]) -> None:
    answer = await _search(hall, **conditions)
    assert answer.status_code == 422
    assert answer.json()["detail"] == "查询条件必须输入证件号码或姓名"
    assert _pointers(answer) == {"/id_number": "search_condition_missing"}


async def test_finding_whom_to_remove(hall: ServiceHarness) -> None:
    number = resident_id()
    person_id = await _employee(hall, number, person_name="沈嘉禾")
    await _employee(hall, person_name="沈嘉木")
    await insured(hall, addition(person_name="沈嘉树"), unit=OTHER_UNIT)

    by_name = (await _search(hall, name="沈嘉")).json()
    assert (by_name["total"], by_name["stop_month"]) == (2, "2026-03")
    (row,) = (await _search(hall, id_number=number)).json()["items"]
    assert row == {
        "person_id": person_id,
        "name": "沈嘉禾",
        "id_number_masked": f"{number[:6]}********{number[-4:]}",
        "insurances": ["310", "510", "330"],
        "start_month": "2026-03",
        "status": "1",
        "pending_no": None,
    }
    assert (await _search(hall, unit=OTHER_UNIT, id_number=number)).json()["items"] == []


async def test_declaring_a_removal(hall: ServiceHarness) -> None:
    number = resident_id()
    person_id = await _employee(hall, number)
    answer = await remove(hall, removal(person_id, reason="09", remark="借调期满"))

    assert answer.status_code == 201, answer.text
    application = answer.json()
    assert (application["kind"], application["status"], application["person_name"]) == ("removal", "pending", "沈嘉禾")
    assert number not in answer.text
    shown = (await hall.client.get(f"{API}/applications/{application['no']}", headers=hall.clerk(UNIT))).json()
    assert shown["form"] == {
        "removal": {"reason": "09", "stop_month": "2026-03", "event_date": None, "remark": "借调期满"},
        "coverage": {"insurances": "310 330 510", "start_month": "2026-03"},
    }
    assert [news.kind for news in await events(hall, ApplicationSubmitted)] == ["addition", "removal"]
    assert await audited(hall, application["no"]) == ["application.submitted", "application.viewed"]
    assert (await _search(hall, id_number=number)).json()["items"][0]["pending_no"] == application["no"]


@pytest.mark.parametrize("state", ["pending", "decided"])
async def test_the_lists_show_the_month_in_which_cover_ends(hall: ServiceHarness, state: str) -> None:
    number = resident_id()
    await insured(hall, addition(number))
    no = (await remove(hall, removal(await person_id_of(hall, number)))).json()["no"]
    if state == "decided":
        await decide(hall, no)
    body = {"state": state, "kind": "removal"}
    answer = await hall.client.post(f"{API}/applications/searches", json=body, headers=hall.clerk(UNIT))
    (row,) = answer.json()["items"]
    assert (row["no"], row["start_month"], row["stop_month"]) == (no, None, "2026-03")


async def test_every_fault_of_the_dialog_at_once(hall: ServiceHarness) -> None:
    person_id = await _employee(hall)
    answer = await remove(hall, removal(person_id, reason="05", stop_month="2026-04", remark="字" * 501))
    assert answer.status_code == 422
    assert _pointers(answer) == {
        "/removal/stop_month": "stop_month_not_open",
        "/removal/event_date": "required",
        "/removal/remark": "too_long",
    }
    empty = await remove(hall, {"person_id": person_id, "removal": {}})
    assert _pointers(empty) == {"/removal/reason": "required", "/removal/stop_month": "required"}
    assert await _count(hall, "removal") == 0


async def test_dates_are_held_against_the_person(hall: ServiceHarness) -> None:
    person_id = await _employee(hall)
    answer = await remove(hall, removal(person_id, reason="05", event_date="2026-02-28"))
    assert _pointers(answer) == {"/removal/event_date": "event_date_before_start"}


async def test_declared_twice(hall: ServiceHarness) -> None:
    person_id = await _employee(hall)
    first = await remove(hall, removal(person_id))
    again = await remove(hall, removal(person_id))
    assert (again.status_code, again.json()["code"]) == (409, "already_pending")
    assert first.json()["no"] in again.json()["detail"]

    assert (await withdraw(hall, first.json()["no"])).status_code == 200
    assert (await remove(hall, removal(person_id))).status_code == 201


async def test_a_pending_removal_blocks_an_addition(hall: ServiceHarness) -> None:
    number = resident_id()
    person_id = await _employee(hall, number)
    no = (await remove(hall, removal(person_id))).json()["no"]

    answer = await submit(hall, addition(number))
    assert (answer.status_code, answer.json()["code"]) == (409, "removal_pending")
    assert no in answer.json()["detail"]
    lookup = {"id_type": "01", "id_number": number}
    told = (await hall.client.post(f"{API}/people/lookups", json=lookup, headers=hall.clerk(UNIT))).json()
    assert told["may_declare"] is False
    assert no in told["outlook"]


async def test_a_search_says_that_an_addition_is_pending(hall: ServiceHarness) -> None:
    number = resident_id()
    application = await submitted(hall, addition(number))
    found = (await _search(hall, id_number=number)).json()
    assert (found["total"], found["pending_addition_no"]) == (0, application["no"])
    assert (await _search(hall, unit=OTHER_UNIT, id_number=number)).json()["pending_addition_no"] is None


async def test_other_units_people_and_nobody(hall: ServiceHarness) -> None:
    person_id = await _employee(hall)
    for unit, who in ((OTHER_UNIT, person_id), (UNIT, "018f0000-0000-7000-8000-000000000000")):
        answer = await remove(hall, removal(who), unit=unit)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_unit_that_may_not_declare_online(hall: ServiceHarness) -> None:
    person_id = await _employee(hall)
    await deliver(hall, opened(UNIT, online=False, version=2))
    answer = await remove(hall, removal(person_id))
    assert (answer.status_code, answer.json()["code"]) == (409, "online_declaration_closed")


async def test_the_same_removal_many_times_at_once(hall: ServiceHarness) -> None:
    person_id = await _employee(hall)
    answers = await asyncio.gather(*(remove(hall, removal(person_id)) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"already_pending"}
    assert await _count(hall, "removal") == 1


async def test_one_key_one_removal(hall: ServiceHarness) -> None:
    form, headers = removal(await _employee(hall)), hall.clerk(UNIT)
    first, second = [await hall.client.post(f"{API}/removals", json=form, headers=headers) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
