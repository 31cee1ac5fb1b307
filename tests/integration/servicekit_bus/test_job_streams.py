"""A job as server-sent events."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from servicekit import jobs
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from servicekit.job_runner import run_due_jobs
from servicekit.job_streams import Look, job_events, stream_of
from servicekit.jobs import JobRun
from servicekit.runtime import Runtime
from tests.bus.sample import behaviour_of


class Told(BaseModel):
    status: str
    progress: int


def looking_at(job_id: UUID) -> Look:
    async def look(tx: AsyncSession) -> tuple[UUID, Told]:
        job = await jobs.find(tx, job_id)
        return job_id, Told(status=job.status, progress=job.progress) if job else Told(status="done", progress=9)

    return look


def told(event: str) -> dict[str, Any]:
    name, data, *rest = event.split("\n")
    assert (name, rest) == ("event: job", ["", ""])
    news: dict[str, Any] = json.loads(data.removeprefix("data: "))
    return news


async def test_each_change_is_told_once_until_the_work_has_ended(runtime: Runtime) -> None:
    seen = asyncio.Event()

    async def work(run: JobRun) -> Mapping[str, Any]:
        await run.progress(1, 2)
        await run.progress(1, 2)  # nothing new to tell
        await seen.wait()
        return {}

    behaviour_of(runtime).on_job = work
    async with begin(runtime, scope=Scope.system()) as tx:
        job = await jobs.enqueue(tx, kind="sample", payload={})
    working = asyncio.create_task(run_due_jobs(runtime))
    events = []
    async for event in job_events(runtime, Scope.system(), looking_at(job.id)):
        events.append(told(event))
        if events[-1]["progress"] == 1:
            seen.set()
    await working
    assert {"status": "running", "progress": 1} in events
    assert events[-1] == {"status": "done", "progress": 2}
    assert len({str(event) for event in events}) == len(events)


async def test_work_whose_job_was_cleared_away_is_told_once(runtime: Runtime) -> None:
    events = [told(event) async for event in job_events(runtime, Scope.system(), looking_at(uuid7()))]
    assert events == [{"status": "done", "progress": 9}]


async def test_streams_are_neither_kept_nor_held_back(runtime: Runtime) -> None:
    answer = stream_of(job_events(runtime, Scope.system(), looking_at(uuid7())))
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert (answer.headers["cache-control"], answer.headers["x-accel-buffering"]) == ("no-store", "no")
