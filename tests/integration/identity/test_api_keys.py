"""API keys: issued once, worth a token while they live, gone at once when revoked; a key gets nowhere near keys."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from contracts.identity import ApiKeyRevoked
from servicekit.auth.tokens import Claims, verify
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from tests.integration.identity.appointing import agent, audit_of, grant, representative, signed_in_again
from tests.integration.identity.entrance import (
    API,
    GATEWAY_SECRET,
    SECOND_UNIT,
    UNIT,
    Visitor,
    announced,
    changed,
    deliver,
    faults,
    swap,
    whole_database,
)
from tests.support.harness import ServiceHarness

FORM: dict[str, Any] = {"name": "人事系统", "permissions": ["declare", "query"], "expires_on": "2026-12-31"}


async def _claims(hall: ServiceHarness, key: str) -> Claims:
    answer = await swap(hall, "", api_key=key)
    assert answer.status_code == 200, answer.text
    return await verify(answer.json()["token"], hall.runtime.keys, now=hall.clock.now())


async def _with_key(hall: ServiceHarness, key: str, method: str, path: str, body: Any = None) -> httpx.Response:
    """A request as the gateway would pass it on: no unit, no cookie."""
    token = (await swap(hall, "", api_key=key)).json()["token"]
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid7()), "If-Match": '"v1"'}
    return await hall.client.request(method, f"{API}{path}", json=body, headers=headers)


async def test_a_key_is_shown_once_and_kept_as_a_digest(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    once = {"Idempotency-Key": str(uuid7())}
    answer = await chief.send("POST", "/api-keys", FORM, **once)
    issued = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    key = issued["key"]
    assert key.startswith(issued["shown_part"])
    assert (issued["state"], issued["requests_per_minute"], issued["last_used_at"]) == ("active", 120, None)
    assert issued["expires_at"] == "2026-12-31T16:00:00Z"  # the end of that day in Asia/Shanghai
    assert key not in await whole_database(hall)
    again = await chief.send("POST", "/api-keys", FORM, **once)
    assert (again.status_code, again.json()) == (201, {**issued, "key": None})
    (listed,) = (await chief.get("/api-keys"))["items"]
    assert {**listed, "key": key} == issued
    action, facts = (await audit_of(hall, UNIT))[-1]
    assert (action, facts["name"], facts["permissions"]) == ("api_key.issued", "人事系统", ["declare", "query"])


async def test_what_a_key_is_worth(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    issued = await chief.post("/api-keys", {**FORM, "requests_per_minute": 30}, 201)
    answer = await swap(hall, "", api_key=issued["key"])
    body = answer.json()
    owner = (await chief.claims()).account_id
    assert (body["session_id"], body["account_id"], body["employer_no"], body["requests_per_minute"]) == (
        issued["id"],
        str(owner),
        UNIT,
        30,
    )
    claims = await _claims(hall, issued["key"])
    assert (claims.via, claims.kind, claims.account_id) == ("api_key", "legal_representative", owner)
    assert (claims.employer_no, claims.permissions) == (UNIT, frozenset({"declare", "query"}))
    assert claims.step_up_until is None


async def _portion(hall: ServiceHarness, key_id: str, secret: str = GATEWAY_SECRET) -> httpx.Response:
    """A gateway's question how many requests of a key it may let through."""
    headers = {"Authorization": f"Bearer {secret}"}
    return await hall.client.post("/internal/key-portions", json={"key_id": key_id}, headers=headers)


