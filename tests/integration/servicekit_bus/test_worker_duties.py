"""Periodic duties, and the clearing away of what is no longer needed."""

import asyncio
from datetime import timedelta

from sqlalchemy import func, select, update

from servicekit import inbox, outbox, parking
from servicekit.bus.inprocess import drain
from servicekit.db.tx import Scope, begin
from servicekit.db.types import utc_now
from servicekit.job_runner import DutyRunner
from servicekit.jobs import Periodic
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
    async with begin(runtime, scope=Scope.system()) as tx:
        assert await inbox.clean(tx) == 0
        await tx.execute(update(inbox.table).values(handled_at=utc_now() - inbox.KEEP - timedelta(days=1)))
        assert await inbox.clean(tx) == 2
        assert await tx.scalar(select(func.count()).select_from(inbox.table)) == 0


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
