"""参保人员信息维护: what is shown and changed, by whom, with which history; and two clerks at once."""

import asyncio
from typing import Any

import httpx
from sqlalchemy import select

from contracts.enrollment import PersonChanged
from enrollment.people.models import PersonChange
from servicekit.ids import uuid7
from tests.integration.enrollment.desk import (
    API,
    OTHER_UNIT,
    UNIT,
    addition,
    audited,
    events,
    insured,
    person_id_of,
    seen_by,
    seen_by_all,
)
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id

_MAINTAIN = ("maintain",)
_CONTACT = {"household_kind": "11", "contact_address": "宁波市海曙区示范路1号"}


async def _employee(hall: ServiceHarness, **changes: Any) -> str:
    number = resident_id()
    await insured(hall, addition(number, **changes))
    return await person_id_of(hall, number)


async def _show(hall: ServiceHarness, person_id: str, *, unit: str = UNIT) -> httpx.Response:
    return await hall.client.get(f"{API}/people/{person_id}", headers=hall.clerk(unit, _MAINTAIN))


async def _change(
    hall: ServiceHarness, person_id: str, etag: str | None, *, headers: dict[str, str] | None = None, **fields: Any
) -> httpx.Response:
    sent = (headers or hall.clerk(UNIT, _MAINTAIN)) | ({"If-Match": etag} if etag else {})
    return await hall.client.put(f"{API}/people/{person_id}/contact", json={**_CONTACT, **fields}, headers=sent)


async def _history(hall: ServiceHarness, person_id: str, headers: dict[str, str] | None = None) -> list[Any]:
    answer = await hall.client.get(f"{API}/people/{person_id}/changes", headers=headers or hall.clerk(UNIT, _MAINTAIN))
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_found_shown_changed(hall: ServiceHarness) -> None:
    person_id = await _employee(hall, person_email="old@example.com")
    found = await hall.client.post(f"{API}/people/searches", json={"name": "嘉禾"}, headers=hall.clerk(UNIT, _MAINTAIN))
    assert [row["person_id"] for row in found.json()["items"]] == [person_id]

    shown = await _show(hall, person_id)
    assert shown.json()["identity"]["name"] == "沈嘉禾"
    assert shown.json()["contact"]["mobile_masked"] == "138****1234"
    assert "13800571234" not in shown.text

    clerk = hall.clerk(UNIT, _MAINTAIN, account_id=uuid7())
    changed = await _change(
        hall,
        person_id,
        shown.headers["etag"],
        headers=clerk,
        contact_address="宁波市鄞州区示范路2号",
        household_kind="21",
        mobile="13900571234",
        landline="0574-87000101",
        marital_status="20",
    )
    assert changed.status_code == 200, changed.text
    assert changed.headers["etag"] != shown.headers["etag"]
    assert (await _show(hall, person_id)).json() == changed.json()
    assert changed.json()["contact"] == {
        "household_kind": "21",
        "household_region": None,
        "household_address": None,
        "contact_address": "宁波市鄞州区示范路2号",
        "mobile_masked": "139****1234",
        "landline": "0574-87000101",
        "email": None,
        "postal_code": None,
        "marital_status": "20",
        "education_level": None,
    }
    (one,) = await _history(hall, person_id, clerk)
    assert (one["source"], one["application_no"], one["by_me"]) == ("maintenance", None, True)
    assert {change["title"]: (change["before"], change["after"]) for change in one["changes"]} == {
        "户口性质": ("本地非农业(城镇)", "本地农业"),
        "联系地址": ("宁波市海曙区示范路1号", "宁波市鄞州区示范路2号"),
        "手机号码": ("138****1234", "139****1234"),
        "固定电话": (None, "0574-87000101"),
        "电子邮箱": ("old@example.com", None),
        "婚姻状况": (None, "已婚"),
    }
    (news,) = await events(hall, PersonChanged)
    assert (str(news.person_id), news.version) == (person_id, changed.json()["version"])
    assert "person.changed" in await audited(hall, person_id)


async def test_a_mobile_that_looks_the_same_masked_is_a_change(hall: ServiceHarness) -> None:
    person_id = await _employee(hall)
    assert (await _change(hall, person_id, '"v2"', mobile="13899991234")).status_code == 200
    ((change,),) = [one["changes"] for one in await _history(hall, person_id)]
    assert change == {"field": "mobile", "title": "手机号码", "before": "138****1234", "after": "138****1234"}


async def test_saving_what_is_there_changes_nothing(hall: ServiceHarness) -> None:
    person_id = await _employee(hall)
    before = await _show(hall, person_id)
    for mobile in (None, "", "13800571234"):
        answer = await _change(hall, person_id, before.headers["etag"], mobile=mobile)
        assert (answer.status_code, answer.json()) == (200, before.json())
    assert await _history(hall, person_id) == []
    assert await events(hall, PersonChanged) == []


async def test_every_fault_at_its_field(hall: ServiceHarness) -> None:
    person_id = await _employee(hall)
    answer = await _change(
        hall,
        person_id,
        '"v2"',
        household_kind="",
        contact_address=" ",
        mobile="12345",
        landline="call me",
        email="nobody",
        postal_code="31500",
        education_level="99",
    )
    assert answer.status_code == 422
    assert {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]} == {
        "/household_kind": "required",
        "/contact_address": "required",
        "/mobile": "mobile_form",
        "/landline": "landline_form",
        "/email": "email_form",
        "/postal_code": "postal_code_form",
        "/education_level": "unknown_code",
    }
    assert await _history(hall, person_id) == []


async def test_two_clerks_at_once(hall: ServiceHarness) -> None:
    person_id = await _employee(hall)
    etag = (await _show(hall, person_id)).headers["etag"]
    answers = await asyncio.gather(
        *(_change(hall, person_id, etag, contact_address=f"宁波市示范路{number}号") for number in range(10, 15))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 412} == {"stale"}
    (winner,) = [answer for answer in answers if answer.status_code == 200]
    assert (await _show(hall, person_id)).json() == winner.json()
    assert len(await _history(hall, person_id)) == 1
    assert (await _change(hall, person_id, None)).status_code == 428


async def test_only_the_unit_a_person_is_insured_with(hall: ServiceHarness) -> None:
    person_id = await _employee(hall)
    stranger = hall.clerk(OTHER_UNIT, _MAINTAIN)
    assert (await _show(hall, person_id, unit=OTHER_UNIT)).status_code == 404
    assert (await _change(hall, person_id, '"v2"', headers=stranger)).status_code == 404
    answer = await hall.client.get(f"{API}/people/{person_id}/changes", headers=stranger)
    assert answer.status_code == 404
    found = await hall.client.post(f"{API}/people/searches", json={}, headers=stranger)
    assert found.json() == {"items": [], "total": 0}
    no_permission = await hall.client.get(f"{API}/people/{person_id}", headers=hall.clerk(UNIT, ("query",)))
    assert (no_permission.status_code, no_permission.json()["code"]) == (403, "permission_missing")


async def test_the_history_of_a_unit_is_its_own(hall: ServiceHarness) -> None:
    person_id = await _employee(hall)
    await _change(hall, person_id, '"v2"', contact_address="宁波市示范路9号")
    async with seen_by(hall, OTHER_UNIT) as tx:
        assert list(await tx.scalars(select(PersonChange))) == []
    async with seen_by_all(hall) as tx:
        assert len(list(await tx.scalars(select(PersonChange)))) == 1
