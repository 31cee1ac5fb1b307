"""Slow, broken and missing parties: what the client is told, what is cleaned up, what is tried again."""

import asyncio
import socket
import time

import pytest

from gateway import server
from gateway.http_upstream import HttpUpstream, PoolLimits
from tests.integration.gateway.rig import OWN_PAGE, Request, Rig, UpstreamConnection, ok, running, until
from tests.support import waiting

PATH = "/api/enrollment/things"
GET = b"GET /api/enrollment/things HTTP/1.1\r\nHost: hall.test\r\n\r\n"
PIECE = b"x" * 65_536


def upload_head(length: int) -> bytes:
    """The head of an upload of so many bytes."""
    return b"POST /api/enrollment/uploads HTTP/1.1\r\nHost: hall.test\r\nContent-Length: %d\r\n\r\n" % length


async def test_client_that_leaves_while_waiting_ends_the_request_upstream(rig: Rig) -> None:
    gone = asyncio.Event()

    async def behaviour(connection: UpstreamConnection, request: Request) -> None:
        assert await connection.closed()
        gone.set()

    rig.service.behaviour = behaviour
    client = await rig.client()
    await client.send(GET)
    await until(lambda: len(rig.service.requests) == 1)

    client.writer.transport.abort()

    async with asyncio.timeout(5):
        await gone.wait()
    await until(lambda: rig.gateway.proxy.under_way == 0)


async def test_client_that_leaves_in_the_middle_of_an_event_stream(rig: Rig) -> None:
    gone = asyncio.Event()

    async def behaviour(connection: UpstreamConnection, request: Request) -> None:
        await connection.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        assert await connection.closed()
        gone.set()

    rig.service.behaviour = behaviour
    client = await rig.client()
    await client.send(GET)
    await client.head()
    assert await client.chunk() == b"data: 1\n\n"

    client.writer.close()

    async with asyncio.timeout(5):
        await gone.wait()
    await until(lambda: rig.gateway.proxy.under_way == 0)


async def test_client_that_leaves_during_its_upload(rig: Rig) -> None:
    rig.service.read_bodies = False
    gone = asyncio.Event()

    async def behaviour(connection: UpstreamConnection, request: Request) -> None:
        while await connection.reader.read(65_536):
            pass
        gone.set()

    rig.service.behaviour = behaviour
    client = await rig.client()
    await client.send(upload_head(1_000_000) + PIECE)
    await until(lambda: len(rig.service.requests) == 1)

    client.writer.transport.abort()

    async with asyncio.timeout(5):
        await gone.wait()
    await until(lambda: rig.gateway.proxy.under_way == 0)


@pytest.mark.parametrize(
    "head", [b"Content-Length: 100\r\n\r\nonly this", b"Transfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\n"]
)
async def test_answer_that_breaks_off_is_never_taken_for_whole(rig: Rig, head: bytes) -> None:
    async def behaviour(connection: UpstreamConnection, request: Request) -> None:
        await connection.say(b"HTTP/1.1 200 OK\r\n" + head)
        connection.writer.close()

    rig.service.behaviour = behaviour

    answer = await rig.ask("GET", PATH)

    assert not answer.whole
    assert answer.body in (b"only this", b"")


async def test_first_byte_too_late_is_504() -> None:
    async with running(limits=PoolLimits(first_byte=0.5)) as rig:

        async def behaviour(connection: UpstreamConnection, request: Request) -> None:
            assert await connection.closed()

        rig.service.behaviour = behaviour

        answer = await rig.ask("POST", PATH, body=b"{}")

        assert (answer.status, answer.json()["code"]) == (504, "upstream_timeout")
        assert len(rig.service.requests) == 1


