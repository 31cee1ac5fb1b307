"""The service's half of `child`: one fresh process per file, and one spare that has its imports behind it."""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from servicekit.sheets.container import FileRefused

if TYPE_CHECKING:
    from servicekit.runtime import Runtime
    from servicekit.service import ResourcesFactory

TABLE_CHILD = "servicekit.sheets.table_child"
"""Reads plain tables: see `table_child.table_order`."""
_RESOURCE = "sheet_readers"
_LONGEST_LINE = 64 * 2**20
log = structlog.get_logger(__name__)

# How a process ends that met a limit; anything else (SIGKILL from outside, a deploy) is nobody's file's fault.
_OVER_ITS_LIMITS = frozenset({signal.SIGABRT, signal.SIGXCPU, signal.SIGXFSZ, signal.SIGSEGV, signal.SIGBUS})
_HEAVY = FileRefused(
    "file_too_heavy",
    "文件占用的内存或处理时间过多，可能在很远的行或列有内容，请把内容复制到新的表格后再上传",
)


class ReaderLost(Exception):
    """The process ended for no reason of the file's: trying again is right."""


@dataclass(frozen=True)
class Limits:
    """What opening one file may take."""

    memory_bytes: int = 512 * 2**20
    cpu_seconds: int = 30
    wall_seconds: float = 90.0


class Readers:
    """Opens files in processes of their own, each process one file. `child` is the module that such a process runs."""

    def __init__(self, child: str, limits: Limits | None = None) -> None:
        self._child = child
        self._limits = limits or Limits()
        self._spare: asyncio.subprocess.Process | None = None
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def read(self, order: Mapping[str, Any], parts: AsyncIterator[bytes]) -> AsyncIterator[dict[str, Any]]:
        """What the child tells of a file, answer by answer: its layout, its rows in parts.

        Raises:
            FileRefused: with what is wrong with the file as a whole.
            ReaderLost: the process was ended from outside.
        """
        told = {**order, "task": "read", "limits": self._told_limits()}
        async with self._process() as process, asyncio.timeout(self._limits.wall_seconds):
            await _send(process, _line(told))
            async for part in parts:
                await _send(process, part)
            _close(process)
            ended = False
            async for line in _lines(process):
                answer: dict[str, Any] = orjson.loads(line)
                if "refused" in answer:
                    raise FileRefused(answer["refused"], answer["message"])
                if "heavy" in answer:
                    raise _HEAVY
                ended = "end" in answer
                if not ended:
                    yield answer
            if not ended:
                raise await _why(process)

    async def write(self, order: Mapping[str, Any], rows: AsyncIterator[Any]) -> bytes:
        """A file that the child writes.

        Raises:
            ReaderLost: the process ended.
        """
        told = {**order, "task": "write", "limits": self._told_limits()}
        async with self._process() as process, asyncio.timeout(self._limits.wall_seconds):
            await _send(process, _line(told))
            async for row in rows:
                await _send(process, _line(row))
            _close(process)
            if process.stdout is None:
                raise ReaderLost
            content = await process.stdout.read()
            if await process.wait() != 0:
                raise ReaderLost
        return content

    @property
    def has_spare(self) -> bool:
        """Whether the next file finds a process ready."""
        return self._spare is not None and self._spare.returncode is None

    async def keep_spare(self) -> None:
        """Keeps one process ready, until cancelled. Not while a file is read: its start would slow that one down."""
        try:
            while True:
                await self._idle.wait()
                self._idle.clear()
                if not self.has_spare:
                    self._spare = await _start(self._child)
        finally:
            await self.close()

    async def close(self) -> None:
        """Ends the spare."""
        spare, self._spare = self._spare, None
        if spare is not None:
            await _end(spare)

    def _told_limits(self) -> dict[str, Any]:
        limits = asdict(self._limits)
        del limits["wall_seconds"]
        return limits

    @asynccontextmanager
    async def _process(self) -> AsyncIterator[asyncio.subprocess.Process]:
        spare, self._spare = self._spare, None
        self._under_way += 1
        try:
            process = spare if spare is not None and spare.returncode is None else await _start(self._child)
            try:
                yield process
            except TimeoutError as late:
                raise _HEAVY from late
            finally:
                await _end(process)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()


def _line(told: Any) -> bytes:
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


async def _send(process: asyncio.subprocess.Process, data: bytes) -> None:
    if process.stdin is None:
        raise ReaderLost
    try:
        process.stdin.write(data)
        await process.stdin.drain()
    except ConnectionError as gone:
        raise await _why(process) from gone


def _close(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()


async def _lines(process: asyncio.subprocess.Process) -> AsyncIterator[bytes]:
    if process.stdout is None:
        raise ReaderLost
    while line := await process.stdout.readline():
        yield line


async def _why(process: asyncio.subprocess.Process) -> Exception:
    """Why a process ended before it had said everything."""
    code = await process.wait()
    log.warning("sheet_reader_ended", code=code)
    return _HEAVY if code > 0 or -code in _OVER_ITS_LIMITS else ReaderLost()


async def _start(child: str) -> asyncio.subprocess.Process:
    # An environment of its own: no HALL_ setting and so no secret gets near a file from outside.
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "TMPDIR": tempfile.gettempdir()}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",  # nothing from the working directory or PYTHON... variables
        "-m",
        child,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
        limit=_LONGEST_LINE,
        start_new_session=True,  # Ctrl+C in a terminal goes to the whole group; the worker ends its children itself
    )


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    await process.wait()


def reading_with(child: str) -> "ResourcesFactory":
    """The `resources` of a service that opens files: its processes run the module `child`."""

    @asynccontextmanager
    async def resources(runtime: "Runtime") -> AsyncIterator[Mapping[str, Any]]:
        readers = Readers(child)
        try:
            yield {_RESOURCE: readers}
        finally:
            await readers.close()

    return resources


def readers_of(runtime: "Runtime") -> Readers:
    """The processes that open and write files."""
    readers: Readers = runtime.resources[_RESOURCE]
    return readers


async def keep_spare_reader(runtime: "Runtime") -> None:
    """A companion of workers: the next file finds a process that has its imports behind it."""
    await readers_of(runtime).keep_spare()
