"""The worker's half: a few warm rendering processes, each with one document at a time."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog

from reporting.rendering import frames

CHILD = "reporting.rendering.child"
CHILD_OPTIONS = ("-I",)  # nothing from the working directory or PYTHON... variables
_FAREWELL_SECONDS = 2.0
_LOOK_SECONDS = 5.0
_HINT = "WeasyPrint needs the system libraries libpango-1.0-0, libpangoft2-1.0-0 and libharfbuzz-subset0"
log = structlog.get_logger(__name__)


class RenderingUnavailable(Exception):
    """No rendering process starts here: a system library of WeasyPrint is missing. `detail` is for the log."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class RenderingFailed(Exception):
    """This document could not be set: trying again will not help. `code` says why, `detail` more of it."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class RenderingInterrupted(Exception):
    """The process ended in the middle: it was killed, or met its limit of memory or time."""


async def start_child(module: str, options: Sequence[str] = CHILD_OPTIONS) -> asyncio.subprocess.Process:
    """A process that makes documents, spoken to through its pipes."""
    # An environment of its own: no HALL_ setting and so no secret gets near a document.
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "TMPDIR": os.environ.get("TMPDIR", "/tmp")}  # noqa: S108
    for name in ("LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"):
        if name in os.environ:
            environment[name] = os.environ[name]
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *options,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
        limit=2**20,
        # Ctrl+C in a terminal goes to the whole group; the worker wants to finish its documents first.
        start_new_session=True,
    )


@dataclass(frozen=True)
class Rendered:
    """A document and what making it took."""

    pdf: bytes
    milliseconds: float
    pages: int
    faces: str


@dataclass(frozen=True)
class Limits:
    """What one rendering process may use."""

    memory_bytes: int = 1024 * 2**20
    cpu_seconds: int = 20
    wall_seconds: float = 60.0
    documents: int = 500
    """After so many a process is replaced: whatever a library leaks is gone with it."""


@dataclass(eq=False)
class _Process:
    process: asyncio.subprocess.Process
    made: int = field(default=0)

    async def ask(self, head: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise RenderingInterrupted
        try:
            stdin.write(frames.pack(head))
            await stdin.drain()
            return await frames.read_async(stdout)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise RenderingInterrupted from error

    async def end(self, *, gently: bool = False) -> None:
        """Ends the process; gently lets it clear its folder away first."""
        if gently and self.process.stdin is not None:
            self.process.stdin.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_FAREWELL_SECONDS):
                    await self.process.wait()
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
        await self.process.wait()


class RenderPool:
    """Warm rendering processes. They start with the first document, or with `warm_up`."""

    def __init__(
        self, size: int, *, agency: str, limits: Limits | None = None, sample: Mapping[str, Any] | None = None
    ) -> None:
        self._limits = limits or Limits()
        self._places = asyncio.Semaphore(size)
        self._size = size
        self._idle: list[_Process] = []
        self._all: set[_Process] = set()
        self._setup = {
            "agency": agency,
            "memory_bytes": self._limits.memory_bytes,
            "cpu_seconds": self._limits.cpu_seconds,
            "document": "insurance_certificate",
            "sample": sample,
        }

    async def render(self, document: str, content: Mapping[str, Any]) -> Rendered:
        """Sets a document.

        Raises:
            RenderingFailed: it can't be set.
            RenderingInterrupted: the process ended; another may manage.
            RenderingUnavailable: no process starts on this machine.
        """
        async with self._places, self._borrowed() as process:
            try:
                async with asyncio.timeout(self._limits.wall_seconds):
                    head, body = await process.ask({"document": document, "content": content})
            except TimeoutError as error:
                raise RenderingInterrupted from error
        if "error" in head:
            raise RenderingFailed(head["error"], head["detail"])
        return Rendered(body, head["milliseconds"], head["pages"], head["faces"])

    async def warm_up(self) -> None:
        """Starts the processes that are missing, one after another.

        Raises:
            RenderingInterrupted: one didn't get ready.
            RenderingUnavailable: no process starts on this machine.
        """
        while len(self._all) < self._size:
            async with self._places:  # a document that comes now waits for the process that is starting
                if len(self._all) < self._size:
                    self._idle.append(await self._start())

    async def keep_warm(self) -> None:
        """Replaces processes that ended, until cancelled. What is wrong is said once in the log, not every time."""
        complained = False
        while True:
            try:
                await self.warm_up()
                complained = False
            except (RenderingUnavailable, RenderingInterrupted) as error:
                if not complained:
                    log.error("renderers_do_not_start", reason=str(error), hint=_HINT)
                complained = True
            await asyncio.sleep(_LOOK_SECONDS)

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[_Process]:
        process = self._idle.pop() if self._idle else await self._start()
        whole = False
        try:
            yield process
            process.made += 1
            whole = process.made < self._limits.documents
        finally:
            if whole and process.process.returncode is None:
                self._idle.append(process)
            else:
                await self._drop(process)

    def processes(self) -> list[asyncio.subprocess.Process]:
        """The processes there are now."""
        return [process.process for process in self._all]

    async def _drop(self, process: _Process) -> None:
        self._all.discard(process)
        await process.end()

    async def _start(self) -> _Process:
        process = _Process(await start_child(CHILD, CHILD_OPTIONS))
        self._all.add(process)
        try:
            async with asyncio.timeout(self._limits.wall_seconds):
                head, _ = await process.ask(self._setup)
        except (RenderingInterrupted, TimeoutError) as error:
            await self._drop(process)
            raise RenderingInterrupted from error
        except BaseException:
            await self._drop(process)
            raise
        if not head["ready"]:
            await self._drop(process)
            raise RenderingUnavailable(f"{head['error']}: {head['detail']}")
        log.info("renderer_ready", pid=process.process.pid)
        return process

    async def close(self) -> None:
        """Ends every process."""
        self._idle.clear()
        processes, self._all = self._all, set()
        await asyncio.gather(*(process.end(gently=True) for process in processes))
