"""What goes in comes out the other side, byte for byte where it must, and nothing else does."""

import asyncio
import gzip

import pytest

from tests.integration.gateway.rig import OWN_PAGE, Request, Rig, UpstreamConnection, ok, running, until

PATH = "/api/enrollment/things"


async def test_path_query_method_and_body_arrive_unchanged(rig: Rig) -> None:
    answer = await rig.ask("PATCH", PATH + "/%E4%B8%AD?q=a%2Fb&x=1+2", OWN_PAGE, body=b'{"a": 1}')

    assert answer.status == 200
    assert answer.json() == {"ok": True}
    (request,) = rig.service.requests
    assert request.line == "PATCH /api/enrollment/things/%E4%B8%AD?q=a%2Fb&x=1+2 HTTP/1.1"
    assert request.body == b'{"a": 1}'
    assert request.values("host") == ["hall.test"]


async def test_every_set_cookie_and_every_duplicate_header_passes(rig: Rig) -> None:
    rig.service.answers(ok(b"{}", "Set-Cookie: a=1; Path=/", "Set-Cookie: b=2; Path=/", "Link: <x>", "Link: <y>"))

    answer = await rig.ask("GET", PATH, "X-Thing: one", "X-Thing: two")

    assert answer.values("set-cookie") == ["a=1; Path=/", "b=2; Path=/"]
    assert answer.values("link") == ["<x>", "<y>"]
    assert rig.service.requests[0].values("x-thing") == ["one", "two"]


async def test_head_has_no_body_and_keeps_both_connections_usable(rig: Rig) -> None:
    rig.service.answers(b"HTTP/1.1 200 OK\r\nContent-Length: 4321\r\n\r\n", ok(b"after"))
    client = await rig.client()

    head = await client.ask("HEAD", PATH)
    after = await client.ask("GET", PATH)

    assert head.values("content-length") == ["4321"]
    assert after.body == b"after"
    assert len(rig.service.connections) == 1


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
async def test_answers_without_a_body_leave_the_connection_in_step(rig: Rig, status: str) -> None:
    rig.service.answers(f'HTTP/1.1 {status}\r\nETag: "x"\r\n\r\n'.encode(), ok(b"after"))
    client = await rig.client()

    empty = await client.ask("GET", PATH)
    after = await client.ask("GET", PATH)

    assert empty.status == int(status[:3])
    assert empty.values("etag") == ['"x"']
    assert empty.values("content-length") == empty.values("transfer-encoding") == []
    assert after.body == b"after"


async def test_chunked_answer_with_extensions_and_trailers(rig: Rig) -> None:
    rig.service.answers(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Late\r\n\r\n"
        b"5;name=value\r\nhello\r\n6\r\n world\r\n0\r\nX-Late: yes\r\n\r\n",
        ok(b"after"),
    )
    client = await rig.client()

    answer = await client.ask("GET", PATH)

    assert answer.body == b"hello world"
    assert answer.values("x-late") == answer.values("trailer") == []
    assert (await client.ask("GET", PATH)).body == b"after"


async def test_chunked_upload_arrives_whole_and_its_trailers_do_not(rig: Rig) -> None:
    client = await rig.client()
    await client.send(
        b"POST /api/enrollment/things HTTP/1.1\r\nHost: hall.test\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Hall-Account: forged\r\n\r\n"
    )

    assert (await client.answer()).status == 200
    (request,) = rig.service.requests
    assert request.body == b"abcdefg"
    assert request.values("x-hall-account") == []
    assert (await client.ask("GET", PATH)).status == 200


async def test_body_until_the_connection_closes(rig: Rig) -> None:
    async def behaviour(connection: UpstreamConnection, request: Request) -> None:
        await connection.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nall ")
        await connection.say(b"of it")
        connection.writer.close()

    rig.service.behaviour = behaviour

    answer = await rig.ask("GET", PATH)

    assert answer.whole
    assert answer.body == b"all of it"


async def test_interim_answers_are_not_passed_on(rig: Rig) -> None:
    rig.service.answers(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + ok(b"final"))

    answer = await rig.ask("GET", PATH)

    assert (answer.status, answer.body, answer.values("link")) == (200, b"final", [])


async def test_compressed_body_passes_as_it_is(rig: Rig) -> None:
    packed = gzip.compress(b"x" * 5_000)
    rig.service.answers(ok(packed, "Content-Encoding: gzip"))

    answer = await rig.ask("GET", PATH, "Accept-Encoding: gzip")

    assert rig.service.requests[0].values("accept-encoding") == ["gzip"]
    assert answer.values("content-encoding") == ["gzip"]
    assert answer.body == packed


async def test_expect_100_continue_is_answered_here_and_not_passed_on(rig: Rig) -> None:
    client = await rig.client()
    await client.send(
        b"POST /api/enrollment/things HTTP/1.1\r\nHost: hall.test\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
    )

    assert (await client.head())[0] == 100
    await client.send(b"body")

    assert (await client.answer()).status == 200
    assert rig.service.requests[0].body == b"body"
    assert rig.service.requests[0].values("expect") == []


