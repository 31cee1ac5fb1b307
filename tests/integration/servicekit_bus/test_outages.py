"""The database away, in every way it can be: nothing that counts against a message or a job."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import literal, select, text, update
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from servicekit import jobs, outbox
from servicekit.bus.inprocess import InProcessTransport
from servicekit.bus.protocol import Message
from servicekit.consumer import Done, Outcome, Parked, TryAgain, process
from servicekit.db.outage import DatabaseAway, connect, is_outage
from servicekit.db.tx import Scope, begin
from servicekit.db.types import utc_now
from servicekit.job_runner import JobRunner
from servicekit.jobs import JobHandler, JobRow, JobRun, Postponed
from servicekit.problems import answer_to
from servicekit.runtime import Runtime
from standalone.postgres import EmbeddedPostgres
from tests.bus.opening import sample_runtime
from tests.bus.sample import SAMPLE, behaviour_of, consumers, granted, times_noted
from tests.support.databases import Database
from tests.support.gate import Gate, gate_to

UNIT = "330200000000000101"


class Away:
    """Takes a database away from the service in front of it, and gives it back."""

    def __init__(self, gate: Gate, name: str, admin_url: str, patch: pytest.MonkeyPatch) -> None:
        self._gate = gate
        self._name = name
        self._admin_url = admin_url
        self._patch = patch

    async def take(self, how: str) -> None:
        """`refusing`, `silent`, or `full` of connections."""
        if how == "full":
            await self.admin(f'ALTER DATABASE "{self._name}" CONNECTION LIMIT 0')
            self._gate.cut()
        elif how == "silent":  # only then does anything wait for the time-out: a slow machine must not meet it
            self._patch.setattr("servicekit.db.outage.CONNECT_SECONDS", 0.1)
            await self._gate.set("silent")
        else:
            await self._gate.set("refusing")

    async def give_back(self) -> None:
        """As if nothing had been."""
        self._patch.setattr("servicekit.db.outage.CONNECT_SECONDS", 60.0)
        await self._gate.set("open")
        await self.admin(f'ALTER DATABASE "{self._name}" CONNECTION LIMIT -1')

    async def admin(self, statement: str) -> None:
        """As the server's superuser, past the gate."""
        engine = create_async_engine(self._admin_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(statement))
        await engine.dispose()


@pytest.fixture
async def gated(database: Database) -> AsyncIterator[tuple[Gate, Database]]:
    """A gate, and the database behind it."""
    async with gate_to(database) as both:
        yield both


@pytest.fixture
async def runtime(gated: tuple[Gate, Database]) -> AsyncIterator[Runtime]:
    """The sample service, whose database is behind the gate."""
    async with sample_runtime(gated[1], InProcessTransport(), database_pool_size=2) as opened:
        yield opened


