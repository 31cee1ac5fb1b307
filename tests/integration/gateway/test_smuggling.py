"""Bytes that two parsers could read differently are refused by the first of them, in both directions."""

import asyncio

import pytest

from tests.integration.gateway.rig import Request, Rig, UpstreamConnection, ok, until

PATH = "/api/enrollment/things"
LINE = b"POST /api/enrollment/things HTTP/1.1\r\n"
HOST = b"Host: hall.test\r\n"
INNER = b"GET /api/enrollment/inner HTTP/1.1\r\nHost: hall.test\r\n\r\n"

BAD_REQUESTS = {
    "length and chunked": LINE + HOST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + INNER,
    "chunked and length": LINE + HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + INNER,
    "two lengths": LINE + HOST + b"Content-Length: 0\r\nContent-Length: 56\r\n\r\n" + INNER,
    "two equal lengths": LINE + HOST + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n" + INNER,
    "list of lengths": LINE + HOST + b"Content-Length: 0, 56\r\n\r\n" + INNER,
    "signed length": LINE + HOST + b"Content-Length: +0\r\n\r\n" + INNER,
    "negative length": LINE + HOST + b"Content-Length: -1\r\n\r\n" + INNER,
    "hexadecimal length": LINE + HOST + b"Content-Length: 0x5\r\n\r\nabcde" + INNER,
    "huge length": LINE + HOST + b"Content-Length: 99999999999999999999\r\n\r\n" + INNER,
    "unknown coding": LINE + HOST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + INNER,
    "chunked not last": LINE + HOST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + INNER,
    "chunked after another coding": LINE + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + INNER,
    "two codings headers": LINE + HOST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "vertical tab before chunked": LINE + HOST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + INNER,
    "space before colon": LINE + HOST + b"Content-Length : 4\r\n\r\nabcd",
    "folded header": LINE + HOST + b"Content-Length: 4\r\n\tfolded\r\n\r\nabcd",
    "folded first header": LINE + b" Host: hall.test\r\n\r\n",
    "bare line feeds": b"GET /api/enrollment/things HTTP/1.1\nHost: hall.test\n\n",
    "bare line feed in a value": LINE + HOST + b"X-A: 1\nX-Hall-Account: 2\r\n\r\n",
    "bare carriage return in a value": LINE + HOST + b"X-A: 1\rX-B: 2\r\n\r\n",
    "NUL in a value": LINE + HOST + b"X-A: 1\x002\r\n\r\n",
    "bad header name": LINE + HOST + b"X A: 1\r\n\r\n",
    "no host": LINE + b"Content-Length: 0\r\n\r\n",
    "two hosts": LINE + HOST + HOST + b"\r\n",
    "host with a path": LINE + b"Host: hall.test/evil\r\n\r\n",
    "absolute target": b"GET http://other.test/api/enrollment/things HTTP/1.1\r\n" + HOST + b"\r\n",
    "authority target": b"CONNECT other.test:80 HTTP/1.1\r\n" + HOST + b"\r\n",
    "asterisk target": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "space in the target": b"GET /api/enrollment/a b HTTP/1.1\r\n" + HOST + b"\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": b"GET /api/enrollment/things\r\n\r\n",
    "unknown method": b"SMUGGLE /api/enrollment/things HTTP/1.1\r\n" + HOST + b"\r\n",
    "bad chunk size": LINE + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
    "chunk size with a sign": LINE + HOST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n0\r\n\r\n",
    "overflowing chunk size": LINE + HOST + b"Transfer-Encoding: chunked\r\n\r\n11111111111111111\r\nabc\r\n0\r\n\r\n",
    "chunk longer than announced": LINE + HOST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("name", BAD_REQUESTS)
async def test_ambiguous_request_is_refused_and_ends_the_connection(rig: Rig, name: str) -> None:
    client = await rig.client()
    await client.send(BAD_REQUESTS[name])

    answer = await client.answer()

    assert answer.status == 400, answer
    assert answer.values("content-type") == ["application/problem+json; charset=utf-8"]
    assert answer.json()["code"] in ("bad_request", "bad_path")
    assert answer.json()["title"]
    # What followed was never taken for a request of its own ...
    assert "inner" not in "".join(request.line for request in rig.service.requests)
    # ... and the connection is not used again: where that request ends is anybody's guess.
    assert await client.closed()


async def test_tab_and_case_around_chunked_are_one_reading(rig: Rig) -> None:
    client = await rig.client()
    await client.send(LINE + HOST + b"Transfer-Encoding:\tChunked \r\n\r\n3\r\nabc\r\n0\r\n\r\n")

    assert (await client.answer()).status == 200
    assert rig.service.requests[0].body == b"abc"
    assert rig.service.requests[0].values("content-length") == []


async def test_body_that_looks_like_a_request_stays_a_body(rig: Rig) -> None:
    client = await rig.client()

    answer = await client.ask("POST", PATH, body=INNER)

    assert answer.status == 200
    assert [request.body for request in rig.service.requests] == [INNER]


BAD_ANSWERS = {
    "not HTTP": b"hello\r\n\r\n",
    "bare carriage return in a header": b"HTTP/1.1 200 OK\r\nX-A: 1\rSet-Cookie: x=1\r\nContent-Length: 0\r\n\r\n",
    "bare line feed in a header": b"HTTP/1.1 200 OK\r\nX-A: 1\nSet-Cookie: x=1\r\nContent-Length: 0\r\n\r\n",
    "NUL in a header": b"HTTP/1.1 200 OK\r\nX-A: 1\x00\r\nContent-Length: 0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 40\r\n\r\n{}",
    "bad length": b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}",
    "switching protocols": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    "closed before saying anything": b"",
    "closed in the headers": b"HTTP/1.1 200 OK\r\nContent-",
    "endless headers": b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 100_000,
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
async def test_unusable_answer_becomes_502(rig: Rig, name: str) -> None:
    async def behaviour(connection: UpstreamConnection, request: Request) -> None:
        await connection.say(BAD_ANSWERS[name])
        connection.writer.close()

    rig.service.behaviour = behaviour
    client = await rig.client()

    answer = await client.ask("POST", PATH, body=b"{}")

    assert answer.status == 502
    assert answer.json()["code"] == "upstream_broken"
    assert answer.values("set-cookie") == []
    rig.service.behaviour = rig.service.answer_ok
    assert (await client.ask("GET", PATH)).status == 200


async def test_answer_with_both_framings_is_not_passed_on_as_such(rig: Rig) -> None:
    rig.service.answers(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        ok(b"after"),
    )
    client = await rig.client()

    answer = await client.ask("GET", PATH)

    assert answer.status == 502 or (answer.body == b"hello" and answer.values("content-length") == [])


async def test_second_answer_to_one_request_reaches_nobody(rig: Rig) -> None:
    rig.service.answers(ok(b"mine") + ok(b"smuggled"), ok(b"yours"))
    first, second = await rig.client(), await rig.client()

    assert (await first.ask("GET", PATH)).body == b"mine"
    assert (await second.ask("GET", PATH)).body == b"yours"
    assert len(rig.service.connections) == 2


async def test_late_bytes_on_an_idle_connection_reach_nobody(rig: Rig) -> None:
    client = await rig.client()
    await client.ask("GET", PATH)
    await rig.service.connections[0].say(ok(b"smuggled"))
    await until(rig.service.connections[0].reader.at_eof)

    assert (await client.ask("GET", PATH)).json() == {"ok": True}


async def test_body_after_head_answer_reaches_nobody(rig: Rig) -> None:
    rig.service.answers(ok(b"not allowed after HEAD"), ok(b"after"))
    client = await rig.client()

    assert (await client.ask("HEAD", PATH)).status == 200
    assert (await client.ask("GET", PATH)).body == b"after"


async def test_a_hundred_clients_get_their_own_answers(rig: Rig) -> None:
    async def behaviour(connection: UpstreamConnection, request: Request) -> None:
        await asyncio.sleep(0)
        await connection.say(ok(request.line.split(" ")[1].encode()))

    rig.service.behaviour = behaviour

    async def one(number: int) -> None:
        client = await rig.client()
        for turn in range(20):
            target = f"/api/enrollment/things/{number}/{turn}"
            assert (await client.ask("GET", target)).body == target.encode()

    await asyncio.gather(*(one(number) for number in range(100)))