async def test_all_gateways_together_get_what_the_key_may(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    issued = await chief.post("/api-keys", {**FORM, "requests_per_minute": 60}, 201)
    answers = [answer.json() for answer in await asyncio.gather(*(_portion(hall, issued["id"]) for _ in range(30)))]
    assert sum(answer["requests"] for answer in answers) == 60
    assert [answer for answer in answers if not answer["requests"]] == [{"requests": 0, "retry_after": 1}] * 10
    hall.clock.advance(timedelta(seconds=2))
    assert (await _portion(hall, issued["id"])).json() == {"requests": 2, "retry_after": 0}
    assert (await _portion(hall, issued["id"], secret="not the gateway's")).status_code == 401
    assert (await _portion(hall, str(uuid7()))).status_code == 401
    await chief.send("DELETE", f"/api-keys/{issued['id']}")
    assert (await _portion(hall, issued["id"])).status_code == 401


async def test_last_use_is_written_at_most_once_a_minute(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    issued = await chief.post("/api-keys", FORM, 201)

    async def last_used() -> Any:
        return (await chief.get("/api-keys"))["items"][0]["last_used_at"]

    for seconds, expected in ((0, "02:00:00"), (59, "02:00:00"), (1, "02:01:00")):
        hall.clock.advance(timedelta(seconds=seconds))
        await _claims(hall, issued["key"])
        assert (await last_used())[11:19] == expected


async def test_revoked_is_gone_at_once(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    issued = await chief.post("/api-keys", FORM, 201)
    other = await signed_in_again(hall, raised=False)  # whoever has to be quick isn't asked for a password
    answers = await asyncio.gather(*(each.send("DELETE", f"/api-keys/{issued['id']}") for each in (chief, other)))
    assert {answer.status_code for answer in answers} == {204}
    refused = await swap(hall, "", api_key=issued["key"])
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_api_key")
    (news,) = await announced(hall, ApiKeyRevoked)
    assert (str(news.key_id), news.employer_no) == (issued["id"], UNIT)
    (listed,) = (await chief.get("/api-keys"))["items"]
    assert listed["state"] == "revoked"
    assert [action for action, _ in await audit_of(hall, UNIT)] == ["api_key.issued", "api_key.revoked"]
    await chief.post("/api-keys", FORM, 201)  # its name is free again


async def test_expired_at_the_end_of_its_day(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    issued = await chief.post("/api-keys", {**FORM, "expires_on": "2026-03-10"}, 201)
    hall.clock.advance(timedelta(hours=14) - timedelta(seconds=20))  # 23:59:40
    answer = await swap(hall, "", api_key=issued["key"])
    assert answer.json()["expires_in"] <= 20
    hall.clock.advance(timedelta(seconds=20))
    assert (await swap(hall, "", api_key=issued["key"])).status_code == 401
    chief = await signed_in_again(hall)
    assert (await chief.get("/api-keys"))["items"][0]["state"] == "expired"


async def test_a_key_ends_with_its_issuers_authority(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    key = (await chief.post("/api-keys", FORM, 201))["key"]
    for version, facts, status in (
        (2, {"status": "closed"}, 401),
        (3, {}, 200),
        (4, {"uscc": "12330200419500123Q"}, 401),  # the unit belongs to another employer now
        (5, {}, 200),
    ):
        await deliver(hall, changed(UNIT, version=version, **facts))
        assert (await swap(hall, "", api_key=key)).status_code == status, facts
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await tx.execute(text("UPDATE accounts SET closed_at = now() WHERE username = 'yongjiang'"))
    assert (await swap(hall, "", api_key=key)).status_code == 401


@pytest.mark.parametrize("key", ["", "hk_", "hk_" + "x" * 43, "hk_密钥", "x" * 5000, "' OR 1=1"])
async def test_what_is_no_key(hall: ServiceHarness, key: str) -> None:
    refused = await swap(hall, "", api_key=key)
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_api_key")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"permissions": []}, {"/permissions": "permissions_missing"}),
        ({"expires_on": "2026-03-09"}, {"/expires_on": "expiry_past"}),
        ({"expires_on": "2028-03-11"}, {"/expires_on": "expiry_far"}),
    ],
)
async def test_bad_forms(hall: ServiceHarness, change: dict[str, Any], expected: dict[str, str]) -> None:
    chief = await representative(hall)
    refused = await chief.send("POST", "/api-keys", {**FORM, **change})
    assert (refused.status_code, faults(refused)) == (422, expected)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "  "},
        {"name": "很" * 51},
        {"requests_per_minute": 0},
        {"requests_per_minute": 6001},
        {"requests_per_minute": "many"},
        {"expires_on": "soon"},
        {"expires_on": "0001-01-01T00:00:00"},
        {"expires_on": None},
        {"permissions": ["everything"]},
        {"employer_no": SECOND_UNIT},
    ],
)
async def test_malformed_forms(hall: ServiceHarness, change: dict[str, Any]) -> None:
    chief = await representative(hall)
    assert (await chief.send("POST", "/api-keys", {**FORM, **change})).status_code == 422
    assert (await chief.get("/api-keys"))["total"] == 0


