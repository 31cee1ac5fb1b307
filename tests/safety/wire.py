"""Requests byte for byte, as no HTTP library would send them."""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPResponse

from servicekit.ids import uuid7
from tests.support.hall import HallClient, RunningHall


@dataclass
class Answer:
    """What came back on the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def refused(self) -> bool:
        """A clear refusal: 4xx, and as a problem when it is more than the HTTP parser's word."""
        kind = self.headers.get("content-type", "")
        told = kind.startswith("application/problem+json") and json.loads(self.body)["title"]
        return 400 <= self.status < 500 and (bool(told) or self.status in (400, 413, 414, 431))


def send(
    hall: RunningHall, method: bytes, target: bytes, headers: list[tuple[bytes, bytes]], body: bytes = b""
) -> Answer:
    """Exactly these bytes, on a connection of their own."""
    port = int(hall.url.rsplit(":", 1)[1])
    lines = [method + b" " + target + b" HTTP/1.1", b"Host: localhost:%d" % port, b"Connection: close"]
    if body or method == b"POST":
        lines.append(b"Content-Length: %d" % len(body))
    lines += [name + b": " + value for name, value in headers]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        answer = HTTPResponse(connection, method=method.decode())
        answer.begin()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


def page(client: HallClient, **others: str) -> list[tuple[bytes, bytes]]:
    """The headers that a page of this client sends."""
    headers = {
        "Origin": client.url,
        "Content-Type": "application/json",
        "Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items()),
        "X-Hall-Unit": client.unit or "",
        "Idempotency-Key": str(uuid7()),
        **{name.replace("_", "-"): value for name, value in others.items()},
    }
    return [(name.encode(), value.encode("utf-8")) for name, value in headers.items() if value]
