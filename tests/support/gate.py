"""A gate in front of the run's PostgreSQL: a TCP address at which it is reached, refuses, or is silent."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Literal

from sqlalchemy import make_url

from tests.support.databases import Database

How = Literal["open", "silent", "refusing"]


class Gate:
    """Between an application and its database. Made by `gate_to`."""

    def __init__(self, socket_path: str) -> None:
        self._socket_path = socket_path
        self._how: How = "open"
        self._server: asyncio.Server | None = None
        self._port = 0
        self._passing: set[asyncio.StreamWriter] = set()

    @property
    def port(self) -> int:
        """Where the database seems to be."""
        return self._port

    async def set(self, how: How) -> None:
        """How new connections fare; those there are break. Silent: taken, and never answered."""
        self._how = how
        self.cut()
        if how == "refusing":
            await self.close()
        elif self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Breaks every connection, as when the server's machine restarts."""
        for writer in self._passing:
            writer.transport.abort()
        self._passing.clear()

    async def close(self) -> None:
        """Lets nobody in any more."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._passing.add(writer)
        if self._how == "silent":
            return
        inner_reader, inner_writer = await asyncio.open_unix_connection(self._socket_path)
        self._passing.add(inner_writer)
        with contextlib.suppress(OSError):
            await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()
    sink.close()


@asynccontextmanager
async def gate_to(database: Database) -> AsyncIterator[tuple[Gate, Database]]:
    """An open gate, and the database as it is reached through it."""
    url = make_url(database.app_url)
    gate = Gate(f"{url.query['host']}/.s.PGSQL.5432")
    await gate.set("open")
    through = url.set(host="127.0.0.1", port=gate.port, query={})
    try:
        yield gate, replace(database, app_url=through.render_as_string(hide_password=False))
    finally:
        gate.cut()
        await gate.close()
