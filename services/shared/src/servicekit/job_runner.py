"""The worker's side of `servicekit.jobs`: claiming, beating, finishing; and periodic duties."""

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from servicekit import metrics
from servicekit.db.outage import is_outage
from servicekit.db.tx import Scope, begin, wake_after_commit
from servicekit.db.types import utc_now
from servicekit.ids import uuid7
from servicekit.jobs import DutyRow, JobFailed, JobHandler, JobRow, JobRun, LeaseLost, Periodic, Postponed
from servicekit.wakeup import JOB_CHANGED, JOBS

if TYPE_CHECKING:
    from servicekit.runtime import Runtime

POLL_SECONDS = 1.0
# A job whose worker dies this often beyond its allowed errors is taken for the cause of it.
_SPARE_ATTEMPTS = 10
_OUTAGE_SECONDS = 1.0
# Delays of a postponed job: half of what it has waited so far, within these.
_SHORTEST_DELAY, _LONGEST_DELAY = 2.0, 60.0

log = structlog.get_logger(__name__)


class JobRunner:
    """Does the jobs of one kind, `concurrency` at a time."""

    def __init__(self, runtime: "Runtime", handler: JobHandler) -> None:
        self._runtime = runtime
        self._handler = handler
        self._lease_seconds = handler.lease_seconds or runtime.settings.job_lease_seconds
        self._stopping = False

    async def run(self) -> None:
        """Works until `stop`. Cancelling it hands the jobs under way back to the queue."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._handler.concurrency):
                group.create_task(self._loop())

    def stop(self) -> None:
        """Lets the jobs under way end, and claims no other."""
        self._stopping = True
        self._runtime.wakeup.notify_here(JOBS, self._handler.kind)

    async def _loop(self) -> None:
        with self._runtime.wakeup.subscribe(JOBS, self._handler.kind) as signal:
            while not self._stopping:
                try:
                    worked = await self.run_once()
                except Exception as error:  # the database is away: the lease keeps the job for whoever comes next
                    log.warning("job_round_failed", kind=self._handler.kind, error=type(error).__name__)
                    await asyncio.sleep(_OUTAGE_SECONDS)
                    continue
                if not worked:
                    await signal.wait(POLL_SECONDS)

    async def run_once(self) -> bool:
        """Claims and does one job. False when there was none."""
        job = await self._claim()
        if job is None:
            return False
        run = JobRun(self._runtime, job, self._lease_seconds)
        if job.attempts > self._handler.max_attempts + _SPARE_ATTEMPTS:
            await self._fail(run, "worker_lost")
            return True
        self._runtime.wakeup.notify(JOB_CHANGED, str(job.id))
        with structlog.contextvars.bound_contextvars(job_id=str(job.id), job_kind=job.kind):
            await self._attempt(run)
        return True

    async def _claim(self) -> JobRow | None:
        now = utc_now()
        due = or_(
            and_(JobRow.status == "queued", JobRow.run_after <= now),
            and_(JobRow.status == "running", JobRow.lease_until < now),
        )
        candidate = (
            select(JobRow.id)
            .where(JobRow.kind == self._handler.kind, due)
            .order_by(JobRow.priority.desc(), JobRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        statement = (
            update(JobRow)
            .where(JobRow.id == candidate)
            .values(
                status="running",
                lease_owner=uuid7(),  # new for each attempt: a worker can't mistake its successor's lease for its own
                lease_until=now + timedelta(seconds=self._lease_seconds),
                attempts=JobRow.attempts + 1,
                started_at=now,
                version=JobRow.version + 1,
            )
            .returning(JobRow)
            .execution_options(synchronize_session=False)
        )
        async with begin(self._runtime, scope=Scope.system()) as tx:
            row: JobRow | None = (await tx.scalars(statement)).one_or_none()
            return row

    async def _attempt(self, run: JobRun) -> None:
        log.info("job_started", attempt=run.attempt)
        try:
            with metrics.JOB_SECONDS.labels(self._runtime.service.name, run.kind).time():
                result = await self._work_beating(run)
            await self._finish(run, result)
            self._count("done")
            log.info("job_done")
        except asyncio.CancelledError:
            log.info("job_handed_back")
            with contextlib.suppress(Exception):  # the lease does it otherwise
                await asyncio.shield(self._hand_back(run))
            raise
        except LeaseLost:
            self._count("lost")
            log.warning("job_lease_lost")
        except JobFailed as error:
            log.warning("job_failed", code=error.code)
            await self._fail(run, error.code, error.detail)
        except Postponed as error:
            await self._postpone(run, error)
        except Exception as error:
            if is_outage(error):
                log.warning("job_cut_off", reason=type(error).__name__)
                await self._postpone(run, None)  # fails while the database is away: the lease does it then
                return
            log.exception("job_attempt_failed", attempt=run.attempt)
            await self._retry_or_fail(run)

    async def _work_beating(self, run: JobRun) -> Mapping[str, Any]:
        """Runs the handler while beating. A lost lease cancels the handler and raises LeaseLost."""
        work = asyncio.ensure_future(self._handler.run(run))
        beating = asyncio.create_task(self._beat(run), name=f"beat {run.id}")
        try:
            await asyncio.wait({work, beating}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                beating.result()  # raises LeaseLost
            return await work
        finally:
            for task in (work, beating):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await task

    async def _beat(self, run: JobRun) -> None:
        loop = asyncio.get_running_loop()
        last = loop.time()
        while True:
            await asyncio.sleep(self._lease_seconds / 3)
            try:
                await run.beat()
                last = loop.time()
            except LeaseLost:
                raise
            except Exception as error:
                log.warning("job_beat_failed", error=type(error).__name__)
                if loop.time() - last > self._lease_seconds:
                    raise LeaseLost(str(run.id)) from error

    async def _finish(self, run: JobRun, result: Mapping[str, Any]) -> None:
        async with begin(self._runtime, scope=Scope.system()) as tx:
            job = await _held(tx, run)
            _end(job, "done")
            job.error_code = job.error_detail = None  # of what it waited for
            job.result = dict(result)
            if job.total is not None:
                job.progress = job.total
            if self._handler.finish is not None:
                await self._handler.finish(tx, job, result)
            wake_after_commit(tx, JOB_CHANGED, str(run.id))

    async def _fail(self, run: JobRun, code: str, detail: str | None = None) -> None:
        async with begin(self._runtime, scope=Scope.system()) as tx:
            job = await _held(tx, run)
            _end(job, "failed")
            job.error_code, job.error_detail = code, detail or self._handler.failure_detail
            if self._handler.fail is not None:
                await self._handler.fail(tx, job)
            wake_after_commit(tx, JOB_CHANGED, str(run.id))
        self._count("failed")

    def _count(self, outcome: str) -> None:
        metrics.JOBS.labels(self._runtime.service.name, self._handler.kind, outcome).inc()

    async def _retry_or_fail(self, run: JobRun) -> None:
        async with begin(self._runtime, scope=Scope.system()) as tx:
            job = await _held(tx, run)
            job.failures += 1
            job.postponed_since = None
            failures = job.failures
            if failures < self._handler.max_attempts:
                delay = self._handler.retry_seconds * 2 ** (failures - 1)
                _requeue(job, delay)
                wake_after_commit(tx, JOB_CHANGED, str(run.id))
                return
        await self._fail(run, "job_failed")

    async def _postpone(self, run: JobRun, reason: Postponed | None) -> None:
        """Lets the job wait for what is away; without a reason that is the database, which nobody waits out."""
        async with begin(self._runtime, scope=Scope.system()) as tx:
            job = await _held(tx, run)
            now = utc_now()
            waited = (now - (job.postponed_since or now)).total_seconds()
            if reason is None or waited < self._handler.patience_seconds:
                job.postponed_since = job.postponed_since or now
                if reason is not None:
                    job.error_code, job.error_detail = reason.code, reason.detail
                job.attempts -= 1  # no worker died of it, and it is no error
                _requeue(job, min(max(waited / 2, _SHORTEST_DELAY), _LONGEST_DELAY))
                wake_after_commit(tx, JOB_CHANGED, str(run.id))
                log.warning("job_postponed", reason=reason.code if reason else "outage", waited=round(waited))
                return
        await self._fail(run, reason.code, reason.given_up)

    async def _hand_back(self, run: JobRun) -> None:
        async with begin(self._runtime, scope=Scope.system()) as tx:
            job = await _held(tx, run)
            job.attempts -= 1
            _requeue(job, 0)
            wake_after_commit(tx, JOBS, run.kind)


async def _held(tx: AsyncSession, run: JobRun) -> JobRow:
    """The job's row, locked. Raises LeaseLost when this attempt no longer holds it."""
    job = await tx.get(JobRow, run.id, with_for_update=True)
    if job is None or job.status != "running" or job.lease_owner != run.lease_owner:
        raise LeaseLost(str(run.id))
    return job