async def test_both_connections_are_kept_and_used_again(rig: Rig) -> None:
    client = await rig.client()
    for _ in range(5):
        assert (await client.ask("GET", PATH)).status == 200
    assert len(rig.service.connections) == 1


async def test_connection_close_from_the_client(rig: Rig) -> None:
    client = await rig.client()

    answer = await client.ask("GET", PATH, "Connection: close")

    assert answer.values("connection") == ["close"]
    assert await client.closed()
    assert rig.service.requests[0].values("connection") == []


async def test_connection_close_from_the_service_stays_between_us(rig: Rig) -> None:
    rig.service.answers(ok(b"{}", "Connection: close, X-Inner", "X-Inner: secret", "Keep-Alive: timeout=5"))
    client = await rig.client()

    first = await client.ask("GET", PATH)
    second = await client.ask("GET", PATH)

    assert first.values("connection") == first.values("x-inner") == first.values("keep-alive") == []
    assert second.status == 200
    assert len(rig.service.connections) == 2


async def test_http_1_0_client_gets_an_unchunked_answer_and_the_end(rig: Rig) -> None:
    rig.service.answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    client = await rig.client()

    await client.send(b"GET /api/enrollment/things HTTP/1.0\r\nHost: hall.test\r\n\r\n")
    answer = await client.answer()

    assert answer.body == b"abc"
    assert answer.values("transfer-encoding") == []


async def test_pipelined_requests_are_answered_in_order(rig: Rig) -> None:
    rig.service.answers(ok(b"1"), ok(b"2"), ok(b"3"))
    client = await rig.client()

    await client.send(b"GET /api/enrollment/things HTTP/1.1\r\nHost: hall.test\r\n\r\n" * 3)

    assert [(await client.answer()).body for _ in range(3)] == [b"1", b"2", b"3"]


async def test_request_in_single_bytes(rig: Rig) -> None:
    client = await rig.client()
    raw = b"POST /api/enrollment/things?q=1 HTTP/1.1\r\nHost: hall.test\r\nX-Empty:\r\nX-Next: n\r\n"
    raw += b"Content-Length: 3\r\n\r\nabc"
    for byte in raw:
        await client.send(bytes([byte]))

    assert (await client.answer()).status == 200
    (request,) = rig.service.requests
    assert request.body == b"abc"
    assert request.values("x-next") == ["n"]


async def test_answer_in_single_bytes(rig: Rig) -> None:
    async def behaviour(connection: UpstreamConnection, request: Request) -> None:
        for byte in ok(b'{"slow": 1}', "X-Empty:", "X-Next: n"):
            await connection.say(bytes([byte]))
            await asyncio.sleep(0)

    rig.service.behaviour = behaviour

    answer = await rig.ask("GET", PATH)

    assert answer.json() == {"slow": 1}
    assert answer.values("x-next") == ["n"]


async def test_upgrade_is_not_passed_on(rig: Rig) -> None:
    client = await rig.client()

    answer = await client.ask("GET", PATH, "Connection: Upgrade", "Upgrade: websocket")

    assert answer.status == 200
    assert rig.service.requests[0].values("upgrade") == []
    assert await client.closed()


async def test_event_stream_comes_event_by_event(rig: Rig) -> None:
    first, second = asyncio.Event(), asyncio.Event()

    async def behaviour(connection: UpstreamConnection, request: Request) -> None:
        await connection.say(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        await first.wait()
        await connection.say(b"9\r\ndata: 1\n\n\r\n")
        await second.wait()
        await connection.say(b"9\r\ndata: 2\n\n\r\n")
        await connection.closed()

    rig.service.behaviour = behaviour
    client = await rig.client()
    await client.send(b"GET /api/enrollment/events HTTP/1.1\r\nHost: hall.test\r\n\r\n")

    status, headers = await client.head()  # before any event
    assert (status, dict(headers)["content-type"]) == (200, "text/event-stream")
    first.set()
    assert await client.chunk() == b"data: 1\n\n"
    second.set()
    assert await client.chunk() == b"data: 2\n\n"


async def test_shutdown_ends_event_streams_and_lets_answers_finish() -> None:
    late = asyncio.Event()
    asked: list[str] = []

    async def behaviour(connection: UpstreamConnection, request: Request) -> None:
        asked.append(request.line)
        if "events" in request.line:
            await connection.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
            await connection.closed()
        else:
            await late.wait()
            await connection.say(ok(b"late"))

    async with running() as rig:
        rig.service.behaviour = behaviour
        events, slow, idle = await rig.client(), await rig.client(), await rig.client()
        await events.send(b"GET /api/enrollment/events HTTP/1.1\r\nHost: hall.test\r\n\r\n")
        await slow.send(b"GET /api/enrollment/slow HTTP/1.1\r\nHost: hall.test\r\n\r\n")
        await events.head()
        assert await events.chunk() == b"data: 1\n\n"
        await until(lambda: len(asked) == 2)

        rig.server.should_exit = True

        assert await events.closed()
        assert await idle.closed()
        late.set()
        assert (await slow.answer()).body == b"late"
