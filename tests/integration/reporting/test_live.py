"""With a worker running: waiting for the result, progress as it happens, renderers that are warm beforehand."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from reporting.sources import Reader
from servicekit.worker import Worker
from tests.integration.reporting.desk import ask, ask_for, file_of, shown
from tests.integration.reporting.siblings import UNIT, Siblings
from tests.support.harness import ServiceHarness


@asynccontextmanager
async def working(hall: ServiceHarness) -> AsyncIterator[Worker]:
    worker = Worker(hall.runtime)
    await worker.start()
    try:
        yield worker
    finally:
        await worker.stop()


async def ask_and_wait(hall: ServiceHarness, siblings: Siblings, prefer: str) -> httpx.Response:
    form = {
        "kind": "insurance_certificate",
        "person_id": str(siblings.person_id),
        "from_month": "2026-01",
        "to_month": "2026-02",
    }
    return await hall.client.post("/api/reporting/reports", json=form, headers=hall.clerk(UNIT, Prefer=prefer))


@pytest.mark.parametrize("prefer", ["wait=10", "respond-async, wait=10", "wait=999"])
async def test_whoever_waits_gets_the_finished_report(hall: ServiceHarness, siblings: Siblings, prefer: str) -> None:
    async with working(hall):
        answer = await ask_and_wait(hall, siblings, prefer)
        assert answer.status_code == 200
        assert answer.headers["preference-applied"] == "wait=10"
        report = answer.json()
        assert report["status"] == "done"
        assert (await file_of(hall, report)).content.startswith(b"%PDF")


async def test_a_failure_is_an_answer_too(hall: ServiceHarness, siblings: Siblings) -> None:
    siblings.mandate_gone = True
    async with working(hall):
        answer = await ask_and_wait(hall, siblings, "wait=10")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["error_code"]) == ("failed", "authority_gone")


async def test_whoever_waits_in_vain_gets_what_there_is(hall: ServiceHarness, siblings: Siblings) -> None:
    answer = await ask_and_wait(hall, siblings, "wait=1")  # no worker runs
    assert answer.status_code == 202
    assert answer.json()["status"] == "queued"


async def test_progress_comes_as_events(hall: ServiceHarness, siblings: Siblings) -> None:
    accepted = (await ask(hall, siblings.person_id)).json()
    url = f"/api/reporting/reports/{accepted['id']}/events"

    async def watch() -> tuple[httpx.Response, list[dict[str, object]]]:
        answer = await hall.client.get(url, headers=hall.clerk(UNIT))
        lines = answer.text.splitlines()
        assert {line for line in lines if line.startswith("event:")} == {"event: job"}
        return answer, [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]

    watching = asyncio.create_task(watch())
    async with working(hall):
        answer, states = await watching
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert states[-1] == await shown(hall, accepted["id"])
    assert states[-1]["status"] == "done"
    progress = [state["progress"] for state in states]
    assert progress == sorted(progress, key=lambda value: int(str(value)))
    assert len(states) > 1


async def test_renderers_are_warm_before_anybody_asks(hall: ServiceHarness) -> None:
    renderers = hall.runtime.resources["reporting"].renderers
    assert renderers.processes() == []  # a web process has none
    async with working(hall):
        await renderers.warm_up()  # waits for the process that the worker is starting
        first = renderers.processes()
        assert len(first) == 1
    assert renderers.processes() == first


async def test_a_certificate_never_waits_for_a_long_list(
    hall: ServiceHarness, siblings: Siblings, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on, people = asyncio.Event(), asyncio.Event(), Reader.people

    async def without_end(reader: Reader, *conditions: Any, **rest: Any) -> AsyncIterator[Any]:
        reached.set()
        await go_on.wait()
        async for page in people(reader, *conditions, **rest):
            yield page

    monkeypatch.setattr(Reader, "people", without_end)
    async with working(hall):
        lists = [(await ask_for(hall, {"kind": "roster_list"})).json()["id"] for _ in range(3)]
        async with asyncio.timeout(30):
            await reached.wait()
        answer = await ask_and_wait(hall, siblings, "wait=10")
        assert (answer.status_code, answer.json()["status"]) == (200, "done")
        assert sorted([(await shown(hall, one))["status"] for one in lists]) == ["queued", "queued", "running"]
        go_on.set()
