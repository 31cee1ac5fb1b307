"""How much, how many, and where nobody gets to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from tests.integration.gateway.rig import SESSION, Answer, Request, Rig, UpstreamConnection, grant, ok, running, until

PATH = "/api/enrollment/things"
MIB = 1024 * 1024


async def test_body_over_the_limit_is_413_before_anything_is_read(rig: Rig) -> None:
    client = await rig.client()
    await client.send(
        b"POST /api/enrollment/things HTTP/1.1\r\nHost: hall.test\r\nExpect: 100-continue\r\n"
        b"Content-Length: 1048577\r\n\r\n"
    )

    answer = await client.answer()  # not 100

    assert (answer.status, answer.json()["code"]) == (413, "payload_too_large")
    assert rig.service.requests == []


async def test_413_arrives_even_while_the_client_goes_on_sending(rig: Rig) -> None:
    client = await rig.client()
    await client.send(b"POST /api/enrollment/things HTTP/1.1\r\nHost: hall.test\r\nContent-Length: 3000000\r\n\r\n")
    for _ in range(30):
        await client.send(b"x" * 100_000)

    answer = await client.answer()

    assert answer.status == 413
    assert await client.closed()


async def test_chunked_body_over_the_limit_is_413(rig: Rig) -> None:
    client = await rig.client()
    await client.send(b"POST /api/enrollment/things HTTP/1.1\r\nHost: hall.test\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(20):
        await client.send(b"10000\r\n" + b"x" * 65_536 + b"\r\n")

    assert (await client.answer()).status == 413
    await until(lambda: rig.gateway.proxy.under_way == 0)
    assert all(len(request.body) <= MIB for request in rig.service.requests)


async def test_body_at_the_limit_passes(rig: Rig) -> None:
    assert (await rig.ask("POST", PATH, body=b"x" * MIB)).status == 200
    assert len(rig.service.requests[0].body) == MIB


async def test_uploads_may_be_larger(rig: Rig) -> None:
    body = bytes(range(256)) * (4 * MIB // 256)
    assert (await rig.ask("POST", "/api/enrollment/batches/uploads", body=body)).status == 200
    assert rig.service.requests[0].body == body
    assert (await rig.ask("POST", "/api/enrollment/uploads", "Content-Length: 20971521")).status == 413


async def test_headers_over_the_limit_are_431(rig: Rig) -> None:
    assert (await rig.ask("GET", PATH, "X-Long: " + "a" * 40_000)).status == 431
    assert (await rig.ask("GET", PATH, *(f"X-{number}: 1" for number in range(120)))).status == 431
    client = await rig.client()
    await client.send(b"GET /api/enrollment/things HTTP/1.1\r\nHost: hall.test\r\n")
    for _ in range(8):
        await client.send(b"X-Piece: " + b"a" * 5_000)
        await client.send(b"a\r\n")
    assert (await client.answer()).json()["code"] == "headers_too_large"
    assert rig.service.requests == []


async def test_target_over_the_limit_is_414(rig: Rig) -> None:
    answer = await rig.ask("GET", PATH + "?q=" + "a" * 9_000)
    assert (answer.status, answer.json()["code"]) == (414, "uri_too_long")


async def test_requests_under_way_are_limited_for_each_client_and_in_total() -> None:
    go_on = asyncio.Event()

    async def behaviour(connection: UpstreamConnection, request: Request) -> None:
        await go_on.wait()
        await connection.say(ok())

    async with running(settings={"client_requests": 2, "total_requests": 3}) as rig:
        rig.service.behaviour = behaviour
        mine = [asyncio.create_task(rig.ask("GET", PATH, f"Cookie: {SESSION}")) for _ in range(2)]
        await until(lambda: rig.gateway.proxy.under_way == 2)

        over = await rig.ask("GET", PATH, f"Cookie: {SESSION}")
        other = asyncio.create_task(rig.ask("GET", PATH))
        await until(lambda: rig.gateway.proxy.under_way == 3)
        full = await rig.ask("GET", PATH, "X-API-Key: hk_good")

        assert (over.status, over.json()["code"], over.values("retry-after")) == (429, "too_many_requests", ["1"])
        assert (full.status, full.json()["code"]) == (503, "overloaded")
        go_on.set()
        assert {(await task).status for task in (*mine, other)} == {200}
        assert (await rig.ask("GET", PATH, f"Cookie: {SESSION}")).status == 200


@asynccontextmanager
async def held(rig: Rig) -> AsyncIterator[Callable[..., Awaitable[None]]]:
    """A service that answers nobody until the end; gives what sends a request and waits until it is under way."""
    go_on = asyncio.Event()
    tasks: list[asyncio.Task[Answer]] = []

    async def behaviour(connection: UpstreamConnection, request: Request) -> None:
        await go_on.wait()
        await connection.say(ok())

    async def hold(*headers: str) -> None:
        tasks.append(asyncio.create_task(rig.ask("GET", PATH, *headers)))
        await until(lambda: len(rig.service.requests) == len(tasks))

    rig.service.behaviour = behaviour
    yield hold
    go_on.set()
    assert {(await task).status for task in tasks} <= {200, 401}


async def test_made_up_cookies_count_to_the_address_they_come_from() -> None:
    async with running(settings={"client_requests": 3}) as rig, held(rig) as hold:
        await hold()
        await hold("Cookie: __Host-hall_session=made-up-1")
        await hold("Cookie: __Host-hall_session=made-up-2")
        for headers in (("Cookie: __Host-hall_session=made-up-3",), ("X-API-Key: hk_made_up",), ()):
            answer = await rig.ask("GET", PATH, *headers)
            assert (answer.status, answer.json()["code"]) == (429, "too_many_requests")


async def test_whoever_is_known_is_counted_for_themselves_wherever_they_are() -> None:
    async with running(settings={"client_requests": 2}) as rig, held(rig) as hold:
        rig.identity.known["second-session-012345"] = grant(session="session-2")
        rig.identity.known["somebody-elses-01234"] = grant(account="account-2", session="session-3")
        second, others = (f"Cookie: __Host-hall_session={value}" for value in list(rig.identity.known)[-2:])
        await hold(f"Cookie: {SESSION}")
        await hold(second)  # the same account's
        for cookie in (f"Cookie: {SESSION}", second):
            assert (await rig.ask("GET", PATH, cookie)).status == 429
        await hold(others)
        await hold("X-API-Key: hk_good")
        await hold()  # and none of them for the address they all come from
        await hold()
        assert (await rig.ask("GET", PATH)).status == 429


async def test_an_account_at_its_limit_is_told_so_when_its_session_is_not_known_yet() -> None:
    async with running(settings={"client_requests": 1}) as rig, held(rig) as hold:
        rig.identity.known["second-session-012345"] = grant(session="session-2")
        await hold(f"Cookie: {SESSION}")
        assert (await rig.ask("GET", PATH, "Cookie: __Host-hall_session=second-session-012345")).status == 429
        await hold()  # which is no longer counted for the address
    assert rig.gateway.proxy.under_way == 0


async def test_addresses_behind_a_trusted_proxy_are_told_apart() -> None:
    settings = {"client_requests": 1, "trusted_proxies": ("127.0.0.0/8",)}
    async with running(settings=settings) as rig, held(rig) as hold:
        await hold("X-Forwarded-For: 203.0.113.7")
        await hold("X-Forwarded-For: 203.0.113.8")
        await hold("X-Forwarded-For: 2001:db8:1:2::1")
        await hold("X-Forwarded-For: 2001:db8:1:3::1")
        for taken in ("1.2.3.4, 203.0.113.7", "::ffff:203.0.113.8", "2001:db8:1:2:ffff::2"):
            assert (await rig.ask("GET", PATH, f"X-Forwarded-For: {taken}")).status == 429, taken


async def test_without_trusted_proxies_an_address_is_not_to_be_made_up() -> None:
    async with running(settings={"client_requests": 1}) as rig, held(rig) as hold:
        await hold("X-Forwarded-For: 203.0.113.7")
        assert (await rig.ask("GET", PATH, "X-Forwarded-For: 203.0.113.8")).status == 429


OUT_OF_REACH = [
    "/internal/token-swaps",
    "//internal/token-swaps",
    "/%69nternal/token-swaps",
    "/INTERNAL/token-swaps",
    "/api/identity/../../internal/token-swaps",
    "/api/identity/%2e%2e/%2e%2e/internal/token-swaps",
    "/api/identity/.%2e/..%2finternal/token-swaps",
    "/api/identity/..%5c..%5cinternal/token-swaps",
    "/api/identity/%252e%252e/internal/token-swaps",
    "/api/identity//internal/token-swaps",
    "/api/identity/./internal/token-swaps",
    "/api/identity/internal/token-swaps",
    "/api/identity/%69nternal/token-swaps",
    "/api/identity/Internal/token-swaps",
    "/api/../internal/token-swaps",
    "/api//internal/token-swaps",
    "/api/internal/token-swaps",
    "/api/identity\\..\\internal/token-swaps",
    "/api/identity/%00/internal",
    "/api/identity/..;/internal/token-swaps",
    "/api/identity/%c0%ae%c0%ae/internal/x",
    "/api/identity%2finternal/token-swaps",
    "/api/%69dentity/internal/x",
    "/api/nobody/things",
    "/api/",
    "/api/identity/%",
    "/api/identity/%zz",
    "/openapi.json",
    "/metrics",
    "/api/enrollment/%0d%0aX-Evil:1",
]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_internal_paths_are_out_of_reach(rig: Rig, method: str) -> None:
    reached = []
    for target in OUT_OF_REACH:
        answer = await rig.ask(method, target, body=b"{}" if method == "POST" else None)
        if answer.status not in (400, 404) or answer.json()["code"] not in ("bad_path", "not_found", "bad_request"):
            reached.append(target)
    assert reached == []
    assert rig.identity.requests == rig.service.requests == []


async def test_odd_query_is_only_a_query(rig: Rig) -> None:
    await rig.ask("GET", "/api/enrollment?/../internal")
    assert rig.service.requests[0].line == "GET /api/enrollment?/../internal HTTP/1.1"


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "M-SEARCH"])
async def test_methods_nobody_needs_are_refused(rig: Rig, method: str) -> None:
    assert (await rig.ask(method, PATH)).status in (400, 405)
    assert rig.service.requests == []


async def test_answers_of_the_api_carry_the_security_headers(rig: Rig) -> None:
    rig.service.answers(
        ok(b"{}", "X-Frame-Options: ALLOWALL", "Server: uvicorn", "X-Powered-By: x", "X-Content-Type-Options: none"),
        ok(b"{}", "Cache-Control: public, max-age=60"),
        b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: 4\r\n\r\n%PDF",
    )
    plain, cached, pdf = [await rig.ask("GET", PATH) for _ in range(3)]

    assert plain.values("x-content-type-options") == ["nosniff"]
    assert plain.values("content-security-policy") == ["default-src 'none'; frame-ancestors 'none'"]
    assert plain.values("cache-control") == ["no-store"]
    assert plain.values("server") == plain.values("x-powered-by") == plain.values("x-frame-options") == []
    assert len(plain.values("date")) == 1
    assert plain.values("strict-transport-security") == []
    assert cached.values("cache-control") == ["public, max-age=60"]
    assert pdf.values("content-security-policy") == ["frame-ancestors 'self'"]


async def test_production_always_says_hsts() -> None:
    settings = {
        "profile": "production", "broker_url": "amqp://hall:Xk29vmQpLw77@mq/", "public_url": "https://hall.test",
        "gateway_secret": "gateway-test-secret-0123456789",
    }  # fmt: skip
    async with running(settings=settings) as rig:
        assert (await rig.ask("GET", PATH)).values("strict-transport-security")
        assert (await rig.ask("GET", "/nowhere")).values("strict-transport-security")


async def test_an_api_key_asks_as_often_as_identity_gives() -> None:
    async with running() as rig:
        rig.identity.known["hk_good"] = {**grant(account="chief", session="key-1"), "requests_per_minute": 99}
        rig.identity.portions["key-1"] = [(2, 0), (1, 0), (0, 17)]
        asked = [await rig.ask("POST", PATH, "X-API-Key: hk_good", body=b"{}") for _ in range(5)]
        assert [answer.status for answer in asked] == [200, 200, 200, 429, 429]
        assert [answer.values("retry-after") for answer in asked[3:]] == [["17"], ["17"]]
        assert rig.identity.portions["key-1"] == []
        assert len(rig.service.requests) == 3


async def test_while_identity_counts_for_nobody_a_gateway_counts_for_itself() -> None:
    async with running() as rig:
        rig.identity.known["hk_good"] = {**grant(account="chief", session="key-1"), "requests_per_minute": 2}
        rig.identity.known["hk_other"] = {**grant(account="chief", session="key-2"), "requests_per_minute": 2}
        asked = [await rig.ask("POST", PATH, "X-API-Key: hk_good", body=b"{}") for _ in range(3)]

        assert [answer.status for answer in asked] == [200, 200, 429]
        assert asked[2].json()["code"] == "api_key_too_fast"
        assert asked[2].values("retry-after") == ["30"]
        assert len(rig.service.requests) == 2
        assert (await rig.ask("GET", PATH, "X-API-Key: hk_other")).status == 200  # each key for itself
        assert (await rig.ask("GET", PATH, f"Cookie: {SESSION}")).status == 200
        await until(lambda: len(rig.log) == 5)
        assert rig.log[2]["problem"] == "api_key_too_fast"
        assert "hk_good" not in str(rig.log)


async def test_a_key_that_is_worth_nothing_has_no_rate() -> None:
    async with running() as rig:
        answers = [await rig.ask("GET", PATH, "X-API-Key: hk_bad") for _ in range(5)]
        assert [answer.status for answer in answers] == [200] * 5  # a route that needs nobody
