"""A gateway on a real socket, in front of upstreams that say exactly the bytes they are told to say."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from gateway.access import AccessLog
from gateway.app import Gateway, build_gateway
from gateway.http_upstream import HttpUpstream, PoolLimits
from gateway.server import uvicorn_config
from gateway.settings import GatewaySettings
from gateway.upstream import Upstream
from servicekit.bus.protocol import Transport
from tests.support import waiting

SESSION = "__Host-hall_session=good-session-0123456789"
OWN_PAGE = "Sec-Fetch-Site: same-origin"


@dataclass
class Request:
    """A request as an upstream got it."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes = b""

    def values(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for header, value in self.headers if header.lower() == name.lower()]


class UpstreamConnection:
    """The upstream's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def read_head(self) -> Request | None:
        """The next request's head; None when the gateway closed."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        return Request(first, [(line.partition(": ")[0], line.partition(": ")[2]) for line in lines])

    async def read_body(self, request: Request) -> None:
        """The request's body by its framing."""
        if request.values("transfer-encoding"):
            while size := int((await self.reader.readline()).strip(), 16):
                request.body += await self.reader.readexactly(size)
                await self.reader.readexactly(2)
            await self.reader.readexactly(2)
        elif length := request.values("content-length"):
            request.body = await self.reader.readexactly(int(length[0]))

    async def say(self, data: bytes) -> None:
        """Send bytes, whatever they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def closed(self) -> bool:
        """Wait for the gateway to close; False when it sent something instead."""
        try:
            return await self.reader.read(1) == b""
        except ConnectionError:
            return True


Behaviour = Callable[[UpstreamConnection, Request], Awaitable[None]]


def ok(body: bytes = b'{"ok": true}', *more: str) -> bytes:
    """A plain answer."""
    lines = ["HTTP/1.1 200 OK", "Content-Type: application/json", f"Content-Length: {len(body)}", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class RawUpstream:
    """A server that does what `behaviour` says with each request, and remembers what it got."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.connections: list[UpstreamConnection] = []
        self.behaviour: Behaviour = self.answer_ok
        self.read_bodies = True
        self.port = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer_ok(self, connection: UpstreamConnection, request: Request) -> None:
        """The default: 200 with a small body."""
        await connection.say(ok())

    def answers(self, *answers: bytes) -> None:
        """Answer the requests with these in turn, the last one for ever."""
        rest = list(answers)

        async def behaviour(connection: UpstreamConnection, request: Request) -> None:
            await connection.say(rest.pop(0) if len(rest) > 1 else rest[0])

        self.behaviour = behaviour

    async def start(self, port: int = 0) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        connection = UpstreamConnection(reader, writer)
        self.connections.append(connection)
        try:
            while (request := await connection.read_head()) is not None:
                if self.read_bodies:
                    await connection.read_body(request)
                self.requests.append(request)
                await self.behaviour(connection, request)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # cancelled by `stop` only
        finally:
            self._tasks.discard(task)
            writer.close()

    async def stop(self) -> None:
        """Close everything."""
        if self._server is not None:
            self._server.close()
        for connection in self.connections:
            connection.writer.transport.abort()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)


class Identity(RawUpstream):
    """Swaps the sessions and keys it knows."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, dict[str, Any]] = {
            "good-session-0123456789": grant(),
            "hk_good": grant(account="key-account"),
        }
        self.portions: dict[str, list[tuple[int, int]]] = {}
        """Of the keys that identity counts: requests and seconds to wait, one portion after the other."""
        self.swaps = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.down = False
        self.behaviour = self._swap

    async def _swap(self, connection: UpstreamConnection, request: Request) -> None:
        if "key-portions" in request.line:
            await self._portion(connection, request)
            return
        if "token-swaps" not in request.line:
            await connection.say(ok())
            return
        self.swaps += 1
        assert request.values("authorization") == ["Bearer gateway-test-secret"]
        (value,) = json.loads(request.body).values()
        answer = self.known.get(value)
        await self.gate.wait()
        if self.down:
            await connection.say(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
        elif answer is None:
            await connection.say(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}")
        else:
            await connection.say(ok(json.dumps(answer).encode()))

    async def _portion(self, connection: UpstreamConnection, request: Request) -> None:
        assert request.values("authorization") == ["Bearer gateway-test-secret"]
        rest = self.portions.get(json.loads(request.body)["key_id"])
        if not rest:
            await connection.say(b"HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n")
            return
        requests, wait = rest.pop(0)
        await connection.say(ok(json.dumps({"requests": requests, "retry_after": wait}).encode()))


def grant(
    *, account: str = "account-1", session: str = "session-1", employer: str | None = "330200000000000101"
) -> dict[str, Any]:
    """A swap's answer."""
    return {
        "token": f"token-of-{account}", "expires_in": 120, "session_id": session, "account_id": account,
        "employer_no": employer,
    }  # fmt: skip