async def test_the_last_day_there_is(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    for day in ("9999-12-31", "0001-01-01"):
        assert (await chief.send("POST", "/api-keys", {**FORM, "expires_on": day})).status_code == 422


async def test_names_and_numbers_are_limited(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    windows = [chief, await signed_in_again(hall), await signed_in_again(hall)]
    answers = await asyncio.gather(*(window.send("POST", "/api-keys", FORM) for window in windows))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    refused = await chief.send("POST", "/api-keys", FORM)
    assert (refused.status_code, faults(refused)) == (409, {"/name": "key_name_taken"})
    for number in range(19):
        await chief.post("/api-keys", {**FORM, "name": f"密钥{number}"}, 201)
    refused = await chief.send("POST", "/api-keys", {**FORM, "name": "一个太多"})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_keys")
    (first, *_) = (await chief.get("/api-keys"))["items"]
    await chief.send("DELETE", f"/api-keys/{first['id']}")
    await chief.post("/api-keys", {**FORM, "name": "又一个"}, 201)


async def test_issuing_wants_the_password_once_more(hall: ServiceHarness) -> None:
    chief = await representative(hall, raised=False)
    refused = await chief.send("POST", "/api-keys", FORM)
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")


async def test_only_the_legal_representative_and_only_of_this_unit(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    issued = await chief.post("/api-keys", FORM, 201)
    account_id, clerk = await agent(hall)
    await grant(hall, account_id, UNIT, "declare", "maintain", "query", "print")
    await clerk.choose(UNIT)
    for method, path in (("GET", "/api-keys"), ("POST", "/api-keys"), ("DELETE", f"/api-keys/{issued['id']}")):
        refused = await clerk.send(method, path, FORM if method == "POST" else None)
        assert (refused.status_code, refused.json()["code"]) == (403, "representative_only")
    await chief.choose(SECOND_UNIT)
    assert (await chief.get("/api-keys"))["total"] == 0
    assert (await chief.send("DELETE", f"/api-keys/{issued['id']}")).status_code == 404
    assert (await _claims(hall, issued["key"])).employer_no == UNIT


async def test_a_key_decides_nothing_about_who_comes_in(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    issued = await chief.post("/api-keys", {**FORM, "permissions": ["declare", "maintain", "query", "print"]}, 201)
    for method, path, body in (
        ("GET", "/api-keys", None),
        ("POST", "/api-keys", {**FORM, "name": "自我繁殖"}),
        ("DELETE", f"/api-keys/{issued['id']}", None),
        ("GET", "/mandates", None),
        ("PUT", f"/mandates/{uuid7()}", {"permissions": ["query"]}),
        ("DELETE", f"/mandates/{uuid7()}", None),
        ("POST", "/invitations", {"username": "jingban77", "permissions": ["query"]}),
        ("GET", "/invitations/mine", None),
        ("DELETE", f"/mandates/mine/{uuid7()}", None),
    ):
        refused = await _with_key(hall, issued["key"], method, path, body)
        assert (refused.status_code, refused.json()["code"]) == (403, "sign_in_needed"), path
    for method, path, body in (
        ("GET", "/sessions/current", None),
        ("DELETE", "/sessions/current", None),
        ("POST", "/sessions/current/unit", {"employer_no": SECOND_UNIT}),
        ("POST", "/sessions/current/step-up", {"password": "Qiantang-Chao-2026-xin"}),
        ("GET", "/units", None),
    ):
        refused = await _with_key(hall, issued["key"], method, path, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_a_session"), path
    assert (await _claims(hall, issued["key"])).permissions == frozenset({"declare", "maintain", "query", "print"})


async def test_a_key_does_not_end_with_the_session_that_issued_it(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    key = (await chief.post("/api-keys", FORM, 201))["key"]
    await chief.send("DELETE", "/sessions/current")
    assert (await _claims(hall, key)).employer_no == UNIT
    assert (await Visitor(hall, cookie=key).swap()).status_code == 401  # nor is it a cookie
