"""The dependencies by which routes say who may call them."""

from collections.abc import AsyncIterator
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute

from servicekit import auth, edge
from servicekit.auth import INTERNAL_AUDIENCE, public
from servicekit.clock import FixedClock
from tests.support.tokens import TestKeys

UNIT, OTHER_UNIT = "330200000000000101", "330200000000000201"
router = APIRouter()


@router.api_route("/any", methods=["GET", "POST"])
async def any_principal(who: auth.AnyPrincipal) -> str:
    return type(who).__name__


@router.api_route("/account", methods=["GET", "POST"])
async def account(who: auth.SignedInAccount) -> str:
    return type(who).__name__


@router.api_route("/clerk", methods=["GET", "POST"])
async def clerk(who: auth.AnyClerk) -> str:
    return who.employer_no


@router.post("/declare")
async def declare(who: auth.DeclaringClerk) -> str:
    return who.employer_no


@router.post("/maintain")
async def maintain(who: auth.MaintainingClerk) -> str:
    return who.employer_no


@router.get("/query")
async def query(who: auth.QueryingClerk) -> str:
    return who.employer_no


@router.post("/print")
async def print_(who: auth.PrintingClerk) -> str:
    return who.employer_no


@router.get("/review")
async def review(who: auth.ReviewingStaff) -> str:
    return who.kind


@router.get("/operate")
async def operate(who: auth.OperatingStaff) -> str:
    return who.kind


@router.get("/self")
async def person(who: auth.SignedInPerson) -> str:
    return who.kind


@router.get("/mine")
async def insured(who: auth.RecognisedPerson) -> str:
    return str(who.person_id)


@router.get("/internal-mine")
async def internal_of_person(who: auth.InternalPersonReader) -> str:
    return str(who.person_id)


@router.get("/appoint")
@router.post("/appoint")
async def representative(clerk: auth.RepresentingClerk) -> str:
    return clerk.employer_no


@router.get("/appointed")
async def agent(who: auth.SignedInAgent) -> str:
    return who.kind


@router.get("/internal")
async def internal(who: auth.InternalReader) -> str:
    return who.employer_no


@router.get("/open", openapi_extra=public("for the test"))
async def open_(request: Request) -> str:
    return "open"


@router.get("/forgotten")
async def forgotten() -> str:
    return "forgotten"


@pytest.fixture
def issuer() -> TestKeys:
    return TestKeys(clock=FixedClock.on(date(2026, 3, 10)))


@pytest.fixture
async def client(issuer: TestKeys) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.runtime = SimpleNamespace(keys=issuer.keys, clock=issuer.clock)
    edge.install(app, "probe")
    app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hall.test") as opened:
        yield opened


async def ask(client: httpx.AsyncClient, method: str, path: str, headers: dict[str, str]) -> tuple[int, Any]:
    answer = await client.request(method, path, headers=headers)
    body = answer.json()
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert body["status"] == answer.status_code
        return answer.status_code, body["code"]
    return 200, body


CLERK: dict[str, Any] = {"kind": "agent", "employer_no": UNIT}
NO_UNIT: dict[str, Any] = {"kind": "legal_representative"}
CHIEF: dict[str, Any] = {"kind": "legal_representative", "employer_no": UNIT}
LOST: dict[str, Any] = {"kind": "agent", "lost_unit": UNIT}
REVIEWER: dict[str, Any] = {"kind": "reviewer"}
OPERATOR: dict[str, Any] = {"kind": "operator"}
PERSON: dict[str, Any] = {"kind": "person"}
DELEGATE: dict[str, Any] = {**CLERK, "audience": INTERNAL_AUDIENCE, "via": "delegation"}
INSURED: dict[str, Any] = {**PERSON, "person_id": UUID("019cd6a0-0000-7000-8000-000000000001")}
FOR_PERSON: dict[str, Any] = {**INSURED, "audience": INTERNAL_AUDIENCE, "via": "delegation"}
FORBIDDEN = (403, "forbidden")
UNKNOWN = (401, "unauthenticated")

