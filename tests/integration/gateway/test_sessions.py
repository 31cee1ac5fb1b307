"""Who is asking: cookie or key in, token out, and never longer than it is true."""

import asyncio
import json
from uuid import uuid4

import pytest

from contracts.base import Event
from contracts.identity import ApiKeyRevoked, MandateChanged, MandateGranted, MandateRemoved, SessionEnded
from gateway.sessions import News
from servicekit.bus.amqp import AmqpTransport
from servicekit.bus.bare import listening_transport
from servicekit.bus.protocol import Message
from servicekit.consumer import Consumers
from servicekit.outbox import envelope_of
from tests.integration.gateway.rig import OWN_PAGE, SESSION, Rig, grant, ok, running, until

PATH = "/api/enrollment/things"
COOKIE = f"Cookie: {SESSION}"
UNAUTHENTICATED = (
    b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/problem+json\r\nContent-Length: 26\r\n\r\n"
    b'{"code":"unauthenticated"}'
)


async def test_session_becomes_a_token_and_does_not_go_on(rig: Rig) -> None:
    answer = await rig.ask("GET", PATH, f"Cookie: theme=dark; {SESSION}; other=1")

    (request,) = rig.service.requests
    assert request.values("authorization") == ["Bearer token-of-account-1"]
    assert request.values("cookie") == ["theme=dark; other=1"]
    assert answer.values("cache-control") == ["no-store"]


@pytest.mark.parametrize("header", ["Authorization: Bearer hk_good", "X-API-Key: hk_good"])
async def test_api_key_becomes_a_token_and_does_not_go_on(rig: Rig, header: str) -> None:
    await rig.ask("POST", PATH, header, COOKIE, body=b"{}")

    (request,) = rig.service.requests
    assert request.values("authorization") == ["Bearer token-of-key-account"]
    assert request.values("x-api-key") == request.values("cookie") == []


async def test_claims_from_outside_are_stripped(rig: Rig) -> None:
    await rig.ask(
        "GET", PATH, "Authorization: Bearer eyJhbGciOiJFZERTQSJ9.forged.token", "X-Hall-Account: 1", "X-Hall-Unit: 330",
        "X_Hall_Account: 2", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.test",
        "Forwarded: for=6.6.6.6", "X-Real-IP: 6.6.6.6", "X-Original-URL: /internal/x", "TE: trailers",
        "Connection: keep-alive, X-Nominated", "X-Nominated: 1", "Keep-Alive: timeout=5", "Proxy-Authorization: x",
        "traceparent: not-a-trace", "X-Plain: stays",
    )  # fmt: skip

    (request,) = rig.service.requests
    names = {name.lower() for name, _ in request.headers}
    assert names == {
        "host", "x-hall-unit", "x-plain", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "traceparent",
    }  # fmt: skip
    assert request.values("x-forwarded-for") == ["127.0.0.1"]
    assert request.values("x-forwarded-proto") == ["http"]
    assert request.values("x-forwarded-host") == ["hall.test"]


async def test_trusted_proxy_is_believed_about_the_client() -> None:
    async with running(settings={"trusted_proxies": ("127.0.0.0/8", "10.0.0.0/8")}) as rig:
        answer = await rig.ask(
            "GET", PATH, "X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.1.1.1", "X-Forwarded-Proto: https"
        )

        (request,) = rig.service.requests
        assert request.values("x-forwarded-for") == ["203.0.113.9"]
        assert request.values("x-forwarded-proto") == ["https"]
        assert answer.values("strict-transport-security")


async def test_trace_goes_on_and_comes_back(rig: Rig) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = await rig.ask("GET", PATH, f"traceparent: 00-{trace}-b7ad6b7169203331-01")

    (sent,) = rig.service.requests[0].values("traceparent")
    assert sent.split("-")[1] == trace
    assert sent.split("-")[2] != "b7ad6b7169203331"
    assert answer.values("x-request-id") == [trace]


async def test_swap_is_cached(rig: Rig) -> None:
    for _ in range(3):
        await rig.ask("GET", PATH, COOKIE)
    assert rig.identity.swaps == 1


async def test_hundred_first_requests_of_a_session_swap_once(rig: Rig) -> None:
    rig.identity.gate.clear()
    asked = [asyncio.create_task(rig.ask("GET", PATH, COOKIE)) for _ in range(100)]
    await until(lambda: rig.gateway.proxy.under_way == 100)
    rig.identity.gate.set()

    assert {(await task).status for task in asked} == {200}
    assert rig.identity.swaps == 1


