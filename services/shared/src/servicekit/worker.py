"""The worker of a service: its relay, consumers, jobs and periodic duties, and stopping without dropping anything."""

import asyncio
import contextlib
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import structlog

from servicekit import idempotency, inbox, jobs, metrics, parking, relay
from servicekit.db.tx import Scope, begin
from servicekit.job_runner import DutyRunner, JobRunner
from servicekit.jobs import JobHandler, Periodic
from servicekit.relay import Relay, clean_published

if TYPE_CHECKING:
    from servicekit.runtime import Runtime

_HOUR = 3600.0
_GAUGE_SECONDS = 15.0

log = structlog.get_logger(__name__)


async def _clean_outbox(runtime: "Runtime") -> None:
    await clean_published(runtime)


async def _clean_inbox(runtime: "Runtime") -> None:
    await inbox.clean(runtime)


async def _clean_idempotency(runtime: "Runtime") -> None:
    await idempotency.clean(runtime)


async def _clean_jobs(runtime: "Runtime") -> None:
    await jobs.clean(runtime)


KIT_DUTIES = (
    Periodic("kit.clean_idempotency", _HOUR, _clean_idempotency),
    Periodic("kit.clean_outbox", _HOUR, _clean_outbox),
    Periodic("kit.clean_inbox", _HOUR, _clean_inbox),
    Periodic("kit.clean_jobs", _HOUR, _clean_jobs),
)


async def _measure(runtime: "Runtime") -> None:
    """Keeps this process's gauges of the outbox and the jobs current, until cancelled."""
    service = runtime.service.name
    kinds = [job.kind for job in runtime.service.jobs if isinstance(job, JobHandler)]
    while True:
        try:
            async with begin(runtime, scope=Scope.system()) as tx:
                count, age = await relay.waiting(tx)
                queued = await jobs.queued(tx)
        except Exception as error:  # figures only: the database's absence is told elsewhere
            log.warning("gauges_not_updated", error=type(error).__name__)
        else:
            metrics.OUTBOX_WAITING.labels(service).set(count)
            metrics.OUTBOX_LAG_SECONDS.labels(service).set(age)
            for kind in kinds:
                metrics.JOBS_WAITING.labels(service, kind).set(queued.get(kind, 0))
        await _measure_parked(runtime)
        await asyncio.sleep(_GAUGE_SECONDS)


async def _measure_parked(runtime: "Runtime") -> None:
    try:
        found = await parking.counts(runtime)
    except Exception as error:  # figures only, as above
        log.warning("gauges_not_updated", error=type(error).__name__)
        return
    for queue, count in found.items():
        metrics.PARKED.labels(runtime.service.name, queue).set(count)


class Worker:
    """Everything of a service that isn't a request. One per process is usual; several share the work."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._relay = Relay(runtime)
        work = runtime.service.jobs
        self._runners = [JobRunner(runtime, job) for job in work if isinstance(job, JobHandler)]
        duties = [*KIT_DUTIES, *(job for job in work if isinstance(job, Periodic))]
        self._duties = [DutyRunner(runtime, duty) for duty in duties]
        self._consuming = AsyncExitStack()
        self._relaying: asyncio.Task[None] | None = None
        self._running: list[asyncio.Task[None]] = []
        self._other: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Starts working. Returns at once, with the broker down as well."""
        name = self._runtime.service.name
        self._relaying = asyncio.create_task(self._relay.run(), name=f"{name} relay")
        self._running = [asyncio.create_task(runner.run(), name=f"{name} jobs") for runner in self._runners]
        self._other = [asyncio.create_task(duty.run(), name=f"{name} duty") for duty in self._duties]
        for companion in self._runtime.service.companions:
            self._other.append(asyncio.ensure_future(companion(self._runtime)))
        if self._runtime.settings.metrics_port is not None:
            self._other.append(asyncio.create_task(_measure(self._runtime), name=f"{name} gauges"))
        consumers = self._runtime.service.consumers
        if consumers is not None:
            await self._consuming.enter_async_context(self._runtime.transport.consume(self._runtime, consumers))
        log.info("worker_started", service=name)

    @property
    def alive(self) -> bool:
        """Whether every part is still running: what liveness asks."""
        tasks = (self._relaying, *self._running, *self._other)
        return all(task is not None and not task.done() for task in tasks)

    async def stop(self) -> None:
        """Takes nothing new, lets what is under way end within `shutdown_seconds`, hands jobs back after that."""
        for task in self._other:
            task.cancel()
        for runner in self._runners:
            runner.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._runtime.settings.shutdown_seconds):
                await self._consuming.aclose()
                if self._running:
                    await asyncio.wait(self._running)
                self._relay.stop()
                if self._relaying is not None:
                    await asyncio.wait({self._relaying})
        tasks = [task for task in (self._relaying, *self._running, *self._other) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        log.info("worker_stopped", service=self._runtime.service.name)

    async def run(self, stopping: asyncio.Event) -> None:
        """Works until `stopping` is set, then stops in order."""
        await self.start()
        try:
            await stopping.wait()
        finally:
            await self.stop()