async def test_silence_in_a_body_breaks_it_off_but_not_in_an_event_stream() -> None:
    async with running(limits=PoolLimits(silence=0.3)) as rig:
        go_on = asyncio.Event()

        async def behaviour(connection: UpstreamConnection, request: Request) -> None:
            kind = b"text/event-stream" if "events" in request.line else b"text/plain"
            await connection.say(b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\nContent-Length: 8\r\n\r\nhalf")
            await go_on.wait()
            await connection.say(b"more")

        rig.service.behaviour = behaviour
        events = await rig.client()
        await events.send(b"GET /api/enrollment/events HTTP/1.1\r\nHost: hall.test\r\n\r\n")
        await events.head()

        plain = await rig.ask("GET", PATH)  # takes longer than the allowed silence
        go_on.set()

        assert not plain.whole
        assert await events.reader.readexactly(8) == b"halfmore"


async def test_service_that_is_not_there_is_503_with_retry_after() -> None:
    async with running() as rig:
        await rig.service.stop()

        answer = await rig.ask("POST", PATH, body=b"{}")

        assert (answer.status, answer.json()["code"]) == (503, "upstream_unreachable")
        assert answer.values("retry-after") == ["2"]
        assert answer.json()["title"] == "服务暂时不可用"


async def test_service_that_takes_no_connection_is_503_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        upstreams = {"employer": HttpUpstream("employer", url, PoolLimits(connect=0.3))}
        async with running(upstreams=upstreams) as rig:
            started = time.monotonic()

            answer = await rig.ask("GET", "/api/employer/unit")

            assert answer.status == 503
            assert time.monotonic() - started < 3
        for filler in fillers:
            filler.close()


async def test_breaker_opens_rests_and_closes_again() -> None:
    async with running(limits=PoolLimits(breaker_threshold=3, breaker_rest=0.4)) as rig:
        port = rig.service.port
        await rig.service.stop()
        for _ in range(3):
            assert (await rig.ask("GET", PATH)).status == 503
        await rig.service.start(port)

        assert (await rig.ask("GET", PATH)).status == 503  # open: not even tried
        assert rig.service.requests == []
        ready = (await rig.ask("GET", "/readyz")).json()
        assert ready["upstreams"]["enrollment"] == "open"

        async def served_again() -> bool:
            return (await rig.ask("GET", PATH)).status == 200

        await waiting.until(served_again)
        assert (await rig.ask("GET", "/readyz")).json()["upstreams"]["enrollment"] == "closed"


async def test_kept_connection_that_died_is_replaced_unnoticed(rig: Rig) -> None:
    client = await rig.client()
    await client.ask("GET", PATH)
    rig.service.connections[0].writer.close()  # the service was restarted; the news may not have arrived yet

    assert (await client.ask("GET", PATH)).status == 200


@pytest.mark.parametrize(
    ("method", "headers", "again"),
    [
        ("GET", (), True),
        ("DELETE", (OWN_PAGE,), True),
        ("POST", ("Idempotency-Key: 0123456789",), True),
        ("POST", (), False),
        ("PATCH", (), False),
    ],
)
async def test_what_may_be_sent_twice(rig: Rig, method: str, headers: tuple[str, ...], again: bool) -> None:
    """The service closes a kept connection just when the next request is on it, without a word."""
    client = await rig.client()
    await client.ask("GET", PATH)

    async def hang_up(connection: UpstreamConnection, request: Request) -> None:
        rig.service.behaviour = rig.service.answer_ok
        connection.writer.transport.abort()

    rig.service.behaviour = hang_up

    answer = await client.ask(method, PATH, *headers, body=None if method == "GET" else b"{}")

    assert answer.status == (200 if again else 502)
    assert len(rig.service.requests) == (3 if again else 2)


async def test_fresh_connection_that_hangs_up_is_not_tried_again(rig: Rig) -> None:
    async def hang_up(connection: UpstreamConnection, request: Request) -> None:
        connection.writer.transport.abort()

    rig.service.behaviour = hang_up

    assert (await rig.ask("GET", PATH)).status == 502
    assert len(rig.service.requests) == 1


async def test_download_waits_for_a_slow_client(rig: Rig) -> None:
    total = 64 * 1024 * 1024
    said = 0

    async def behaviour(connection: UpstreamConnection, request: Request) -> None:
        nonlocal said
        await connection.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % total)
        while said < total:
            await connection.say(PIECE)
            said += len(PIECE)

    rig.service.behaviour = behaviour
    client = await rig.client()
    await client.send(GET)
    await client.head()
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    await waiting.settled(lambda: said)

    assert said < total / 2  # what fits into sockets and buffers, not the whole

    client.writer.transport.resume_reading()  # type: ignore[attr-defined]
    got = 0
    while got < total:
        got += len(await client.reader.read(1 << 20))
    assert said == total


