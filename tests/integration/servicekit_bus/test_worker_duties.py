"""Periodic duties, and the clearing away of what is no longer needed."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from servicekit import inbox, jobs, outbox, parking
from servicekit.bus.inprocess import drain
from servicekit.db.tx import Scope, begin
from servicekit.db.types import utc_now
from servicekit.ids import uuid7
from servicekit.job_runner import DutyRunner
from servicekit.jobs import JobRow, Periodic
from servicekit.relay import clean_published, waiting
from servicekit.runtime import Runtime
from tests.bus.sample import granted


async def test_several_workers_share_a_duty(runtime: Runtime) -> None:
    done: list[Runtime] = []

    async def duty(of: Runtime) -> None:
        done.append(of)

    workers = [DutyRunner(runtime, Periodic("sample.duty", 3600, duty)) for _ in range(5)]
    assert sum(await asyncio.gather(*(worker.run_if_due() for worker in workers))) == 1
    assert len(done) == 1


async def test_a_duty_is_due_again_after_its_time(runtime: Runtime) -> None:
    done: list[Runtime] = []

    async def duty(of: Runtime) -> None:
        done.append(of)

    worker = DutyRunner(runtime, Periodic("sample.duty", 0, duty))
    assert await worker.run_if_due()
    assert await worker.run_if_due()
    assert len(done) == 2


async def test_published_rows_go_after_a_while_and_waiting_ones_never(runtime: Runtime) -> None:
    async with begin(runtime, scope=Scope.system()) as tx:
        await outbox.add(tx, granted(), granted())
    assert await drain([runtime]) == 2
    async with begin(runtime, scope=Scope.system()) as tx:
        await outbox.add(tx, granted())
        old = utc_now() - timedelta(days=30)
        await tx.execute(update(outbox.table).values(created_at=old))
        await tx.execute(update(outbox.table).where(outbox.table.c.published_at.is_not(None)).values(published_at=old))
    assert await clean_published(runtime) == 2
    async with begin(runtime, scope=Scope.system()) as tx:
        count, age = await waiting(tx)
    assert count == 1
    assert age > 29 * 86400


async def test_the_inbox_forgets_only_what_can_not_come_again(runtime: Runtime) -> None:
    async with begin(runtime, scope=Scope.system()) as tx:
        await outbox.add(tx, granted())
    await drain([runtime])
    assert await inbox.clean(runtime) == 0
    async with begin(runtime, scope=Scope.system()) as tx:
        await tx.execute(update(inbox.table).values(handled_at=utc_now() - inbox.KEEP - timedelta(days=1)))
    assert await inbox.clean(runtime) == 2
    async with begin(runtime, scope=Scope.system()) as tx:
        assert await tx.scalar(select(func.count()).select_from(inbox.table)) == 0


@pytest.mark.parametrize("moments", [1, 3, 250])
async def test_old_rows_go_in_batches_until_none_is_left(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, moments: int
) -> None:
    """Also where more rows than a batch holds have the same moment."""
    monkeypatch.setattr("servicekit.db.purge.BATCH", 30)
    old = utc_now() - inbox.KEEP - timedelta(days=1)
    rows = [
        {"consumer": "sample.x", "message_id": uuid7(), "handled_at": old - timedelta(seconds=number % moments)}
        for number in range(250)
    ]
    rows.append({"consumer": "sample.x", "message_id": uuid7(), "handled_at": utc_now()})
    async with begin(runtime, scope=Scope.system()) as tx:
        await tx.execute(insert(inbox.table), rows)
    assert await inbox.clean(runtime) == 250
    async with begin(runtime, scope=Scope.system()) as tx:
        assert await tx.scalar(select(func.count()).select_from(inbox.table)) == 1


async def test_finished_jobs_go_after_their_time_and_others_never(runtime: Runtime) -> None:
    async with begin(runtime, scope=Scope.system()) as tx:
        made = [await jobs.enqueue(tx, kind=kind, payload={}) for kind in ("sample", "sample", "sample", "other")]
        long_ago = utc_now() - timedelta(days=9)
        over = update(JobRow).values(status="done", finished_at=long_ago)
        await tx.execute(over.where(JobRow.id.in_([made[0].id, made[3].id])))
        await tx.execute(update(JobRow).where(JobRow.id == made[1].id).values(status="done", finished_at=utc_now()))
        await tx.execute(update(JobRow).values(created_at=long_ago))
    assert await jobs.clean(runtime) == 1
    async with begin(runtime, scope=Scope.system()) as tx:
        left = set(await tx.scalars(select(JobRow.id)))
    assert left == {made[1].id, made[2].id, made[3].id}


async def test_what_the_broker_refused_too_often_can_be_seen_redriven_and_dropped(runtime: Runtime) -> None:
    async with begin(runtime, scope=Scope.system()) as tx:
        await outbox.add(tx, granted(), granted())
        await tx.execute(update(outbox.table).values(parked_at=utc_now(), attempts=51, last_error="TooLarge"))
    assert await drain([runtime]) == 0
    first, second = [message async for message in parking.parked(runtime, "outbox")]
    assert (first.reason, first.detail) == ("refused_by_broker", "TooLarge")
    assert await parking.discard(runtime, "outbox", frozenset({first.id}), who="tester") == [first.id]
    assert await parking.redrive(runtime, "outbox", None, who="tester") == [second.id]
    assert await drain([runtime]) == 1