def _end(job: JobRow, status: str) -> None:
    job.status = status
    job.finished_at = utc_now()
    job.lease_owner = job.lease_until = None
    job.version += 1


def _requeue(job: JobRow, delay: float) -> None:
    job.status = "queued"
    job.run_after = utc_now() + timedelta(seconds=delay)
    job.lease_owner = job.lease_until = None
    job.version += 1


class DutyRunner:
    """Does one periodic duty whenever it is due, shared with the other workers of the service."""

    def __init__(self, runtime: "Runtime", duty: Periodic) -> None:
        self._runtime = runtime
        self._duty = duty

    async def run(self) -> None:
        """Works until cancelled. Duties must stand being cut off."""
        while True:
            try:
                await self.run_if_due()
            except Exception:
                log.exception("duty_failed", duty=self._duty.name)
            await asyncio.sleep(min(self._duty.seconds, 60.0))

    async def run_if_due(self) -> bool:
        """Does the duty when its time has come; the first of several workers to ask does it."""
        now = utc_now()
        upsert = insert(DutyRow).values(name=self._duty.name, next_run_at=now + timedelta(seconds=self._duty.seconds))
        statement = upsert.on_conflict_do_update(
            index_elements=["name"], set_={"next_run_at": upsert.excluded.next_run_at}, where=DutyRow.next_run_at <= now
        ).returning(DutyRow.name)
        async with begin(self._runtime, scope=Scope.system()) as tx:
            mine = (await tx.execute(statement)).first() is not None
        if mine:
            await self._duty.run(self._runtime)
        return mine


async def run_due_jobs(runtime: "Runtime") -> int:
    """Does every job that is due now, here and one after another; returns how many attempts that took. For tests."""
    count = 0
    for handler in runtime.service.jobs:
        if isinstance(handler, JobHandler):
            runner = JobRunner(runtime, handler)
            while await runner.run_once():
                count += 1
    return count