async def test_upload_waits_for_a_slow_service(rig: Rig) -> None:
    total = 18 * 1024 * 1024
    rig.service.read_bodies = False
    go_on = asyncio.Event()

    async def behaviour(connection: UpstreamConnection, request: Request) -> None:
        connection.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await go_on.wait()
        connection.writer.transport.resume_reading()  # type: ignore[attr-defined]
        left = total
        while left:
            left -= len(await connection.reader.read(1 << 20))
        await connection.say(ok())

    rig.service.behaviour = behaviour
    client = await rig.client()
    sent = 0

    async def upload() -> None:
        nonlocal sent
        await client.send(upload_head(total))
        while sent < total:
            await client.send(PIECE)
            sent += len(PIECE)

    task = asyncio.create_task(upload())
    assert await waiting.settled(lambda: sent) < total

    go_on.set()
    assert (await client.answer()).status == 200
    await task


async def test_service_that_answers_before_it_has_read_the_upload(rig: Rig) -> None:
    rig.service.read_bodies = False

    async def behaviour(connection: UpstreamConnection, request: Request) -> None:
        await connection.say(b"HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n{}")
        await connection.closed()

    rig.service.behaviour = behaviour
    client = await rig.client()
    await client.send(upload_head(1_000_000) + PIECE)

    answer = await client.answer()

    assert (answer.status, answer.body) == (409, b"{}")
    assert answer.values("connection") == ["close"]


async def test_upload_that_stops_coming_is_408() -> None:
    async with running(settings={"body_silence": 0.3}) as rig:
        client = await rig.client()
        await client.send(b"POST /api/enrollment/things HTTP/1.1\r\nHost: hall.test\r\nContent-Length: 10\r\n\r\nabc")

        answer = await client.answer()

        assert (answer.status, answer.json()["code"]) == (408, "request_timeout")
        assert rig.service.requests == []


async def test_headers_that_never_end_are_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.3)
    async with running() as rig:
        client = await rig.client()
        await client.send(b"GET /api/enrollment/things HTTP/1.1\r\nHost: hall.test\r\nX-Slow: ")

        assert (await client.answer()).status == 408
        assert await client.closed()


async def test_idle_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "IDLE_SECONDS", 0.3)
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.3)
    async with running() as rig:
        client = await rig.client()
        assert (await client.ask("GET", PATH)).status == 200
        assert await client.closed()


async def test_client_that_takes_nothing_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "STALL_SECONDS", 0.3)
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.3)
    async with running() as rig:

        async def behaviour(connection: UpstreamConnection, request: Request) -> None:
            await connection.say(b"HTTP/1.1 200 OK\r\nContent-Length: 99000000\r\n\r\n")
            while True:
                await connection.say(PIECE)

        rig.service.behaviour = behaviour
        client = await rig.client()
        await client.send(GET)
        await client.head()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]

        await until(lambda: rig.gateway.proxy.under_way == 0)


async def test_more_connections_than_allowed_wait_their_turn() -> None:
    async with running(limits=PoolLimits(connections=2, queue=2, queue_wait=5.0)) as rig:
        go_on = asyncio.Event()

        async def behaviour(connection: UpstreamConnection, request: Request) -> None:
            await go_on.wait()
            await connection.say(ok())

        rig.service.behaviour = behaviour
        answers = [asyncio.create_task(rig.ask("GET", PATH)) for _ in range(5)]
        done, _ = await asyncio.wait(answers, return_when=asyncio.FIRST_COMPLETED)

        assert [task.result().status for task in done] == [503]
        go_on.set()
        statuses = sorted([(await task).status for task in answers])
        assert statuses == [200, 200, 200, 200, 503]
        assert len(rig.service.connections) == 2


async def test_client_that_leaves_the_queue_leaves_no_gap() -> None:
    async with running(limits=PoolLimits(connections=1)) as rig:
        go_on = asyncio.Event()

        async def behaviour(connection: UpstreamConnection, request: Request) -> None:
            await go_on.wait()
            await connection.say(ok())

        rig.service.behaviour = behaviour
        first, second, third = await rig.client(), await rig.client(), await rig.client()
        for number, client in enumerate((first, second, third), start=1):
            await client.send(GET)
            await until(lambda number=number: rig.gateway.proxy.under_way == number)  # type: ignore[misc]
        second.writer.transport.abort()
        await until(lambda: rig.gateway.proxy.under_way == 2)

        go_on.set()

        assert (await first.answer()).status == 200
        assert (await third.answer()).status == 200


async def test_gateway_survives_a_fault_of_its_own(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(rig.gateway.proxy, "_check", broken)

    answer = await rig.ask("GET", PATH)

    assert (answer.status, answer.json()["code"]) == (500, "internal_error")
    monkeypatch.undo()
    assert (await rig.ask("GET", PATH)).status == 200
