"""Every route × everybody who must not use it. What the routes of the services say is compared with `routes.ROUTES`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, get_args

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from servicekit.auth import INTERNAL_AUDIENCE
from servicekit.db.tx import Scope
from servicekit.ids import uuid7
from tests.contract.guesses import operations
from tests.safety.filled import OTHER_UNIT, UNIT, Filled, of_person
from tests.safety.routes import CLERKS, PERMISSIONS, PERSONS, Access, Route, routes_of, worded

pytestmark = pytest.mark.asyncio(loop_scope="module")
_ALL: frozenset[Access] = frozenset(get_args(Access))


@dataclass(frozen=True)
class Intruder:
    """Somebody with a token that doesn't fit, and what they are told."""

    name: str
    headers: Mapping[str, str]
    status: int
    not_at: frozenset[Access] = field(default=frozenset())
    """Where they may come in."""


def _intruders(service: Filled) -> Iterator[Intruder]:
    tokens, anything = service.hall.tokens, frozenset[Access]({"public"})
    inside = frozenset[Access]({"public", "secret", "delegate", "person_delegate"})

    def told(name: str, status: int, not_at: frozenset[Access], **claims: Any) -> Intruder:
        return Intruder(name, tokens.headers(stepped_up=True, **claims), status, not_at)

    yield Intruder("anonymous", {}, 401, anything)
    forged = tokens.forged({}, key=Ed25519PrivateKey.generate())
    yield Intruder("a token signed with another key", {"Authorization": f"Bearer {forged}"}, 401, anything)
    unsigned = tokens.forged({}, key="", algorithm="none")
    yield Intruder("an unsigned token", {"Authorization": f"Bearer {unsigned}"}, 401, anything)
    yield told("an old token", 401, anything, employer_no=UNIT, age=timedelta(minutes=10))
    yield Intruder("another scheme", {"Authorization": "Basic amluZ2JhbjAxOng="}, 401, anything)
    yield told("a reviewer", 403, inside | {"account", "reviewer"}, kind="reviewer")
    yield told("an operator", 403, inside | {"account", "operator"}, kind="operator")
    person = frozenset[Access]({"account", "person"})
    yield told("a person", 403, inside | person, kind="person")
    yield told("a recognised person", 403, inside | person | {"insured"}, **service.another_insured)
    theirs = frozenset[Access]({"public", "person_delegate"})
    yield told("a person's delegate", 401, theirs, **service.another_insured, audience=INTERNAL_AUDIENCE)
    yield told("a clerk without a unit", 403, inside | {"account", "agent"}, kind="agent")
    for permission in PERMISSIONS:
        held = frozenset[Access]({permission})
        yield told(
            f"a clerk who may only {permission}",
            403,
            inside | held | {"account", "agent", "clerk"},
            employer_no=UNIT,
            perms=(permission,),
        )
    appointing = frozenset[Access]({"representative"})
    yield told("an agent with every permission", 403, _ALL - appointing, employer_no=UNIT)
    chief: dict[str, Any] = {"kind": "legal_representative", "employer_no": UNIT}
    yield told("an API key with every permission", 403, _ALL - appointing - {"agent"}, via="api_key", **chief)
    yield told("a delegate", 401, frozenset({"public", "delegate"}), employer_no=UNIT, audience=INTERNAL_AUDIENCE)
    yield told(
        "a delegate who may neither query nor print",
        403,
        _ALL - {"delegate"},
        employer_no=UNIT,
        audience=INTERNAL_AUDIENCE,
        perms=("declare",),
    )
    for kind in ("legal_representative", "reviewer", "operator", "person"):
        claims = {"employer_no": UNIT} if kind == "legal_representative" else {}
        elsewhere = _ALL - {"delegate", "person_delegate", "secret"}
        yield told(f"{kind} on internal routes", 401, elsewhere, kind=kind, **claims)


def _headers(service: Filled, claims: Mapping[str, Any], **more: Any) -> dict[str, str]:
    """Of a session raised a moment ago (step-up): that alone must open nothing."""
    return service.hall.tokens.headers(stepped_up=True, **claims, **more)