MATRIX: list[tuple[str, str, dict[str, Any], tuple[int, str]]] = [
    ("GET", "/any", CLERK, (200, "Clerk")),
    ("GET", "/any", REVIEWER, (200, "Reviewer")),
    ("GET", "/any", PERSON, (200, "PersonPrincipal")),
    ("GET", "/any", NO_UNIT, (403, "unit_not_chosen")),
    ("GET", "/any", DELEGATE, UNKNOWN),
    ("GET", "/account", NO_UNIT, (200, "AccountHolder")),
    ("GET", "/account", CLERK, (200, "Clerk")),
    ("GET", "/account", DELEGATE, UNKNOWN),
    ("GET", "/clerk", CLERK, (200, UNIT)),
    ("GET", "/clerk", NO_UNIT, (403, "unit_not_chosen")),
    ("GET", "/clerk", REVIEWER, FORBIDDEN),
    ("GET", "/clerk", OPERATOR, FORBIDDEN),
    ("GET", "/clerk", PERSON, FORBIDDEN),
    ("GET", "/clerk", DELEGATE, UNKNOWN),
    ("POST", "/declare", CLERK, (200, UNIT)),
    ("POST", "/declare", {**CLERK, "perms": ["query", "print", "maintain"]}, (403, "permission_missing")),
    ("POST", "/maintain", {**CLERK, "perms": ["maintain"]}, (200, UNIT)),
    ("POST", "/maintain", {**CLERK, "perms": ["declare"]}, (403, "permission_missing")),
    ("GET", "/query", {**CLERK, "perms": ["query"]}, (200, UNIT)),
    ("GET", "/query", {**CLERK, "perms": []}, (403, "permission_missing")),
    ("POST", "/print", {**CLERK, "perms": ["print"]}, (200, UNIT)),
    ("POST", "/print", {**CLERK, "perms": ["query"]}, (403, "permission_missing")),
    ("GET", "/review", REVIEWER, (200, "reviewer")),
    ("GET", "/review", OPERATOR, FORBIDDEN),
    ("GET", "/review", CLERK, FORBIDDEN),
    ("GET", "/operate", OPERATOR, (200, "operator")),
    ("GET", "/operate", REVIEWER, FORBIDDEN),
    ("GET", "/operate", DELEGATE, UNKNOWN),
    ("GET", "/self", PERSON, (200, "person")),
    ("GET", "/self", CLERK, FORBIDDEN),
    ("GET", "/self", INSURED, (200, "person")),
    ("GET", "/self", FOR_PERSON, UNKNOWN),
    ("GET", "/mine", INSURED, (200, str(INSURED["person_id"]))),
    ("GET", "/mine", PERSON, (403, "person_not_recognised")),
    ("GET", "/mine", CLERK, FORBIDDEN),
    ("GET", "/mine", REVIEWER, FORBIDDEN),
    ("GET", "/mine", NO_UNIT, FORBIDDEN),
    ("GET", "/mine", DELEGATE, UNKNOWN),
    ("GET", "/mine", FOR_PERSON, UNKNOWN),
    ("GET", "/internal-mine", FOR_PERSON, (200, str(INSURED["person_id"]))),
    ("GET", "/internal-mine", DELEGATE, UNKNOWN),
    ("GET", "/internal-mine", INSURED, UNKNOWN),
    ("GET", "/internal-mine", CLERK, UNKNOWN),
    ("GET", "/internal", FOR_PERSON, UNKNOWN),
    ("GET", "/any", FOR_PERSON, UNKNOWN),
    ("GET", "/appoint", CHIEF, (200, UNIT)),
    ("GET", "/appoint", CLERK, (403, "representative_only")),
    ("GET", "/appoint", NO_UNIT, (403, "unit_not_chosen")),
    ("GET", "/appoint", {**CHIEF, "via": "api_key"}, (403, "sign_in_needed")),
    ("GET", "/appoint", OPERATOR, FORBIDDEN),
    ("GET", "/appoint", {**CHIEF, "audience": INTERNAL_AUDIENCE, "via": "delegation"}, UNKNOWN),
    ("GET", "/appointed", CLERK, (200, "agent")),
    ("GET", "/appointed", {"kind": "agent"}, (200, "agent")),
    ("GET", "/appointed", LOST, (200, "agent")),
    ("GET", "/appointed", CHIEF, (403, "agents_only")),
    ("GET", "/appointed", PERSON, (403, "agents_only")),
    ("GET", "/appointed", {**CLERK, "via": "api_key"}, (403, "sign_in_needed")),
    ("GET", "/appointed", DELEGATE, UNKNOWN),
    ("GET", "/clerk", LOST, (403, "mandate_ended")),
    ("GET", "/any", LOST, (403, "mandate_ended")),
    ("GET", "/account", LOST, (200, "AccountHolder")),
    ("GET", "/internal", {**DELEGATE, "perms": ["print"]}, (200, UNIT)),
    ("GET", "/internal", {**DELEGATE, "perms": ["query"]}, (200, UNIT)),
    ("GET", "/internal", {**DELEGATE, "perms": ["declare"]}, (403, "permission_missing")),
    ("GET", "/internal", CLERK, UNKNOWN),
    ("GET", "/internal", REVIEWER, UNKNOWN),
]