@pytest.fixture
def away(gated: tuple[Gate, Database], postgres_server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> Away:
    """What takes the database away."""
    return Away(gated[0], gated[1].name, postgres_server.url(gated[1].name), monkeypatch)


async def _message(runtime: Runtime, *, attempt: int = 0) -> Message:
    envelope = outbox.envelope_of(granted(), service="sample")
    return Message(str(envelope.id), envelope.type, envelope.model_dump_json(exclude_none=True).encode(), attempt)


async def _process(runtime: Runtime, message: Message) -> Outcome:
    return await process(runtime, consumers.subscription("sample.note_grant"), message)


@pytest.mark.parametrize("how", ["refusing", "silent", "full"])
async def test_a_message_is_not_counted_as_failed_while_no_connection_can_be_had(
    runtime: Runtime, away: Away, how: str
) -> None:
    message = await _message(runtime, attempt=3)  # one more failure would park it
    await away.take(how)
    for _ in range(3):
        outcome = await _process(runtime, message)
        assert isinstance(outcome, TryAgain)
        assert (outcome.tier, outcome.counted) == (0, False), outcome
    await away.give_back()
    assert await _process(runtime, message) == Done()


async def test_nor_when_the_connection_breaks_in_the_middle(runtime: Runtime, away: Away) -> None:
    async def end_the_session(event: object) -> None:
        await away.admin(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND state = 'idle in transaction'"
        )

    behaviour_of(runtime).on_grant = end_the_session
    message = await _message(runtime, attempt=3)
    outcome = await _process(runtime, message)
    assert isinstance(outcome, TryAgain)
    assert not outcome.counted, outcome
    behaviour_of(runtime).on_grant = None
    assert await _process(runtime, message) == Done()


async def test_nor_when_every_connection_of_the_pool_is_taken(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime.engine.pool, "_timeout", 0.1)
    message = await _message(runtime, attempt=3)
    async with runtime.engine.connect(), runtime.engine.connect(), runtime.engine.connect(), runtime.engine.connect():
        outcome = await _process(runtime, message)
    assert isinstance(outcome, TryAgain)
    assert not outcome.counted, outcome


async def test_a_handler_that_takes_too_long_counts_as_failed(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("servicekit.consumer.HANDLER_SECONDS", 0.2)
    monkeypatch.setattr("servicekit.consumer._PROBE_SECONDS", 60.0)

    async def hang(event: object) -> None:
        await asyncio.Event().wait()

    behaviour_of(runtime).on_grant = hang
    outcome = await _process(runtime, await _message(runtime))
    assert isinstance(outcome, TryAgain)
    assert outcome.counted, outcome


async def test_but_not_if_the_database_is_what_does_not_answer(
    runtime: Runtime, away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    await away.take("silent")
    monkeypatch.setattr("servicekit.db.outage.CONNECT_SECONDS", 600.0)
    monkeypatch.setattr("servicekit.consumer.HANDLER_SECONDS", 0.2)
    monkeypatch.setattr("servicekit.consumer._PROBE_SECONDS", 0.1)
    outcome = await _process(runtime, await _message(runtime, attempt=3))
    assert outcome == TryAgain(0, counted=False, reason="outage: silence")


async def test_what_the_driver_can_not_send_counts_and_is_parked_in_the_end(
    runtime: Runtime,
) -> None:
    """The driver calls it an interface error, as it does a closed connection."""

    async def too_large(event: object) -> None:
        async with begin(runtime, scope=Scope.system()) as tx:
            await tx.execute(select(literal(2**70, jobs.JobRow.progress.type)))

    behaviour_of(runtime).on_grant = too_large
    first = await _process(runtime, await _message(runtime))
    assert isinstance(first, TryAgain)
    assert first.counted
    assert isinstance(await _process(runtime, await _message(runtime, attempt=3)), Parked)


@pytest.mark.parametrize("how", ["refusing", "silent", "full"])
async def test_a_request_is_told_to_come_again(runtime: Runtime, away: Away, how: str) -> None:
    await away.take(how)
    with pytest.raises(DatabaseAway) as caught:
        async with begin(runtime, scope=Scope.system()) as tx:
            await tx.execute(text("SELECT 1"))
    assert is_outage(caught.value)
    answer = answer_to(caught.value)
    assert (answer.problem.status, answer.problem.code) == (503, "try_again")


async def test_a_connection_notices_a_server_that_vanished(gated: tuple[Gate, Database]) -> None:
    connection = await connect(host="127.0.0.1", port=gated[0].port, user="sample_app", database=gated[1].name)
    try:
        peer = connection._transport.get_extra_info("socket")
        assert peer.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert 0 < peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) < 60
        assert 0 < peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) < 60_000
    finally:
        await connection.close()


# --- jobs -------------------------------------------------------------------------------------------------------------


async def _enqueue(runtime: Runtime) -> JobRow:
    async with begin(runtime, scope=Scope.system()) as tx:
        return await jobs.enqueue(tx, kind="sample", payload={}, employer_no=UNIT)


async def _now(runtime: Runtime, job: JobRow) -> JobRow:
    async with begin(runtime, scope=Scope.system()) as tx:
        found = await jobs.find(tx, job.id)
    assert found is not None
    return found


async def _due(runtime: Runtime, **more: Any) -> None:
    async with begin(runtime, scope=Scope.system()) as tx:
        await tx.execute(update(JobRow).values(run_after=utc_now(), **more))


def _handler(run: Callable[[JobRun], Awaitable[Mapping[str, Any]]], **more: Any) -> JobHandler:
    (plain,) = SAMPLE.jobs
    assert isinstance(plain, JobHandler)
    return JobHandler("sample", run, finish=plain.finish, fail=plain.fail, lease_seconds=10_000, **more)


@pytest.mark.parametrize("how", ["refusing", "full"])
async def test_a_job_cut_off_by_an_outage_goes_on_after_it(runtime: Runtime, away: Away, how: str) -> None:
    cut_off = 0

    async def work(run: JobRun) -> Mapping[str, Any]:
        nonlocal cut_off
        if cut_off < 20:  # far more often than a job may fail, or lose its worker
            cut_off += 1
            await away.take(how)
            try:
                await run.progress(1)
            finally:
                await away.give_back()
        return {"ok": True}

    job = await _enqueue(runtime)
    runner = JobRunner(runtime, _handler(work))
    while not (await _now(runtime, job)).finished:
        assert await runner.run_once()
        await _due(runtime)
    done = await _now(runtime, job)
    assert (done.status, done.attempts, done.failures, done.error_code) == ("done", 1, 0, None)
    assert behaviour_of(runtime).finished == [job.id]


async def _wait_for_source(run: JobRun) -> Mapping[str, Any]:
    raise Postponed("source_unavailable", "恢复后自动继续。", given_up="请重新生成。")


async def test_a_job_waits_for_what_is_away_and_says_so(runtime: Runtime) -> None:
    job = await _enqueue(runtime)
    runner = JobRunner(runtime, _handler(_wait_for_source))
    for _ in range(20):
        assert await runner.run_once()
        await _due(runtime)
    waiting = await _now(runtime, job)
    assert (waiting.status, waiting.error_code, waiting.error_detail) == (
        "queued", "source_unavailable", "恢复后自动继续。",
    )  # fmt: skip
    assert (waiting.attempts, waiting.failures) == (0, 0)

    async def work(run: JobRun) -> Mapping[str, Any]:
        return {}

    assert await JobRunner(runtime, _handler(work)).run_once()
    done = await _now(runtime, job)
    assert (done.status, done.error_code, done.error_detail) == ("done", None, None)


@pytest.mark.parametrize(("waited", "delay"), [(0, 2), (10, 5), (100, 50), (3000, 60)])
async def test_its_delays_grow_with_its_waiting(runtime: Runtime, waited: int, delay: int) -> None:
    job = await _enqueue(runtime)
    await _due(runtime, postponed_since=utc_now() - timedelta(seconds=waited))
    before = utc_now()
    assert await JobRunner(runtime, _handler(_wait_for_source)).run_once()
    wanted = (await _now(runtime, job)).run_after - before
    assert timedelta(seconds=delay) <= wanted <= timedelta(seconds=delay) + 2 * (utc_now() - before)


async def test_its_patience_ends(runtime: Runtime) -> None:
    job = await _enqueue(runtime)
    await _due(runtime, postponed_since=utc_now() - timedelta(seconds=61))
    assert await JobRunner(runtime, _handler(_wait_for_source, patience_seconds=60)).run_once()
    failed = await _now(runtime, job)
    assert (failed.status, failed.error_code, failed.error_detail) == ("failed", "source_unavailable", "请重新生成。")
    assert behaviour_of(runtime).failed == ["source_unavailable"]


async def test_handing_back_does_not_wear_a_job_out(runtime: Runtime) -> None:
    """A long job lives through more deployments than it may lose workers."""
    entered = asyncio.Event()

    async def work(run: JobRun) -> Mapping[str, Any]:
        entered.set()
        await asyncio.Event().wait()
        raise AssertionError

    job = await _enqueue(runtime)
    for _ in range(20):
        entered.clear()
        runner = asyncio.create_task(JobRunner(runtime, _handler(work)).run())
        await entered.wait()
        runner.cancel()
        await asyncio.gather(runner, return_exceptions=True)
    assert ((await _now(runtime, job)).status, (await _now(runtime, job)).attempts) == ("queued", 0)


async def test_the_effect_is_there_once_after_all_of_it(runtime: Runtime, away: Away) -> None:
    event = granted()
    envelope = outbox.envelope_of(event, service="sample")
    message = Message(str(envelope.id), envelope.type, envelope.model_dump_json(exclude_none=True).encode())
    for how in ("refusing", "silent", "full"):
        await away.take(how)
        assert isinstance(await _process(runtime, message), TryAgain)
        await away.give_back()
    assert await _process(runtime, message) == Done()
    assert await _process(runtime, message) == Done(duplicate=True)
    async with begin(runtime, scope=Scope.system()) as tx:
        assert await times_noted(tx, event.mandate_id) == 1