async def _send(service: Filled, route: Route, headers: Mapping[str, str]) -> httpx.Response:
    sent = {"Idempotency-Key": str(uuid7()), "If-Match": '"v1"', **headers}
    return await service.hall.client.request(
        route.method,
        worded(route.path, service.words_of(route.access)),
        params=worded(route.query, service.words_of(route.access)),
        headers=sent,
        **_body(service, route),
    )


def _body(service: Filled, route: Route) -> dict[str, Any]:
    body = worded(route.body, service.words_of(route.access))
    return {"data": body, "files": {"file": (route.file, service.files[route.file])}} if route.file else {"json": body}


def _leaks(service: Filled, route: Route, answer: httpx.Response) -> list[str]:
    """UNIT's data in an answer, but for what the request itself named."""
    named = str(worded([route.path, route.query, route.body], service.words_of(route.access)))
    told = f"{answer.headers} {answer.text}"
    return [mark for mark in sorted(service.marks) if mark in told and mark not in named]


async def test_the_table_of_routes_is_complete(service: Filled) -> None:
    name = service.hall.runtime.service.name
    exist = {f"{each.method.upper()} {each.path}" for each in operations(service.hall.app.openapi())}
    exist -= {"GET /livez", "GET /readyz"}
    assert exist == {str(route) for route in routes_of(name)}


async def test_nobody_comes_in_where_they_must_not(service: Filled) -> None:
    faults = []
    for route in routes_of(service.hall.runtime.service.name):
        for intruder in _intruders(service):
            if route.access in intruder.not_at:
                continue
            answer = await _send(service, route, intruder.headers)
            if answer.status_code != intruder.status:
                faults.append(f"{route}, {intruder.name}: {answer.status_code} {answer.text[:200]}")
            elif answer.headers["content-type"] != "application/problem+json" or "set-cookie" in answer.headers:
                faults.append(f"{route}, {intruder.name}: {answer.headers}")
            elif leaks := _leaks(service, route, answer):
                faults.append(f"{route}, {intruder.name}: told {leaks}")
    assert faults == [], "\n".join(faults)


async def test_another_employers_clerk_gets_nothing_of_a_unit(service: Filled) -> None:
    faults = []
    for route in routes_of(service.hall.runtime.service.name):
        if route.access not in CLERKS | {"delegate", "account", "public"} or route.method == "DELETE":
            continue
        inside = {"audience": INTERNAL_AUDIENCE, "via": "delegation"} if route.access == "delegate" else {}
        answer = await _send(service, route, _headers(service, service.outsider, **inside))
        if answer.status_code >= 500 or (answer.status_code == 401 and route.access != "public"):
            faults.append(f"{route}: {answer.status_code} {answer.text[:300]}")
        if route.names_something and route.access != "public" and answer.status_code != 404:
            faults.append(f"{route}: {answer.status_code}, not 404: {answer.text[:300]}")
        if route.access != "public" and (leaks := _leaks(service, route, answer)):
            faults.append(f"{route}: told {leaks}: {answer.text[:300]}")
    assert faults == [], "\n".join(faults)


async def test_another_person_gets_nothing_of_a_person(service: Filled) -> None:
    faults = []
    for route in routes_of(service.hall.runtime.service.name):
        if route.access not in PERSONS:
            continue
        answer = await _send(service, route, _headers(service, of_person(route.access, service.another_insured)))
        if answer.status_code >= 500 or answer.status_code in (401, 403):
            faults.append(f"{route}: {answer.status_code} {answer.text[:300]}")
        if route.names_something and answer.status_code != 404:
            faults.append(f"{route}: {answer.status_code}, not 404: {answer.text[:300]}")
        if leaks := _leaks(service, route, answer):
            faults.append(f"{route}: told {leaks}: {answer.text[:300]}")
    assert faults == [], "\n".join(faults)


