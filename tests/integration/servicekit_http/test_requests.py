"""Requests against a real database: whose rows they see, and what they answer when the database refuses."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from servicekit.auth import INTERNAL_AUDIENCE
from servicekit.db.tx import Scope, begin
from tests.integration.servicekit_http.probe import PROBE
from tests.support.databases import TestDatabases
from tests.support.harness import ServiceHarness, service_harness

UNIT, OTHER_UNIT = "330200000000000101", "330200000000000102"


@pytest.fixture
async def two_things(hall: ServiceHarness) -> None:
    for unit, name in ((UNIT, "ours"), (OTHER_UNIT, "theirs")):
        body = {"name": name, "number": "330203199003071232"}
        assert (await hall.client.post("/api/probe/things", json=body, headers=hall.clerk(unit))).status_code == 201


@pytest.mark.usefixtures("two_things")
class TestRowsSeen:
    """Row level security by the principal of the token, without any filter in the query."""

    @pytest.mark.parametrize(
        ("claims", "path", "seen"),
        [
            ({"employer_no": UNIT}, "things", ["ours"]),
            ({"employer_no": OTHER_UNIT}, "things", ["theirs"]),
            ({"employer_no": "330200000000000999"}, "things", []),
            ({"kind": "reviewer"}, "things", ["ours", "theirs"]),
            ({"kind": "operator"}, "things", ["ours", "theirs"]),
            ({"kind": "person"}, "things", []),
            ({"kind": "agent"}, "mine", []),
        ],
    )
    async def test_by_principal(self, hall: ServiceHarness, claims: dict[str, Any], path: str, seen: list[str]) -> None:
        answer = await hall.client.get(f"/api/probe/{path}", headers=hall.tokens.headers(**claims))
        assert answer.json() == seen

    async def test_delegates_see_their_units_rows_and_only_inside(self, hall: ServiceHarness) -> None:
        headers = hall.tokens.headers(employer_no=UNIT, audience=INTERNAL_AUDIENCE, via="delegation")
        assert (await hall.client.get("/internal/things", headers=headers)).json() == ["ours"]
        assert (await hall.client.get("/api/probe/things", headers=headers)).status_code == 401
        ordinary = hall.tokens.headers(employer_no=UNIT)
        assert (await hall.client.get("/internal/things", headers=ordinary)).status_code == 401

    async def test_connections_keep_nothing_of_the_last_request(self, hall: ServiceHarness) -> None:
        for _ in range(30):
            units = (UNIT, OTHER_UNIT)
            asked = (hall.client.get("/api/probe/things", headers=hall.tokens.headers(employer_no=u)) for u in units)
            assert [answer.json() for answer in await asyncio.gather(*asked)] == [["ours"], ["theirs"]]


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize("path", ["unstorable/NUL", f"unstorable/x?number={2**63}", f"unstorable/x?number=-{10**40}"])
async def test_what_only_the_database_refuses_is_still_the_askers_fault(hall: ServiceHarness, path: str) -> None:
    answer = await hall.client.get(f"/api/probe/{path}", headers=hall.tokens.headers(kind="reviewer"))
    assert code(answer) == (422, "unstorable_value")


async def test_a_lock_that_is_not_to_be_had(hall: ServiceHarness) -> None:
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await tx.execute(text("LOCK TABLE things IN ACCESS SHARE MODE"))
        answer = await hall.client.get("/api/probe/locked", headers=hall.tokens.headers(kind="reviewer"))
    assert code(answer) == (503, "try_again")
    assert answer.headers["retry-after"] == "2"


@pytest.mark.parametrize("path", ["slow", "cut-off"])
async def test_a_statement_that_is_cut_off(hall: ServiceHarness, path: str) -> None:
    headers = hall.tokens.headers(kind="reviewer")
    assert code(await hall.client.get(f"/api/probe/{path}", headers=headers)) == (503, "try_again")
    assert (await hall.client.get("/api/probe/things", headers=headers)).status_code == 200


async def test_a_database_that_is_away(databases: TestDatabases) -> None:
    nobody = "postgresql+asyncpg://probe_app:x@127.0.0.1:1/probe"
    async with service_harness(PROBE, databases, settings={"database_url": nobody}) as hall:
        answer = await hall.client.get("/api/probe/things", headers=hall.tokens.headers(kind="reviewer"))
        assert code(answer) == (503, "try_again")
        assert (await hall.client.get("/livez")).status_code == 200
        assert (await hall.client.get("/readyz")).json()["checks"]["database"] == "away"
