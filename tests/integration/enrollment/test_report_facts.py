"""What reporting reads page by page: the unit's own only, masked unless asked for in full, and always on record."""

from typing import Any

import httpx
import pytest

from servicekit.auth.tokens import INTERNAL_AUDIENCE
from servicekit.ids import uuid7
from tests.integration.enrollment.desk import SCHOOL, UNIT, addition, audited, insured, person_id_of, submitted
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id


async def read(
    hall: ServiceHarness, path: str, unit: str = UNIT, perms: tuple[str, ...] = ("query",), **body: Any
) -> httpx.Response:
    """A page under a delegated token."""
    headers = hall.tokens.headers(
        kind="agent", employer_no=unit, perms=perms, via="delegation", audience=INTERNAL_AUDIENCE
    )
    return await hall.client.post(f"/internal/{path}", json=body, headers=headers)


async def test_the_roster_in_pages(hall: ServiceHarness) -> None:
    numbers = [resident_id() for _ in range(3)]
    for number in numbers:
        await insured(hall, addition(number))
    seen: list[Any] = []
    after = None
    for _ in range(2):
        page = (await read(hall, "roster-pages", limit_rows=2, **({"after": after} if after else {}))).json()
        seen += page["items"]
        after = page["next"]
    assert after is None
    assert {row["id_number"] for row in seen} == {f"{number[:6]}********{number[14:]}" for number in numbers}
    assert (seen[0]["status_name"], seen[0]["insurances"][0]) == ("正常参保", "职工基本医疗保险")
    full = (await read(hall, "roster-pages", id_number=numbers[0], full_numbers=True)).json()["items"]
    assert [row["id_number"] for row in full] == [numbers[0]]
    assert (await read(hall, "roster-pages", SCHOOL)).json() == {"items": [], "next": None}
    assert (await audited(hall, UNIT)).count("roster.read") == 3


async def test_applications_in_pages(hall: ServiceHarness) -> None:
    number = resident_id()
    application = await submitted(hall, addition(number))
    await submitted(hall, addition(resident_id()))
    first = (await read(hall, "application-pages", state="pending", page_size=1)).json()
    second = (await read(hall, "application-pages", state="pending", page_size=1, after=first["next"])).json()
    assert second["next"] is None
    (row,) = second["items"]
    assert (row["no"], row["kind"], row["subject"]) == (application["no"], "addition", application["person_name"])
    assert row["id_number"] == application["id_number_masked"]
    full = await read(hall, "application-pages", state="pending", no=application["no"], full_numbers=True)
    assert full.json()["items"][0]["id_number"] == number
    assert (await read(hall, "application-pages", SCHOOL, state="pending")).json()["items"] == []


async def test_names_of_people_of_the_unit_only(hall: ServiceHarness) -> None:
    number = resident_id()
    await insured(hall, addition(number))
    person_id = await person_id_of(hall, number)
    people = [person_id, str(uuid7())]
    assert (await read(hall, "people-names", person_ids=people)).json() == {
        "items": [{"person_id": person_id, "name": "沈嘉禾", "id_number": f"{number[:6]}********{number[14:]}"}]
    }
    (named,) = (await read(hall, "people-names", person_ids=people, full_numbers=True)).json()["items"]
    assert named["id_number"] == number
    assert (await read(hall, "people-names", SCHOOL, person_ids=people)).json() == {"items": []}


@pytest.mark.parametrize("path", ["roster-pages", "application-pages", "people-names"])
async def test_the_door_is_for_delegations(hall: ServiceHarness, path: str) -> None:
    body = (
        {"state": "pending"}
        if path == "application-pages"
        else {"person_ids": [str(uuid7())]}
        if "names" in path
        else {}
    )
    assert (await read(hall, path, perms=("declare",), **body)).status_code == 403
    assert (await read(hall, path, perms=("print",), **body)).status_code == 200
    clerk = await hall.client.post(f"/internal/{path}", json=body, headers=hall.clerk(UNIT))
    assert clerk.status_code == 401