async def test_row_level_security_alone_keeps_people_apart(service: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    """The use cases ask for one person's rows; the database knows that it is another one, or nobody known."""
    mine = [route for route in routes_of(service.hall.runtime.service.name) if route.access in PERSONS]
    another = service.another_insured
    for person_id in (another["person_id"], None):
        scope = Scope("person", None, another["account_id"], person_id)
        monkeypatch.setattr(Scope, "of", classmethod(lambda cls, principal, scope=scope: scope))
        for route in mine:
            if route.method == "POST":
                continue  # accepts work for whoever asks, and tells nothing
            answer = await _send(service, route, _headers(service, of_person(route.access, service.insured)))
            assert _leaks(service, route, answer) == [], (str(route), answer.text[:300])
            assert not (route.names_something and answer.status_code < 400), (str(route), answer.text[:300])


async def test_the_person_themself_gets_their_data(service: Filled) -> None:
    """Otherwise the tests above would prove nothing."""
    mine = [route for route in routes_of(service.hall.runtime.service.name) if route.access in PERSONS]
    seen = 0
    for route in mine:
        answer = await _send(service, route, _headers(service, of_person(route.access, service.insured)))
        assert answer.status_code < 300, (str(route), answer.text)
        seen += any(mark in answer.text for mark in service.marks)
    assert seen >= {"identity": 0, "enrollment": 2, "employer": 2, "reporting": 3}[service.hall.runtime.service.name]


async def test_a_tab_that_shows_another_unit_changes_and_reads_nothing(service: Filled) -> None:
    for route in routes_of(service.hall.runtime.service.name):
        if route.access not in CLERKS:
            continue
        answer = await _send(service, route, _headers(service, service.inside(route.access), unit=OTHER_UNIT))
        assert (answer.status_code, answer.json()["code"]) == (409, "unit_mismatch"), route
        if route.method != "GET":
            answer = await _send(service, route, _headers(service, service.inside(route.access), unit=""))
            assert (answer.status_code, answer.json()["code"]) == (428, "unit_required"), route


async def test_row_level_security_alone_keeps_the_units_apart(service: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    """The repositories ask for UNIT's rows, as if their conditions were wrong; the database knows it is OTHER_UNIT."""
    scope = Scope.unit(OTHER_UNIT, service.outsider.get("account_id", uuid7()))
    monkeypatch.setattr(Scope, "of", classmethod(lambda cls, principal: scope))
    faults = []
    for route in routes_of(service.hall.runtime.service.name):
        if route.access not in CLERKS | {"delegate", "account", "agent"} or route.method == "DELETE":
            continue
        inside = {"audience": INTERNAL_AUDIENCE, "via": "delegation"} if route.access == "delegate" else {}
        answer = await _send(service, route, _headers(service, service.inside(route.access), **inside))
        if leaks := _leaks(service, route, answer):
            faults.append(f"{route}: told {leaks}: {answer.text[:300]}")
        if route.names_something and answer.status_code < 400:
            faults.append(f"{route}: {answer.status_code} {answer.text[:300]}")
    assert faults == [], "\n".join(faults)


async def test_the_unit_itself_gets_its_data(service: Filled) -> None:
    """Otherwise the tests above would prove nothing."""
    seen = 0
    for route in routes_of(service.hall.runtime.service.name):
        if route.access not in CLERKS | {"delegate", "account", "agent"} or route.once:
            continue
        inside = {"audience": INTERNAL_AUDIENCE, "via": "delegation"} if route.access == "delegate" else {}
        answer = await _send(service, route, _headers(service, service.inside(route.access), **inside))
        assert answer.status_code < 300, (str(route), answer.text)
        seen += any(mark in answer.text for mark in service.marks)
    assert seen >= {"identity": 2, "enrollment": 4, "employer": 3, "reporting": 3}[service.hall.runtime.service.name]


async def test_what_needs_a_step_up_is_refused_without_one(service: Filled) -> None:
    for route in routes_of(service.hall.runtime.service.name):
        if not route.stepped_up:
            continue
        claims = service.inside(route.access) if route.access in CLERKS else {"kind": route.access}
        answer = await _send(service, route, service.hall.tokens.headers(**claims))
        assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required"), route
        assert _leaks(service, route, answer) == []
