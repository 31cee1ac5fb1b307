"""A batch of 10,000 people: `python -m tests.bench.batches [people]`. Reported, never asserted.

From the upload to the last fault shown, from the confirmation to the last application; beside calamine reading the same
file alone, and beside COPY of the same applications and outbox rows alone, as the superuser without row level security.
One file is new people, all good; of the other half the rows are faulty. Memory: this process (the service) and the
largest reading process.
"""

import asyncio
import io
import resource
import sys
import time
from contextlib import AsyncExitStack
from datetime import date
from typing import Any

import asyncpg
import python_calamine
import uvloop
from openpyxl import Workbook
from sqlalchemy import select
from sqlalchemy.engine import make_url

from enrollment.batches import work
from enrollment.batches.columns import ADDITION
from enrollment.service import SERVICE
from servicekit.clock import FixedClock
from servicekit.db.tx import Scope, begin
from servicekit.job_runner import JobRunner
from servicekit.jobs import JobHandler
from servicekit.serving import spare_the_collector
from servicekit.sheets.readers import keep_spare_reader
from standalone.postgres import EmbeddedPostgres
from tests.integration.enrollment.batch_desk import batch, confirm, faulty_rows, returned, send
from tests.integration.enrollment.desk import UNIT, deliver, opened
from tests.support.databases import throw_away_databases
from tests.support.harness import ServiceHarness, service_harness
from tests.support.sheets import newcomer

_FULL = {
    "户籍地址": "海曙区示范路2号",
    "婚姻状况": "20 已婚",
    "学历": "20 本科",
    "参加工作日期": "2012-07-01",
    "电子邮箱": "name@example.com",
    "邮政编码": "315000",
    "合同开始日期": "2026-03-01",
    "合同终止日期": "2029-02-28",
    "岗位/职务": "会计",
    "备注": "示例",
}

_DECIDED = {
    "decided_by", "decided_by_name", "decided_at", "decision_reason", "findings", "flag", "effect",
}  # fmt: skip


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def _file(people: int, *, faulty: bool) -> bytes:
    """A sheet with every column; `faulty` spoils every second row in three places."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("人员")
    names = [column.label for column in ADDITION]
    sheet.append(names)
    for number in range(people):
        person = newcomer() | _FULL
        if faulty and number % 2:
            person |= {"手机号码": "1", "民族": "火星族", "证件号码": person["证件号码"][:-1]}
        sheet.append([person.get(name) for name in names])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _processor_time() -> tuple[float, float]:
    """Seconds of this process and of those it has waited for: a busy machine spoils them less."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own, children = (one.ru_utime + one.ru_stime for one in used)
    return own, children


def _read_alone(content: bytes) -> tuple[float, float]:
    """Seconds that calamine takes to read a file, and of this process's processor time."""
    used, began = _processor_time()[0], time.perf_counter()
    python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    return time.perf_counter() - began, _processor_time()[0] - used


async def _worked(hall: ServiceHarness, kind: str) -> None:
    handler = next(job for job in work.JOBS if isinstance(job, JobHandler) and job.kind == kind)
    assert await JobRunner(hall.runtime, handler).run_once()


async def _round(hall: ServiceHarness, content: bytes) -> tuple[dict[str, Any], float, float]:
    """The batch, seconds from upload to faults, seconds from confirmation to applications."""
    began = time.perf_counter()
    answer = await send(hall, content)
    await _worked(hall, "check_batch")
    seen = await batch(hall, answer.json()["id"])
    await faulty_rows(hall, seen["id"])
    checked = time.perf_counter()
    await confirm(hall, seen)
    await _worked(hall, "submit_batch")
    done = await batch(hall, seen["id"])
    return done, checked - began, time.perf_counter() - checked


