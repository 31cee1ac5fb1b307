"""A kept connection without a network: what it tells its transport."""

import asyncio
from typing import Any

import pytest

from gateway.http_connection import HIGH_WATER, HttpConnection


class Pool:
    """An owner that notes what becomes free."""

    def __init__(self) -> None:
        self.free: list[HttpConnection] = []

    def released(self, connection: HttpConnection) -> None:
        self.free.append(connection)

    def lost(self, connection: HttpConnection) -> None:
        raise AssertionError("the connection was given up")


class Wire(asyncio.Transport):
    """A transport that can be held back."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = True

    def write(self, data: Any) -> None:
        assert data.startswith(b"GET ")

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


def connected() -> tuple[HttpConnection, Wire, Pool]:
    pool, wire = Pool(), Wire()
    connection = HttpConnection(pool)
    connection.connection_made(wire)
    return connection, wire, pool


def answer(size: int) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + bytes(size)


@pytest.mark.parametrize("size", [HIGH_WATER - 1, HIGH_WATER + 1, HIGH_WATER + 50_000])
async def test_a_connection_is_free_for_the_next_request_however_large_the_last_burst_was(size: int) -> None:
    """The burst that makes the answer too large to hold may be the one that ends it."""
    connection, wire, pool = connected()
    for _ in range(2):
        response = connection.start(b"GET / HTTP/1.1\r\n\r\n", head_only=False)
        whole = answer(size)
        assert wire.reading
        connection.data_received(whole[:200_000])
        assert wire.reading
        connection.data_received(whole[200_000:])
        assert pool.free == [connection]
        assert wire.reading
        assert not connection.paused
        assert len(await response.read()) == size
        pool.free.clear()


async def test_a_slow_reader_holds_the_upstream_back_until_it_has_read() -> None:
    connection, wire, pool = connected()
    response = connection.start(b"GET / HTTP/1.1\r\n\r\n", head_only=False)
    whole = answer(2 * HIGH_WATER)
    connection.data_received(whole[: HIGH_WATER + 1000])
    assert not wire.reading
    assert len(await response.read()) > HIGH_WATER
    assert wire.reading
    connection.data_received(whole[HIGH_WATER + 1000 :])
    assert pool.free == [connection]
