"""A job as a stream of server-sent events, so that a page sees it go on without asking again and again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import StreamingResponse

from servicekit import jobs
from servicekit.db.tx import Scope, begin
from servicekit.runtime import Runtime

_PING_SECONDS = 15.0
_LONGEST_WATCH = 600.0


class Shown(Protocol):
    """What is told of a job: an answer model of the service."""

    @property
    def status(self) -> str:
        """The job's."""

    def model_dump_json(self) -> str:
        """As JSON."""


Look = Callable[[AsyncSession], Awaitable[tuple[UUID, Shown]]]
"""Which job does the work now, and what is told of it. A file, say, is checked by one job and handed in by another."""


def stream_of(events: AsyncIterator[str]) -> StreamingResponse:
    """Server-sent events as an answer that nothing between keeps or holds back."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def job_events(runtime: Runtime, scope: Scope, look: Look) -> AsyncIterator[str]:
    """Events `job`: what `look` tells in the asker's `scope`, now and after each change, until the work has ended.

    After ten minutes it ends in any case, and whoever watches connects again.
    """
    clock = asyncio.get_running_loop().time
    end, told = clock() + _LONGEST_WATCH, ""
    while clock() < end:
        job_id, shown = await _looked(runtime, scope, look)
        async for _ in jobs.watch(runtime, job_id, scope=scope, seconds=_PING_SECONDS):
            _, shown = await _looked(runtime, scope, look)
            if (news := shown.model_dump_json()) != told:
                told = news
                yield _event(news)
            if shown.status in jobs.FINISHED:
                return
        if shown.status in jobs.FINISHED:  # long ago: the job has been cleared away, and there is nothing to watch
            yield _event(shown.model_dump_json())
            return
        yield ": still here\n\n"  # proxies close a connection on which nothing comes


async def _looked(runtime: Runtime, scope: Scope, look: Look) -> tuple[UUID, Shown]:
    async with begin(runtime, scope=scope) as tx:
        return await look(tx)


def _event(news: str) -> str:
    return f"event: job\ndata: {news}\n\n"
