"""Workers as real processes, killed at each point where a crash could lose or double something."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from servicekit import jobs, outbox
from servicekit.bus.amqp import AmqpTransport
from servicekit.bus.inprocess import InProcessTransport
from servicekit.db.tx import Scope, begin
from servicekit.runtime import Runtime
from tests.bus.conftest import open_amqp
from tests.bus.opening import open_sample, sample_values
from tests.bus.sample import granted, times_noted
from tests.support.databases import Database
from tests.support.waiting import until

pytestmark = [pytest.mark.broker, pytest.mark.processes]
ROOT = Path(__file__).parents[2]


class Hall:
    """The sample's database and queues, with worker processes to start; this process itself does no work."""

    def __init__(self, runtime: Runtime, transport: AmqpTransport, settings: Path, namespace: str) -> None:
        self.runtime = runtime
        self.transport = transport
        self._settings = settings
        self._namespace = namespace
        self._processes: list[asyncio.subprocess.Process] = []

    async def worker(self, *, dies: str = "nowhere") -> asyncio.subprocess.Process:
        """Starts a worker that dies at a point."""
        command = (sys.executable, "-m", "tests.bus.sample_process", str(self._settings), self._namespace, dies)
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.DEVNULL)
        self._processes.append(process)
        return process

    async def end(self) -> None:
        """Ends what still runs."""
        for process in self._processes:
            if process.returncode is None:
                process.terminate()
            await process.wait()

    async def times(self, mandate_id: UUID) -> int:
        """How often the effect is there."""
        async with begin(self.runtime, scope=Scope.system()) as tx:
            return await times_noted(tx, mandate_id)


@asynccontextmanager
async def _hall(database: Database, broker_url: str, folder: Path) -> AsyncIterator[Hall]:
    namespace = f"t{uuid4().hex[:12]}"
    values: dict[str, Any] = sample_values(database, broker_url=broker_url)
    settings = folder / "settings.json"
    settings.write_text(json.dumps(values))
    async with open_amqp(broker_url, namespace) as transport, open_sample(values, InProcessTransport()) as runtime:
        hall = Hall(runtime, transport, settings, namespace)
        try:
            yield hall
        finally:
            await hall.end()


@pytest.fixture
async def hall(database: Database, broker_url: str, tmp_path: Path) -> AsyncIterator[Hall]:
    """Database, queues, and no worker yet."""
    async with _hall(database, broker_url, tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("point", ["before_commit", "after_commit", "after_publish"])
async def test_a_killed_workers_message_is_handled_exactly_once_by_the_next(hall: Hall, point: str) -> None:
    event = granted()
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await outbox.add(tx, event)
    dying = await hall.worker(dies=point)
    assert await dying.wait() == -signal.SIGKILL
    await hall.worker()

    async def noted() -> bool:
        return await hall.times(event.mandate_id) > 0

    await until(noted)
    # Whatever was on its way twice has come by now: a later event through the same queue has been handled.
    marker = granted()
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await outbox.add(tx, marker)

    async def marked() -> bool:
        return await hall.times(marker.mandate_id) > 0

    await until(marked)
    assert await hall.times(event.mandate_id) == 1


async def test_a_killed_workers_job_is_done_once_by_the_next(hall: Hall) -> None:
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        job = await jobs.enqueue(tx, kind="sample", payload={})
    dying = await hall.worker(dies="in_job")
    assert await dying.wait() == -signal.SIGKILL
    await hall.worker()
    done = await jobs.wait(hall.runtime, job.id, 20)
    assert done is not None
    assert (done.status, done.attempts, done.failures) == ("done", 2, 0)


async def test_a_worker_stops_in_good_order_on_sigterm(hall: Hall) -> None:
    event = granted()
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await outbox.add(tx, event)
    worker = await hall.worker()

    async def noted() -> bool:
        return await hall.times(event.mandate_id) == 1

    await until(noted)
    worker.terminate()
    assert await asyncio.wait_for(worker.wait(), 10) == 0
