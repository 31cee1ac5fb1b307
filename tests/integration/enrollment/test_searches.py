"""Look-ups: code tables, applications, the roster, a person before they are declared."""

from typing import Any

import pytest
from sqlalchemy import update

from enrollment.dictionaries.models import DictionaryEntry, DictionaryVersion
from tests.integration.enrollment.desk import (
    API,
    OTHER_UNIT,
    UNIT,
    addition,
    audited,
    decide,
    insured,
    seen_by_all,
    submit,
    submitted,
    withdraw,
)
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id


async def test_dictionaries_with_etag(hall: ServiceHarness) -> None:
    answer = await hall.client.get(f"{API}/dictionaries")
    tables = answer.json()["tables"]

    assert answer.status_code == 200
    assert answer.headers["etag"] == '"v2"'
    assert len(tables) == 18
    assert len(tables["nationalities"]) == 57
    assert tables["insurance_types"][0] == {"code": "310", "name": "职工基本医疗保险"}
    assert all(tables.values())
    again = await hall.client.get(f"{API}/dictionaries", headers={"If-None-Match": 'W/"v2"'})
    assert (again.status_code, again.content) == (304, b"")

    async with seen_by_all(hall) as tx:
        await tx.execute(update(DictionaryEntry).where(DictionaryEntry.code == "97").values(retired=True))
        await tx.execute(update(DictionaryVersion).values(version=3))
    newer = await hall.client.get(f"{API}/dictionaries", headers={"If-None-Match": '"v2"'})
    assert newer.status_code == 200
    assert len(newer.json()["tables"]["nationalities"]) == 56
    assert (await submit(hall, addition(person_nationality="97"))).status_code == 422


async def _search(hall: ServiceHarness, path: str, unit: str = UNIT, **wanted: Any) -> list[str]:
    answer = await hall.client.post(f"{API}/{path}/searches", json=wanted, headers=hall.clerk(unit))
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    return [item["no"] if path == "applications" else item["name"] for item in items]


async def test_applications_by_every_condition(hall: ServiceHarness) -> None:
    number = resident_id()
    wang = (await submitted(hall, addition(number, person_name="王小明")))["no"]
    li = (await submitted(hall, addition(person_name="李明华")))["no"]
    gone = (await submitted(hall, addition(person_name="王五一")))["no"]
    await withdraw(hall, gone)

    async def pending(**wanted: Any) -> set[str]:
        return set(await _search(hall, "applications", state="pending", **wanted))

    assert await pending() == {wang, li}
    assert await pending(id_number=f" {number[:6]} {number[6:].lower()}") == {wang}
    assert await pending(name="小明") == {wang}
    assert await pending(name="明") == {wang, li}
    assert await pending(name="%") == set()
    assert await pending(name="甬江") == {wang, li}  # the unit's own name, as the manual's 姓名/单位名称 says
    assert await pending(name="", id_number="", no="") == {wang, li}
    assert await pending(no=wang.replace("-", "")) == {wang}
    assert await pending(kind="removal") == set()
    assert await pending(from_date="2026-03-10", to_date="2026-03-10") == {wang, li}
    assert await pending(to_date="2026-03-09") == set()
    assert await pending(from_date="2026-03-11") == set()
    assert await _search(hall, "applications", state="decided") == [gone]
    assert await _search(hall, "applications", state="decided", status="approved") == []
    page = await hall.client.post(
        f"{API}/applications/searches",
        json={"state": "pending", "page": 2, "page_size": 1},
        headers=hall.clerk(UNIT),
    )
    assert page.json()["total"] == 2
    assert [item["no"] for item in page.json()["items"]] == [wang]  # newest first


async def test_the_review_queue(hall: ServiceHarness) -> None:
    first = (await submitted(hall, addition()))["no"]
    second = (await submitted(hall, addition(), unit=OTHER_UNIT))["no"]

    async def queue(**wanted: Any) -> list[str]:
        answer = await hall.client.post(f"{API}/reviews/searches", json=wanted, headers=hall.staff())
        return [item["no"] for item in answer.json()["items"]]

    assert await queue(state="pending") == [first, second]  # oldest first
    assert await queue(state="pending", employer="甬江") == [first]
    await decide(hall, first)
    assert await queue(state="pending") == [second]
    assert await queue(state="decided") == [first]


async def test_roster_by_name_number_and_status(hall: ServiceHarness) -> None:
    number = resident_id()
    for person, name in ((number, "欧阳明月"), (None, "买买提·艾力"), (None, "JOHN O'NEIL"), (None, "明欧")):
        await insured(hall, addition(person, person_name=name))

    async def roster(**wanted: Any) -> set[str]:
        return set(await _search(hall, "roster", **wanted))

    assert await roster() == {"欧阳明月", "买买提·艾力", "JOHN O'NEIL", "明欧"}
    assert await roster(name="阳明") == {"欧阳明月"}
    assert await roster(name="明") == {"欧阳明月", "明欧"}
    assert await roster(name="欧明") == set()
    assert await roster(name="提•艾") == {"买买提·艾力"}
    assert await roster(name="john o") == {"JOHN O'NEIL"}
    assert await roster(name="%_") == set()
    assert await roster(id_number=number) == {"欧阳明月"}
    assert await roster(id_number=resident_id()) == set()
    assert await roster(status="1") == await roster()
    assert await roster(status="2") == set()


@pytest.mark.parametrize(
    ("number", "pointer"),
    [("330203199003071233", "/id_number"), ("12", "/id_number"), ("810000199001010019", "/id_type")],
)
async def test_lookup_of_a_wrong_number(hall: ServiceHarness, number: str, pointer: str) -> None:
    answer = await hall.client.post(
        f"{API}/people/lookups", json={"id_type": "01", "id_number": number}, headers=hall.clerk(UNIT)
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_lookup_tells_in_advance_what_will_happen(hall: ServiceHarness) -> None:
    form = addition()
    number = form["person"]["id_number"]

    async def look_up(unit: str) -> dict[str, Any]:
        answer = await hall.client.post(
            f"{API}/people/lookups", json={"id_type": "01", "id_number": number}, headers=hall.clerk(unit)
        )
        assert answer.status_code == 200, answer.text
        assert number not in answer.text
        return dict(answer.json())

    nobody = await look_up(UNIT)
    assert (nobody["present"], nobody["may_declare"], nobody["suggested_reason"]) == ("none", True, "01")
    assert nobody["birth_date"] == form["person"]["birth_date"]
    application = await submitted(hall, form)
    assert (await look_up(UNIT))["may_declare"] is False
    assert (await look_up(OTHER_UNIT))["may_declare"] is True
    await decide(hall, application["no"])
    assert (await look_up(UNIT))["present"] == "this_unit"
    assert (await look_up(OTHER_UNIT))["present"] == "other_unit"
    assert (await look_up(OTHER_UNIT))["may_declare"] is False
    async with seen_by_all(hall) as tx:
        from sqlalchemy import select

        from enrollment.people.models import Person

        person_id = (await tx.execute(select(Person.id))).scalar_one()
    assert (await audited(hall, str(person_id))).count("person.looked_up") == 5
