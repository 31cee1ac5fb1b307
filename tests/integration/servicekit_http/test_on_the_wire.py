"""Through a real server and sockets: what no client library would send, and spans that reach a collector."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from socket import socket
from threading import Thread
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import structlog
import uvicorn
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse

from servicekit import edge, logs, tracing
from servicekit.paging import Page


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    before = structlog.get_config()
    stream = io.StringIO()
    logs.configure("wire", stream=stream)
    yield stream
    structlog.configure(**before)


class SignallingServer(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Starts, then says so."""
        await super().startup(sockets)
        self.listening.set()


@pytest.fixture
async def port(lines: io.StringIO) -> AsyncIterator[int]:
    app = FastAPI()
    app.state.runtime = SimpleNamespace()
    edge.install(app, "wire")

    @app.get("/list/{what}")
    async def listing(what: str, page: Page, q: str = "") -> str:
        return what

    @app.post("/echo")
    async def echo(body: dict[str, Any]) -> dict[str, Any]:
        return body

    @app.get("/empty")
    async def empty() -> Response:
        return Response(status_code=204)

    @app.get("/half")
    async def half() -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"half"
            raise RuntimeError("on purpose")

        return StreamingResponse(chunks())

    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, lifespan="off")
    server = SignallingServer(config)
    serving = asyncio.create_task(server.serve())
    await server.listening.wait()
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


async def send(port: int, raw: bytes, *, half_close: bool = False) -> bytes:
    """Everything the server says to these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(raw)
        if half_close:
            writer.write_eof()
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


def request(line: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join((line, b"Host: x", b"Connection: close", *headers, b"", b"")) + body


ODD: list[tuple[bytes, set[int]]] = [
    (request(b"GET /list/%FF%FE HTTP/1.1"), {200}),
    (request(b"GET /list/%00 HTTP/1.1"), {404}),
    (request(b"GET /list/a?q=%00 HTTP/1.1"), {422}),
    (request(b"GET /list/a?q=%FF&page=%FF HTTP/1.1"), {422}),
    (request(b"GET /list/" + b"a" * 20_000 + b" HTTP/1.1"), {200, 400, 414, 431}),
    (request(b"GET /list/../../etc/passwd HTTP/1.1"), {404}),
    (request(b"GET //list//a HTTP/1.1"), {404}),
    (request(b"GET http://evil/list/a HTTP/1.1"), {200, 400, 404}),
    (request(b"HEAD /list/a HTTP/1.1"), {405}),
    (request(b"OPTIONS * HTTP/1.1"), {400, 404, 405}),
    (request(b"PROPFIND /list/a HTTP/1.1"), {405}),
    (request(b"GET /list/a HTTP/1.1", b"Authorization: Bearer \xff\xfe"), {200}),
    (request(b"GET /list/a HTTP/1.1", b"traceparent: \xff"), {200}),
    (request(b"GET /list/a HTTP/1.1", b"Content-Length: 0"), {200}),
    (request(b"GET /empty HTTP/1.1"), {204}),
    (request(b"POST /echo HTTP/1.1", b"Content-Type: application/json", b"Content-Length: 3", body=b"\xff{}"), {422}),
    (request(b"POST /echo HTTP/1.1", b"Content-Type: application/json", b"Content-Length: -3"), {400}),
    (request(b"POST /echo HTTP/1.1", b"Content-Type: application/json", b"Content-Length: 999999999999"), {413}),
    (request(b"POST /echo HTTP/1.1", b"Content-Type: \xff\xff", b"Content-Length: 2", body=b"{}"), {422}),
    (
        request(
            b"POST /echo HTTP/1.1", b"Content-Type: application/json", b"Transfer-Encoding: chunked", body=b"zz\r\n"
        ),
        {400},
    ),
    (
        request(
            b"POST /echo HTTP/1.1",
            b"Content-Type: application/json",
            b"Transfer-Encoding: chunked",
            body=(b"10000\r\n" + b" " * 0x10000 + b"\r\n") * 17 + b"0\r\n\r\n",
        ),
        {413},
    ),
    (b"\x16\x03\x01\x02\x00\x01", {400}),
    (b"nonsense\r\n\r\n", {400}),
]


@pytest.mark.parametrize(("raw", "statuses"), ODD)
async def test_odd_requests_are_answered_calmly(port: int, lines: io.StringIO, raw: bytes, statuses: set[int]) -> None:
    answer = await send(port, raw)
    status = int(answer.split(b" ", 2)[1])
    assert status in statuses, answer[:300]
    assert '"level":"error"' not in lines.getvalue()
    if status >= 400 and b"problem+json" in answer and not raw.startswith(b"HEAD"):
        body = json.loads(answer.partition(b"\r\n\r\n")[2])
        assert body["status"] == status


async def test_a_sender_who_leaves_in_the_middle_is_no_failure(port: int, lines: io.StringIO) -> None:
    headers = (b"Content-Type: application/json", b"Content-Length: 100")
    await send(port, request(b"POST /echo HTTP/1.1", *headers, body=b'{"a":'), half_close=True)
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"http://127.0.0.1:{port}/list/a")).status_code == 200
    assert '"level":"error"' not in lines.getvalue()


async def test_half_an_answer_is_seen_to_be_half(port: int) -> None:
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(f"http://127.0.0.1:{port}/half")


async def test_the_sender_of_too_much_still_hears_why(port: int) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"http://127.0.0.1:{port}/echo", json={"a": "x" * edge.MAX_JSON_BYTES})
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


class Collector:
    """Takes what OTLP exporters send."""

    def __init__(self) -> None:
        received = self.received = []  # type: list[tuple[str, bytes]]

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                received.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def test_spans_reach_the_collector() -> None:
    collector = Collector()
    try:
        tracing.setup("wire", collector.url)
        with tracing.server_span(None, "GET /x"), tracing.span("render", kind="certificate"):
            trace_id = tracing.current_trace_id()
        tracing.shutdown()
    finally:
        collector.close()
    assert trace_id
    ((path, body),) = collector.received
    assert path == "/v1/traces"
    assert bytes.fromhex(trace_id) in body
    assert b"render" in body
    assert b"wire" in body
