"""Wake-up signals between processes (here: two connections), over a real PostgreSQL."""

import asyncio

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from servicekit.wakeup import JOB_CHANGED, JOBS, OUTBOX, Wakeup
from standalone.postgres import EmbeddedPostgres
from tests.support.databases import Database


async def test_signals_reach_this_process_and_others(database: Database) -> None:
    url = make_url(database.app_url)
    async with Wakeup(url) as here, Wakeup(url) as there:
        await asyncio.gather(here.connected.wait(), there.connected.wait())
        with (
            here.subscribe(OUTBOX) as own,
            there.subscribe(OUTBOX) as outbox,
            there.subscribe(JOBS, "report") as reports,
            there.subscribe(JOBS, "assessment") as assessments,
            there.subscribe(JOB_CHANGED) as any_job,
        ):
            for _ in range(100):
                here.notify(OUTBOX)
            here.notify(JOBS, "report")
            here.notify(JOB_CHANGED, "some id")
            assert await own.wait(0)  # at once, without the database
            assert await outbox.wait(10)
            assert await reports.wait(10)
            assert await any_job.wait(10)
            assert not await assessments.wait(0)


async def test_a_lost_connection_comes_back_and_wakes_everybody(
    database: Database, postgres_server: EmbeddedPostgres
) -> None:
    async with Wakeup(make_url(database.app_url)) as wakeup:
        await wakeup.connected.wait()
        with wakeup.subscribe(OUTBOX) as signal:
            engine = create_async_engine(postgres_server.url(database.name), poolclass=NullPool)
            async with engine.connect() as admin:
                await admin.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                )
            await engine.dispose()
            assert await signal.wait(20)  # whatever was missed meanwhile: look again
            await wakeup.connected.wait()
