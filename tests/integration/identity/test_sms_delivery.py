"""How text messages leave: the demo's inbox, the provider's HTTP API, a provider that is away, production."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import text

from identity.service import SERVICE
from identity.settings import IdentitySettings
from identity.sms.sender import HttpSender, InboxSender, forget_old, open_sender, send_waiting
from servicekit.db.tx import Scope, begin
from servicekit.runtime import Runtime
from tests.integration.identity.entrance import MINUTE, MOBILE, Visitor, identity_service, last_code, sms_code
from tests.support.databases import TestDatabases
from tests.support.harness import PERSON_LINK_KEY, ServiceHarness

URL = "https://sms.provider.test/messages"


@asynccontextmanager
async def _provider(hall: ServiceHarness, answer: Callable[[httpx.Request], httpx.Response]) -> AsyncIterator[None]:
    """The service hands its messages to this provider instead of the demo's inbox."""
    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(transport=transport, headers={"Authorization": "Bearer provider-token"}) as client:
        hall.runtime.resources["sms"] = HttpSender(client, URL)
        yield


async def _ask(hall: ServiceHarness, mobile: str = MOBILE) -> None:
    await Visitor(hall).post("/registrations/sms-codes", {"mobile": mobile, "purpose": "registration"}, 202)


async def _rows(hall: ServiceHarness) -> int:
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        return int(await tx.scalar(text("SELECT count(*) FROM sms_messages")) or 0)


async def test_the_inbox_keeps_a_message_for_a_day(hall: ServiceHarness) -> None:
    await sms_code(hall)
    await send_waiting(hall.runtime)
    assert await last_code(hall)
    hall.clock.advance(timedelta(hours=24, seconds=1))
    await forget_old(hall.runtime)
    assert await _rows(hall) == 0


async def test_the_provider_gets_each_message_once_and_nothing_of_it_stays(hall: ServiceHarness) -> None:
    seen: list[Mapping[str, Any]] = []

    def take(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer provider-token"
        seen.append(json.loads(request.content))
        return httpx.Response(200)

    await _ask(hall)
    async with _provider(hall, take):
        await send_waiting(hall.runtime)
        await send_waiting(hall.runtime)
    (message,) = seen
    assert set(message) == {"id", "mobile", "text"}
    assert message["mobile"] == MOBILE
    assert "验证码" in message["text"]
    assert await _rows(hall) == 0


async def test_a_provider_that_is_away_delays_a_message_under_the_same_id(hall: ServiceHarness) -> None:
    seen: list[str] = []
    answers = iter([httpx.Response(503), None, httpx.Response(200)])

    def take(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content)["id"])
        answer = next(answers)
        if answer is None:
            raise httpx.ConnectError("away", request=request)
        return answer

    await _ask(hall)
    async with _provider(hall, take):
        for _ in range(4):
            await send_waiting(hall.runtime)
    assert len(seen) == 3
    assert len(set(seen)) == 1


async def test_a_code_that_has_expired_is_no_longer_sent(hall: ServiceHarness) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise AssertionError("nothing should be sent")

    await _ask(hall)
    hall.clock.advance(5 * MINUTE)
    async with _provider(hall, refuse):
        await send_waiting(hall.runtime)


async def test_which_sender(hall: ServiceHarness) -> None:
    settings = hall.runtime.settings
    assert isinstance(settings, IdentitySettings)
    async with open_sender(settings) as sender:
        assert isinstance(sender, InboxSender)
    with_provider = settings.model_copy(update={"sms_url": URL, "sms_token": SecretStr("t")})
    async with open_sender(with_provider) as sender:
        assert isinstance(sender, HttpSender)


async def test_in_production_there_is_no_inbox(databases: TestDatabases) -> None:
    async with identity_service(databases) as hall:
        await sms_code(hall)
        production = hall.runtime.settings.model_copy(update={"profile": "production"})
        runtime: Runtime = replace(hall.runtime, settings=production)
        hall.app.state.runtime = runtime
        answer = await Visitor(hall).send("POST", "/demo/sms-inbox", {"mobile": MOBILE})
        unknown = await Visitor(hall).send("POST", "/demo/no-such-thing", {"mobile": MOBILE})
        assert answer.status_code == unknown.status_code == 404
        assert {**answer.json(), "trace_id": ""} == {**unknown.json(), "trace_id": ""}


def _values(hall: ServiceHarness, **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "profile": "production",
        "database_url": "postgresql+asyncpg://identity_app:Vb7tKq9ZxW2mLr4c@db/identity",
        "broker_url": "amqp://identity:Vb7tKq9ZxW2mLr4c@mq/",
        "token_signing_key": hall.runtime.settings.model_dump()["token_signing_key"],
        "gateway_secret": "x7Qm2Vt9Lw4Kz8Rb5Nc3",
        "reporting_secret": "p3Hd6Yf1Sj0Ga9Ue7Wk2",
        "personal_keys": hall.runtime.settings.personal_keys,
        "personal_key_id": "k1",
        "blind_index_key": hall.runtime.settings.blind_index_key,
        "person_link_key": PERSON_LINK_KEY,
        "sms_url": URL,
        "sms_token": "m4Xc8Zv2Bn6Lk1Jh5Gf9",
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


async def test_production_needs_a_provider(hall: ServiceHarness) -> None:
    settings = SERVICE.settings
    assert settings(**_values(hall)).profile == "production"
    for missing in ("sms_url", "sms_token"):
        with pytest.raises(ValidationError, match="sms_url and sms_token are needed"):
            settings(**_values(hall, **{missing: None}))


async def test_an_unreadable_signing_key_stops_the_start_without_showing_it(hall: ServiceHarness) -> None:
    with pytest.raises(ValidationError) as refused:
        SERVICE.settings(**_values(hall, token_signing_key="not-a-key-but-secret"))
    assert "not-a-key-but-secret" not in str(refused.value)


@pytest.mark.parametrize("status", [400, 404, 422])
async def test_a_number_the_provider_refuses_does_not_hold_up_the_others(hall: ServiceHarness, status: int) -> None:
    seen: list[str] = []

    def take(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content)["mobile"])
        return httpx.Response(status if seen[-1] == "13805740002" else 200)

    for mobile in (MOBILE, "13805740002", "13805740003"):
        await _ask(hall, mobile)
    async with _provider(hall, take):
        await send_waiting(hall.runtime)
        await send_waiting(hall.runtime)
    assert seen == [MOBILE, "13805740002", "13805740003"]  # once each: it would be refused again
    assert await _rows(hall) == 0


@pytest.mark.parametrize("status", [401, 403, 408, 429, 500])
async def test_a_provider_that_takes_nothing_at_present_is_away(hall: ServiceHarness, status: int) -> None:
    seen: list[str] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content)["mobile"])
        return httpx.Response(status)

    for mobile in (MOBILE, "13805740002"):
        await _ask(hall, mobile)
    async with _provider(hall, refuse):
        await send_waiting(hall.runtime)
    assert seen == [MOBILE]
    assert await _rows(hall) == 2