async def test_first_of_many_leaving_does_not_fail_the_others(rig: Rig) -> None:
    rig.identity.gate.clear()
    leaver = await rig.client()
    await leaver.send(f"GET {PATH} HTTP/1.1\r\nHost: hall.test\r\n{COOKIE}\r\n\r\n".encode())
    await until(lambda: rig.gateway.proxy.under_way == 1)
    stayer = asyncio.create_task(rig.ask("GET", PATH, COOKIE))
    await until(lambda: rig.gateway.proxy.under_way == 2)
    leaver.writer.transport.abort()
    await until(lambda: rig.gateway.proxy.under_way == 1)

    rig.identity.gate.set()

    assert (await stayer).status == 200
    assert rig.identity.swaps == 1


async def test_short_lived_token_is_not_cached(rig: Rig) -> None:
    rig.identity.known["good-session-0123456789"]["expires_in"] = 4
    await rig.ask("GET", PATH, COOKIE)
    await rig.ask("GET", PATH, COOKIE)
    assert rig.identity.swaps == 2


async def test_expired_session_is_401_in_chinese(rig: Rig) -> None:
    rig.service.answers(UNAUTHENTICATED)

    answer = await rig.ask("GET", PATH, "Cookie: __Host-hall_session=ended-session")

    assert (answer.status, answer.json()["code"]) == (401, "session_expired")
    assert "重新登录" in answer.json()["detail"]
    assert answer.json()["trace_id"] == answer.values("x-request-id")[0]
    assert answer.values("set-cookie") == []  # a late request with the old cookie must not take the new one away
    assert rig.service.requests[0].values("authorization") == []


async def test_expired_session_does_not_stand_in_the_way_of_public_routes(rig: Rig) -> None:
    assert (await rig.ask("GET", PATH, "Cookie: __Host-hall_session=ended-session")).status == 200


async def test_wrong_password_stays_a_wrong_password_with_an_old_cookie(rig: Rig) -> None:
    rig.service.answers(b'HTTP/1.1 401 Unauthorized\r\nContent-Length: 28\r\n\r\n{"code":"wrong_credentials"}')

    answer = await rig.ask("POST", PATH, OWN_PAGE, "Cookie: __Host-hall_session=ended-session", body=b"{}")

    assert (answer.status, answer.json()["code"]) == (401, "wrong_credentials")
    assert answer.values("set-cookie") == []


async def test_bad_api_key_says_so(rig: Rig) -> None:
    rig.service.answers(UNAUTHENTICATED)

    answer = await rig.ask("GET", PATH, "X-API-Key: hk_bad")

    assert (answer.status, answer.json()["code"]) == (401, "invalid_api_key")
    assert answer.values("set-cookie") == []


async def test_anonymous_401_passes_unchanged(rig: Rig) -> None:
    rig.service.answers(UNAUTHENTICATED)
    assert (await rig.ask("GET", PATH)).json() == {"code": "unauthenticated"}
    assert rig.identity.swaps == 0


async def test_identity_away_is_503_where_somebody_is_needed_and_nothing_elsewhere(rig: Rig) -> None:
    rig.identity.down = True
    assert (await rig.ask("GET", PATH, COOKIE)).status == 200
    rig.service.answers(UNAUTHENTICATED)

    answer = await rig.ask("GET", PATH, COOKIE)

    assert (answer.status, answer.json()["code"]) == (503, "identity_unavailable")
    assert answer.values("set-cookie") == []
    rig.identity.down = False
    rig.service.behaviour = rig.service.answer_ok
    await rig.ask("GET", PATH, COOKIE)
    assert rig.service.requests[-1].values("authorization") == ["Bearer token-of-account-1"]


async def test_token_that_a_service_refuses_is_swapped_anew(rig: Rig) -> None:
    rig.service.answers(UNAUTHENTICATED, ok())
    assert (await rig.ask("GET", PATH, COOKIE)).json() == {"code": "unauthenticated"}
    assert (await rig.ask("GET", PATH, COOKIE)).status == 200
    assert rig.identity.swaps == 2


async def test_new_session_cookie_ends_the_old_one_at_once(rig: Rig) -> None:
    rig.service.answers(ok(b"{}", "Set-Cookie: __Host-hall_session=next; Path=/; Secure"), UNAUTHENTICATED)
    await rig.ask("POST", PATH, COOKIE, OWN_PAGE, body=b"{}")
    rig.identity.known.clear()

    answer = await rig.ask("GET", PATH, COOKIE)

    assert answer.json()["code"] == "session_expired"


