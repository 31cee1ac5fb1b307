"""A batch of 10,000 people: `python -m tests.bench.batches [people]`. Reported, never asserted.

From the upload to the last fault shown, from the confirmation to the last application; beside calamine reading the same
file alone, and beside COPY of the same applications and outbox rows alone, as the superuser without row level security.
One file is new people, all good; of the other half the rows are faulty. Memory: this process (the service) and the
largest reading process.
"""

import asyncio
import io
import resource
import statistics
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

from enrollment.applications import repository
from enrollment.applications.models import Application
from enrollment.batches import work
from enrollment.batches.columns import ADDITION
from enrollment.service import SERVICE
from servicekit import outbox
from servicekit.clock import FixedClock
from servicekit.db.bulk import copy_many
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

_TURNS = 7
_EMPTY = "TRUNCATE applications, outbox CASCADE"


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
    """The statements that write applications and events, beside COPY of the same rows; in turns, into empty tables."""
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        found = await tx.execute(select(Application.__table__).limit(people))
        # As a pending application is written: what a decision says of it comes later.
        rows = [{name: value for name, value in row._mapping.items() if name not in _DECIDED} for row in found]
        events = [dict(row._mapping) for row in await tx.execute(select(outbox.table).limit(people))]
    url = make_url(server.url(hall.database.name)).set(drivername="postgresql").render_as_string(hide_password=False)
    superuser = await asyncpg.connect(url)
    records = {
        table: [tuple(one) for one in await superuser.fetch(f"SELECT * FROM {table} LIMIT {people}")]  # noqa: S608 - names of ours
        for table in ("applications", "outbox")
    }
    ours, theirs = [], []
    for _ in range(_TURNS):
        await superuser.execute(_EMPTY)
        began = time.perf_counter()
        async with superuser.transaction():
            for table, copied in records.items():
                await superuser.copy_records_to_table(table, records=copied)
        theirs.append(time.perf_counter() - began)
        await superuser.execute(_EMPTY)
        began = time.perf_counter()
        async with begin(hall.runtime, scope=Scope.unit(UNIT)) as tx:
            await repository.add_many(tx, rows)
            await copy_many(tx, outbox.table, events)
        ours.append(time.perf_counter() - began)
    await superuser.close()
    mine, copy = statistics.median(ours), statistics.median(theirs)
    _say(
        f"{len(rows):,} applications + {len(events):,} outbox rows: ours {mine:.2f} s, COPY {copy:.2f} s, "
        f"ratio {mine / copy:.2f}"
    )


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
