"""Full identity and mobile numbers on demand: who gets them, what the log says, what never happens."""

from typing import Any

import pytest
from sqlalchemy import select

from servicekit import audit
from servicekit.db.tx import Scope, begin
from tests.integration.enrollment.desk import API, OTHER_UNIT, UNIT, addition, insured
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id


async def _on_the_roster(hall: ServiceHarness, number: str, mobile: str = "13877770001") -> str:
    await insured(hall, addition(number, person_mobile=mobile))
    found = await hall.client.post(f"{API}/roster/searches", json={"id_number": number}, headers=hall.clerk(UNIT))
    return str(found.json()["items"][0]["person_id"])


async def _reveals(hall: ServiceHarness, person_id: str) -> list[dict[str, Any]]:
    log = audit.AUDIT_LOG
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        rows = await tx.execute(
            select(log.c.actor_id, log.c.chain, log.c.facts)
            .where(log.c.subject == person_id, log.c.action == "person.revealed")
            .order_by(log.c.position)
        )
        return [dict(row) for row in rows.mappings()]


async def test_a_raised_session_sees_what_it_asks_for(hall: ServiceHarness) -> None:
    number = resident_id()
    person_id = await _on_the_roster(hall, number)
    clerk = hall.clerk(UNIT, stepped_up=True)

    async def ask(*fields: str) -> Any:
        answer = await hall.client.post(f"{API}/roster/{person_id}/disclosures", json={"fields": fields}, headers=clerk)
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        return answer.json()

    assert await ask("id_number") == {"id_number": number, "mobile": None}
    assert await ask("mobile", "mobile") == {"id_number": None, "mobile": "13877770001"}
    assert await ask("mobile", "id_number") == {"id_number": number, "mobile": "13877770001"}

    rows = await _reveals(hall, person_id)
    assert [row["facts"]["fields"] for row in rows] == [["id_number"], ["mobile"], ["id_number", "mobile"]]
    assert {row["chain"] for row in rows} == {UNIT}
    assert None not in {row["actor_id"] for row in rows}
    assert number not in str(rows)


async def test_not_without_a_step_up(hall: ServiceHarness) -> None:
    number = resident_id()
    person_id = await _on_the_roster(hall, number)
    path, body = f"{API}/roster/{person_id}/disclosures", {"fields": ["id_number"]}

    plain = await hall.client.post(path, json=body, headers=hall.clerk(UNIT))
    assert (plain.status_code, plain.json()["code"]) == (403, "step_up_required")
    key = hall.tokens.headers(employer_no=UNIT, via="api_key", stepped_up=True)
    by_key = await hall.client.post(path, json=body, headers=key)
    assert (by_key.status_code, by_key.json()["code"]) == (403, "step_up_impossible")
    assert await _reveals(hall, person_id) == []


async def test_another_units_clerk_finds_nobody(hall: ServiceHarness) -> None:
    person_id = await _on_the_roster(hall, resident_id())
    answer = await hall.client.post(
        f"{API}/roster/{person_id}/disclosures",
        json={"fields": ["id_number"]},
        headers=hall.clerk(OTHER_UNIT, stepped_up=True),
    )
    assert answer.status_code == 404
    assert await _reveals(hall, person_id) == []


@pytest.mark.parametrize("fields", [[], ["name"], ["id_number", "mobile", "mobile"], "id_number", None])
async def test_asking_for_something_else(hall: ServiceHarness, fields: Any) -> None:
    person_id = await _on_the_roster(hall, resident_id())
    answer = await hall.client.post(
        f"{API}/roster/{person_id}/disclosures", json={"fields": fields}, headers=hall.clerk(UNIT, stepped_up=True)
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith("/fields")
    assert await _reveals(hall, person_id) == []