async def test_news_arriving_during_a_swap_keeps_its_result_out(rig: Rig) -> None:
    rig.identity.gate.clear()
    early = asyncio.create_task(rig.ask("GET", PATH, COOKIE))
    await until(lambda: rig.identity.swaps == 1)
    rig.gateway.swaps.hear(News(session_id="session-1"))
    rig.identity.known.clear()  # identity already knows; its answer to the first question was older

    rig.identity.gate.set()

    await early
    assert rig.service.requests[0].values("authorization") == []  # asked again, and the session had ended
    assert rig.identity.swaps == 2
    await rig.ask("GET", PATH, COOKIE)
    assert rig.service.requests[1].values("authorization") == []


@pytest.mark.broker
@pytest.mark.parametrize("what", ["session", "key", "granted", "changed", "removed"])
async def test_news_over_the_broker_ends_a_cached_session(broker_url: str, what: str) -> None:
    session, account, namespace = uuid4(), uuid4(), f"gw-{uuid4().hex[:8]}."
    unit = {"account_id": account, "employer_no": "330200000000000101"}
    mandate = {"mandate_id": uuid4(), **unit}
    events: dict[str, Event] = {
        "session": SessionEnded(session_id=session, account_id=account, reason="logout"),
        "key": ApiKeyRevoked(key_id=session, **unit),
        "granted": MandateGranted(permissions=("query",), **mandate),
        "changed": MandateChanged(permissions=("query",), **mandate),
        "removed": MandateRemoved(**mandate),
    }
    event = events[what]
    async with (
        AmqpTransport(broker_url, name="test", namespace=namespace) as publisher,
        listening_transport(broker_url, name="gateway", namespace=namespace) as listener,
        running(transport=listener) as rig,
    ):
        await publisher.declare(Consumers("identity"))
        rig.identity.known["good-session-0123456789"] = grant(account=str(account), session=str(session))
        async with asyncio.timeout(20):
            while rig.identity.swaps < 2 or not len(rig.gateway.swaps):  # nothing is cached before the link is up
                await rig.ask("GET", PATH, COOKIE)
        swaps = rig.identity.swaps
        await rig.ask("GET", PATH, COOKIE)
        assert rig.identity.swaps == swaps
        rig.identity.known.clear()
        rig.service.answers(UNAUTHENTICATED)

        await publisher.publish(message_of(event), mandatory=False)

        await until(lambda: len(rig.gateway.swaps) == 0)
        assert (await rig.ask("GET", PATH, COOKIE)).json()["code"] == "session_expired"


async def test_cross_site_requests_are_refused(rig: Rig) -> None:
    async def status(*headers: str, method: str = "POST", cookie: bool = True) -> int:
        sent = (COOKIE, *headers) if cookie else headers
        return (await rig.ask(method, PATH, *sent, body=b"{}")).status

    assert await status() == 403  # a browser always says one or the other
    assert await status("Sec-Fetch-Site: cross-site") == 403
    assert await status("Sec-Fetch-Site: same-site") == 403
    assert await status("Origin: https://evil.test") == 403
    assert await status("Origin: null") == 403
    assert await status("Sec-Fetch-Site: cross-site", "Origin: http://hall.test") == 403
    assert await status("Sec-Fetch-Site: cross-site", cookie=False) == 403  # logging somebody else in
    assert await status("Sec-Fetch-Site: cross-site", method="DELETE") == 403
    assert rig.service.requests == []
    assert await status("Sec-Fetch-Site: same-origin") == 200
    assert await status("Sec-Fetch-Site: none") == 200
    assert await status("Origin: http://hall.test") == 200
    assert await status(cookie=False) == 200
    assert await status("X-API-Key: hk_good", "Sec-Fetch-Site: cross-site") == 200
    assert (await rig.ask("GET", PATH, COOKIE, "Sec-Fetch-Site: cross-site")).status == 200  # a link from elsewhere


async def test_log_line_has_no_query_and_no_secret(rig: Rig) -> None:
    await rig.ask("GET", PATH + "?name=%E5%BC%A0%E4%B8%89", COOKIE)
    await until(lambda: len(rig.log) == 1)

    (line,) = rig.log
    assert line["path"] == PATH
    assert (line["status"], line["upstream"], line["account_id"]) == (200, "enrollment", "account-1")
    assert "good-session" not in json.dumps(line)


def message_of(event: Event) -> Message:
    """The event as the relay would publish it."""
    envelope = envelope_of(event, service="identity")
    return Message(str(envelope.id), envelope.type, envelope.model_dump_json().encode())