@pytest.mark.parametrize(("method", "path", "claims", "expected"), MATRIX)
async def test_who_may(
    client: httpx.AsyncClient,
    issuer: TestKeys,
    method: str,
    path: str,
    claims: dict[str, Any],
    expected: tuple[int, str],
) -> None:
    assert await ask(client, method, path, issuer.headers(**claims)) == expected


@pytest.mark.parametrize("path", ["/any", "/account", "/clerk", "/query", "/review", "/operate", "/self", "/internal"])
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer x.y.z", "bearer x"])
async def test_without_a_token_of_worth(client: httpx.AsyncClient, path: str, header: str | None) -> None:
    answer = await client.get(path, headers={} if header is None else {"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"
    assert answer.headers["www-authenticate"] == "Bearer"


class TestShownUnit:
    """X-Hall-Unit: the unit that the tab shows."""

    @pytest.mark.parametrize("method", ["GET", "POST"])
    @pytest.mark.parametrize("path", ["/clerk", "/any"])
    async def test_another_one(self, client: httpx.AsyncClient, issuer: TestKeys, method: str, path: str) -> None:
        headers = issuer.headers(**CLERK, unit=OTHER_UNIT)
        assert await ask(client, method, path, headers) == (409, "unit_mismatch")

    async def test_missing_matters_when_something_is_changed(self, client: httpx.AsyncClient, issuer: TestKeys) -> None:
        headers = issuer.headers(**CLERK, unit="")
        assert await ask(client, "POST", "/clerk", headers) == (428, "unit_required")
        assert await ask(client, "POST", "/any", headers) == (428, "unit_required")
        assert await ask(client, "GET", "/clerk", headers) == (200, UNIT)

    async def test_systems_have_no_tabs(self, client: httpx.AsyncClient, issuer: TestKeys) -> None:
        assert await ask(client, "POST", "/clerk", issuer.headers(**CLERK, via="api_key", unit="")) == (200, UNIT)

    async def test_it_never_decides_the_unit(self, client: httpx.AsyncClient, issuer: TestKeys) -> None:
        headers = issuer.headers(**CLERK, via="api_key", unit=OTHER_UNIT)
        assert await ask(client, "GET", "/query", headers) == (200, UNIT)

    async def test_staff_have_none(self, client: httpx.AsyncClient, issuer: TestKeys) -> None:
        assert await ask(client, "POST", "/any", issuer.headers(**REVIEWER)) == (200, "Reviewer")

    async def test_the_permission_counts_even_in_the_right_tab(
        self, client: httpx.AsyncClient, issuer: TestKeys
    ) -> None:
        answer = await client.post("/declare", headers=issuer.headers(**CLERK, perms=["query"]))
        assert "申报" in answer.json()["detail"]


async def test_an_open_route_answers_anybody(client: httpx.AsyncClient) -> None:
    assert await ask(client, "GET", "/open", {}) == (200, "open")


def test_structure_tests_can_tell_guarded_public_and_forgotten_routes() -> None:
    routes = {route.path: route for route in router.routes if isinstance(route, APIRoute)}
    unguarded = {path for path, route in routes.items() if not auth.is_guarded(route)}
    assert unguarded == {"/open", "/forgotten"}
    assert auth.public_reason(routes["/open"]) == "for the test"
    assert auth.public_reason(routes["/forgotten"]) is None
    assert auth.public_reason(routes["/clerk"]) is None