@dataclass
class Answer:
    """What a client got."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    whole: bool = True

    def values(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for header, value in self.headers if header == name]

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Client:
    """A client that speaks bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        """Send bytes, whatever they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def ask(self, method: str, target: str, *headers: str, body: bytes | None = None) -> Answer:
        """One ordinary request."""
        lines = [f"{method} {target} HTTP/1.1", "Host: hall.test", *headers]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        await self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))
        return await self.answer(head_only=method == "HEAD")

    async def head(self) -> tuple[int, list[tuple[str, str]]]:
        """The next answer's status and headers; 1xx too."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        return int(first.split(" ")[1]), [(n.lower(), v) for n, _, v in (line.partition(": ") for line in lines)]

    async def answer(self, *, head_only: bool = False) -> Answer:
        """The next answer by its framing. `whole` is False when it broke off."""
        status, headers = await self.head()
        answer = Answer(status, headers, b"")
        if head_only or status in (204, 304) or status < 200:
            return answer
        try:
            if answer.values("transfer-encoding"):
                assert not answer.values("content-length")
                while (chunk := await self.chunk()) != b"":
                    answer.body += chunk
            elif answer.values("content-length"):
                (length,) = answer.values("content-length")
                answer.body = await self.reader.readexactly(int(length))
            else:
                answer.body = await self.reader.read()
        except (asyncio.IncompleteReadError, ConnectionError, ValueError) as error:
            answer.whole = False
            if isinstance(error, asyncio.IncompleteReadError):
                answer.body += error.partial
        return answer

    async def chunk(self) -> bytes:
        """One chunk; b"" is the last."""
        size = int((await self.reader.readline()).strip(), 16)
        data = await self.reader.readexactly(size)
        await self.reader.readexactly(2)
        return data

    async def closed(self) -> bool:
        """Wait for the gateway to close; False when it sent something more."""
        try:
            return await self.reader.read(1) == b""
        except ConnectionError:
            return True


@dataclass
class Rig:
    """A running gateway with its surroundings."""

    gateway: Gateway
    port: int
    identity: Identity
    service: RawUpstream
    server: uvicorn.Server
    log: list[dict[str, Any]] = field(default_factory=list)
    _clients: list[Client] = field(default_factory=list)

    async def client(self) -> Client:
        """A new connection."""
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port))
        self._clients.append(client)
        return client

    async def ask(self, method: str, target: str, *headers: str, body: bytes | None = None) -> Answer:
        """One request on a connection of its own."""
        return await (await self.client()).ask(method, target, *headers, body=body)

    def close_clients(self) -> None:
        """At the end."""
        for client in self._clients:
            client.writer.transport.abort()


TIGHT = PoolLimits(first_byte=20.0, silence=20.0, breaker_threshold=1_000)


@contextlib.asynccontextmanager
async def running(
    *,
    limits: PoolLimits = TIGHT,
    settings: Mapping[str, Any] | None = None,
    upstreams: Mapping[str, Upstream] | None = None,
    transport: Transport | None = None,
    plain_uvicorn: bool = False,
) -> AsyncIterator[Rig]:
    """Start identity, one service ("enrollment") and the gateway; stop them at the end."""
    identity, service = Identity(), RawUpstream()
    await identity.start()
    await service.start()
    log: list[dict[str, Any]] = []

    def write(data: bytes) -> None:
        log.extend(json.loads(line) for line in data.splitlines())

    gateway = build_gateway(
        GatewaySettings(**{"profile": "standalone", "gateway_secret": "gateway-test-secret", **(settings or {})}),
        {
            "identity": HttpUpstream("identity", f"http://127.0.0.1:{identity.port}", limits),
            "enrollment": HttpUpstream("enrollment", f"http://127.0.0.1:{service.port}", limits),
            **(upstreams or {}),
        },
        transport,
        access_log=AccessLog(enabled=True, write=write),
    )
    listening = socket.create_server(("127.0.0.1", 0))
    more: dict[str, Any] = {"http": "httptools", "loop": "none"} if plain_uvicorn else {"loop": "none"}
    config = uvicorn_config(gateway, host="127.0.0.1", port=0, **more)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve([listening]))  # `serve` without its signal handlers
    await until(lambda: server.started or task.done())
    assert not task.done(), "the gateway did not start"
    rig = Rig(gateway, listening.getsockname()[1], identity, service, server, log)
    try:
        yield rig
    finally:
        rig.close_clients()
        await _stop(server, task)
        await service.stop()
        await identity.stop()


async def _stop(server: uvicorn.Server, task: asyncio.Task[None]) -> None:
    """What uvicorn does at the end, without its pauses; a test that has begun the end itself gets all of it."""
    if not server.should_exit:
        task.cancel()
        for listening in server.servers:
            listening.close()
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        await server.lifespan.shutdown()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def until(condition: Callable[[], bool], *, seconds: float = 5.0) -> None:
    """Wait for something that another task does."""

    async def look() -> bool:
        return condition()

    await waiting.until(look, seconds=seconds, pause=0.005)
