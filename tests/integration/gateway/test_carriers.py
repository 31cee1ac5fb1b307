"""The same behaviour with a service in this process, and under uvicorn's own protocol."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from gateway.asgi_upstream import AsgiUpstream
from tests.integration.gateway.rig import SESSION, Rig, UpstreamConnection, ok, running, until
from tests.integration.gateway.rig import Request as RawRequest
from tests.support.waiting import settled

MIB = 1024 * 1024


class Service:
    """An ordinary service."""

    def __init__(self) -> None:
        self.app = FastAPI()
        self.ended: list[str] = []
        self.produced = 0
        self.go_on = asyncio.Event()
        self.app.get("/api/employer/echo")(self.echo)
        self.app.post("/api/employer/uploads")(self.upload)
        self.app.get("/api/employer/events")(self.events)
        self.app.get("/api/employer/large")(self.large)
        self.app.get("/api/employer/cookies")(self.cookies)
        self.app.get("/api/employer/injected")(self.injected)
        self.app.get("/api/employer/broken")(self.broken)
        self.app.get("/api/employer/breaks-off")(self.breaks_off)
        self.app.get("/api/employer/waits")(self.waits)

    async def echo(self, request: Request) -> dict[str, Any]:
        return {
            "path": request.url.path,
            "q": request.query_params.get("q"),
            "client": request.client and request.client.host,
            "authorization": request.headers.get("authorization"),
        }

    async def upload(self, request: Request) -> dict[str, int]:
        size = 0
        async for piece in request.stream():
            size += len(piece)
        return {"size": size}

    async def events(self) -> StreamingResponse:
        async def stream() -> AsyncIterator[str]:
            try:
                yield "data: 1\n\n"
                await self.go_on.wait()
                yield "data: 2\n\n"
                await asyncio.Event().wait()
            finally:
                self.ended.append("events")

        return StreamingResponse(stream(), media_type="text/event-stream")

    async def large(self) -> StreamingResponse:
        async def stream() -> AsyncIterator[bytes]:
            for _ in range(512):
                self.produced += 65_536
                yield b"x" * 65_536

        return StreamingResponse(stream())

    async def cookies(self) -> Response:
        response = Response(status_code=204)
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return response

    async def injected(self) -> Response:
        return Response(headers={"X-A": "1\r\nSet-Cookie: evil=1"})

    async def broken(self) -> None:
        raise RuntimeError("on purpose")

    async def breaks_off(self) -> StreamingResponse:
        async def stream() -> AsyncIterator[bytes]:
            yield b"half"
            await self.go_on.wait()
            raise RuntimeError("on purpose")

        return StreamingResponse(stream())

    async def waits(self, request: Request) -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        self.ended.append("waits")


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
async def inside(service: Service) -> AsyncIterator[Rig]:
    """A gateway in front of a service in its own process."""
    async with running(upstreams={"employer": AsgiUpstream(service.app, name="employer")}) as rig:
        yield rig


async def test_inside_request_and_answer(inside: Rig) -> None:
    answer = await inside.ask("GET", "/api/employer/echo?q=%E4%B8%AD", f"Cookie: {SESSION}")
    assert answer.json() == {
        "path": "/api/employer/echo", "q": "中", "client": "127.0.0.1", "authorization": "Bearer token-of-account-1",
    }  # fmt: skip
    assert answer.values("cache-control") == ["no-store"]


async def test_inside_large_upload(inside: Rig) -> None:
    assert (await inside.ask("POST", "/api/employer/uploads", body=bytes(8 * MIB))).json() == {"size": 8 * MIB}
    client = await inside.client()
    await client.send(b"POST /api/employer/uploads HTTP/1.1\r\nHost: hall.test\r\nTransfer-Encoding: chunked\r\n\r\n")
    await client.send(b"3\r\nabc\r\n0\r\n\r\n")
    assert (await client.answer()).json() == {"size": 3}


async def test_inside_upload_over_the_limit(inside: Rig) -> None:
    client = await inside.client()
    await client.send(b"POST /api/employer/echo HTTP/1.1\r\nHost: hall.test\r\nTransfer-Encoding: chunked\r\n\r\n")
    await client.send(b"200000\r\n" + bytes(2 * MIB) + b"\r\n0\r\n\r\n")
    assert (await client.answer()).status in (405, 413)


async def test_inside_events_and_a_client_that_leaves(inside: Rig, service: Service) -> None:
    client = await inside.client()
    await client.send(b"GET /api/employer/events HTTP/1.1\r\nHost: hall.test\r\n\r\n")
    await client.head()
    assert await client.chunk() == b"data: 1\n\n"
    service.go_on.set()
    assert await client.chunk() == b"data: 2\n\n"

    client.writer.close()

    await until(lambda: service.ended == ["events"])
    await until(lambda: inside.gateway.proxy.under_way == 0)


async def test_inside_client_that_leaves_while_waiting(inside: Rig, service: Service) -> None:
    client = await inside.client()
    await client.send(b"GET /api/employer/waits HTTP/1.1\r\nHost: hall.test\r\n\r\n")
    await until(lambda: inside.gateway.proxy.under_way == 1)

    client.writer.transport.abort()

    await until(lambda: service.ended == ["waits"])


async def test_inside_download_waits_for_a_slow_client(inside: Rig, service: Service) -> None:
    client = await inside.client()
    await client.send(b"GET /api/employer/large HTTP/1.1\r\nHost: hall.test\r\n\r\n")
    await client.head()
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    assert await settled(lambda: service.produced) < 24 * MIB

    client.writer.transport.resume_reading()  # type: ignore[attr-defined]
    got = 0
    while piece := await client.chunk():
        got += len(piece)
    assert got == service.produced == 512 * 65_536


async def test_inside_cookies_and_no_body(inside: Rig) -> None:
    answer = await inside.ask("GET", "/api/employer/cookies")
    assert answer.status == 204
    assert len(answer.values("set-cookie")) == 2


async def test_inside_injected_header_goes_nowhere(inside: Rig) -> None:
    answer = await inside.ask("GET", "/api/employer/injected")
    assert answer.status == 502
    assert answer.values("set-cookie") == []


async def test_inside_fault_and_half_an_answer(inside: Rig, service: Service) -> None:
    assert (await inside.ask("GET", "/api/employer/broken")).status == 500  # FastAPI's own answer
    client = await inside.client()
    await client.send(b"GET /api/employer/breaks-off HTTP/1.1\r\nHost: hall.test\r\n\r\n")
    await client.head()
    assert await client.chunk() == b"half"
    service.go_on.set()
    assert await client.closed()


async def test_plain_uvicorn_serves_too() -> None:
    async with running(plain_uvicorn=True) as rig:
        gone = asyncio.Event()

        async def behaviour(connection: UpstreamConnection, request: RawRequest) -> None:
            if "waits" in request.line:
                assert await connection.closed()
                gone.set()
            else:
                await connection.say(ok(request.body or b"{}"))

        rig.service.behaviour = behaviour
        client = await rig.client()
        assert (await client.ask("GET", "/api/enrollment/a")).body == b"{}"
        assert (await client.ask("POST", "/api/enrollment/a", body=b"abc")).body == b"abc"
        leaver = await rig.client()
        await leaver.send(b"GET /api/enrollment/waits HTTP/1.1\r\nHost: hall.test\r\n\r\n")
        await until(lambda: rig.gateway.proxy.under_way == 1)

        leaver.writer.transport.abort()

        async with asyncio.timeout(5):
            await gone.wait()
        await until(lambda: rig.gateway.proxy.under_way == 0)