async def _copied(hall: ServiceHarness, url: str, count: int) -> float:
    """Seconds that COPY takes for as many applications and outbox rows like those just written."""
    connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        rows: dict[str, list[Any]] = {}
        for table in ("applications", "outbox"):
            rows[table] = await connection.fetch(f"SELECT * FROM {table} LIMIT {count}")  # noqa: S608
            await connection.execute(f"DELETE FROM {table}")  # noqa: S608
        began = time.perf_counter()
        async with connection.transaction():
            for table, records in rows.items():
                await connection.copy_records_to_table(table, records=[tuple(record) for record in records])
        return time.perf_counter() - began
    finally:
        await connection.close()


async def main(people: int) -> None:
    """Measures and prints."""
    async with AsyncExitStack() as stack:
        databases = stack.enter_context(throw_away_databases())
        clock = FixedClock.on(date(2026, 3, 10))
        hall = await stack.enter_async_context(service_harness(SERVICE, databases, clock=clock))
        await deliver(hall, opened(UNIT))
        spare = asyncio.create_task(keep_spare_reader(hall.runtime))
        files = [("new people, all good", _file(people, faulty=False)), ("half faulty", _file(people, faulty=True))]
        await _round(hall, _file(10, faulty=True))  # warm
        spare_the_collector()  # as a worker does when it starts
        read = [await asyncio.to_thread(_read_alone, content) for _, content in files]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # with what calamine took, which is freed
        for (name, content), (alone, calamine) in zip(files, read, strict=True):
            used = _processor_time()
            done, checking, submitting = await _round(hall, content)
            service, children = (now - then for now, then in zip(_processor_time(), used, strict=True))
            _say(
                f"{name}: {done['total']:,} people, {len(content) / 2**20:.1f} MiB; upload -> faults {checking:.2f} s "
                f"(calamine alone {alone:.2f}, {checking / alone:.1f} x), confirmation -> {done['submitted']:,} "
                f"applications {submitting:.2f} s; processor time: calamine {calamine:.2f}, reading process "
                f"{children:.2f}, service {service:.2f} s"
            )
            if done["bad"]:
                began = time.perf_counter()
                back = await returned(hall, done["id"])
                _say(f"{done['bad']:,} faulty rows as a file: {time.perf_counter() - began:.2f} s, {len(back):,} bytes")
        spare.cancel()
        await asyncio.gather(spare, return_exceptions=True)
        usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        _say(f"peak memory: service {usage:.0f} MiB ({before:.0f} before the files), largest child {child:.0f} MiB")
        await _compare_writing(hall, databases.server, people)


async def _compare_writing(hall: ServiceHarness, server: EmbeddedPostgres, people: int) -> None:
    """The statements that write applications and events, beside COPY of the same rows."""
    from enrollment.applications import repository
    from enrollment.applications.models import Application
    from servicekit import outbox
    from servicekit.db.bulk import copy_many

    async with begin(hall.runtime, scope=Scope.system()) as tx:
        found = await tx.execute(select(Application.__table__).limit(people))
        # As a pending application is written: what a decision says of it comes later.
        rows = [{name: value for name, value in row._mapping.items() if name not in _DECIDED} for row in found]
        events = [dict(row._mapping) for row in await tx.execute(select(outbox.table).limit(people))]
    theirs = await _copied(hall, server.url(hall.database.name), people)
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        for table in ("applications", "outbox"):
            await tx.execute(_delete(table))
    began = time.perf_counter()
    async with begin(hall.runtime, scope=Scope.unit(UNIT)) as tx:
        await repository.add_many(tx, rows)
        await copy_many(tx, outbox.table, events)
    ours = time.perf_counter() - began
    _say(
        f"{len(rows):,} applications + {len(events):,} outbox rows: ours {ours:.2f} s, COPY {theirs:.2f} s, "
        f"ratio {ours / theirs:.2f}"
    )


def _delete(table: str) -> Any:
    from sqlalchemy import text

    return text(f"DELETE FROM {table}")  # noqa: S608


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
