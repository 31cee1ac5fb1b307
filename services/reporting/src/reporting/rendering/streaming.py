"""Long files are made in a process of their own, to which the rows go in portions: neither end holds all of them.

One process makes one file and ends. It has no settings, no network and limits (see confinement.py). The file comes
back whole, compressed as it is: some 50 bytes for each row.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal, Self

from reporting.rendering import frames
from reporting.rendering.pool import RenderingFailed, RenderingInterrupted, start_child

CHILD = "reporting.rendering.stream_child"
PORTION = 500
"""Rows that go over at once."""

_MEMORY_BYTES = 1024 * 2**20
_CPU_SECONDS = 900
_LAST_SECONDS = 300.0
"""From the last row to the finished file."""


@dataclass(frozen=True)
class Streamed:
    """A finished file and what making it took."""

    content: bytes
    rows: int
    pages: int
    milliseconds: float
    """Of the process's own time."""
    peak_bytes: int
    """Memory of the process at its most."""


class FileStream:
    """A file that is being made. Rows go in with `add`, the file comes out of `finish`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._waiting: list[Sequence[Any]] = []

    @classmethod
    async def start(cls, kind: Literal["sheet", "list"], setup: Mapping[str, Any]) -> Self:
        """Starts the process and tells it what the file looks like."""
        stream = cls(await start_child(CHILD))
        limits = {"memory_bytes": _MEMORY_BYTES, "cpu_seconds": _CPU_SECONDS}
        try:
            await stream._send({"kind": kind, **limits, **setup})
        except BaseException:
            await stream.end()
            raise
        return stream

    async def add(self, row: Sequence[Any]) -> None:
        """One row, as the kind of file wants it."""
        self._waiting.append(row)
        if len(self._waiting) >= PORTION:
            await self._flush()

    async def finish(self, closing: Mapping[str, Any] | None = None) -> Streamed:
        """The file. `closing` is what stands behind the last row.

        Raises:
            RenderingFailed: it can't be made.
            RenderingInterrupted: the process ended: it was killed, or met its limit.
        """
        await self._flush()
        await self._send({"end": True, **(closing or {})})
        output = self._process.stdout
        assert output is not None  # noqa: S101 - asked for at the start
        try:
            async with asyncio.timeout(_LAST_SECONDS):
                head, content = await frames.read_async(output)
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError) as error:
            raise RenderingInterrupted from error
        if "error" in head:
            raise RenderingFailed(head["error"], head["detail"])
        return Streamed(content, head["rows"], head["pages"], head["milliseconds"], head["peak_bytes"])

    async def end(self) -> None:
        """Ends the process, whatever it is at."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()

    async def _flush(self) -> None:
        if self._waiting:
            rows, self._waiting = self._waiting, []
            await self._send({"rows": rows})

    async def _send(self, head: Mapping[str, Any]) -> None:
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 - asked for at the start
        try:
            stdin.write(frames.pack(head))
            await stdin.drain()
        except ConnectionError as error:
            raise RenderingInterrupted from error


@asynccontextmanager
async def file_stream(kind: Literal["sheet", "list"], setup: Mapping[str, Any]) -> AsyncIterator[FileStream]:
    """A file in the making; its process is gone afterwards, whatever happened."""
    stream = await FileStream.start(kind, setup)
    try:
        yield stream
    finally:
        await stream.end()
