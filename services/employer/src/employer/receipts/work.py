"""The jobs behind receipt files: checking each line, booking what was confirmed.

Both work in parts, one transaction each, fenced by the job's lease: whoever takes over after a kill goes on where the
last whole part ended, and a worker that was given up writes nothing more.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.employer import ContributionsPaid
from employer.contributions import settling
from employer.contributions.settling import Key, Payment
from employer.receipts import repository, rules
from employer.receipts.models import ReceiptImport, ReceiptLine
from employer.receipts.rules import Line, Outcome
from employer.receipts.service import AGENCY, BOOK, CHECK
from employer.units import repository as units
from servicekit import audit, outbox
from servicekit.db.tx import Scope, begin, clock_of
from servicekit.jobs import JobHandler, JobRow, JobRun, LeaseLost
from servicekit.sheets.container import FileRefused
from servicekit.sheets.readers import readers_of
from servicekit.sheets.table_child import table_order

LINES_AT_ONCE = 1000
_JOBS_KEPT = timedelta(days=30)
_FAILED = {"code": "check_failed", "message": "检查没有完成，请重新上传文件"}
_NOTHING = Decimal("0.00")


def _import_of(job: JobRun | JobRow) -> UUID:
    return UUID(str(job.payload["import_id"]))


async def _held(tx: AsyncSession, run: JobRun, stage: str) -> ReceiptImport:
    """The import this job works on, locked with the job. Raises LeaseLost when it has another job by now."""
    await run.fence(tx, {"status": "running"})  # changes nothing, and holds the job
    found = await repository.lock(tx, _import_of(run))
    if found is None or found.job_id != run.id or found.stage != stage:
        raise LeaseLost(str(run.id))
    return found


class _Forecast:
    """What the lines of a file will do, one after another, as if each were booked at once."""

    def __init__(self) -> None:
        self._open: dict[Key, Decimal | None] = {}
        self._seen: set[repository.Receipt] = set()

    async def learn(self, tx: AsyncSession, lines: Iterable[Line]) -> None:
        """Looks up what these lines need."""
        receipts = {(*_key(line), line.reference) for line in lines}
        keys = {receipt[:3] for receipt in receipts} - set(self._open)
        found = await settling.still_open(tx, sorted(keys))
        self._open.update({key: found.get(key) for key in keys})
        self._seen |= await repository.booked_among(tx, receipts)

    def judge(self, line: Line) -> tuple[Outcome, Decimal | None]:
        """The outcome of a line, and what is more than was open."""
        key = _key(line)
        receipt = (*key, line.reference)
        if receipt in self._seen:
            return "duplicate", None
        still_open = self._open[key]
        outcome = rules.outcome_of(line.amount, still_open)
        if still_open is None:
            return outcome, None
        self._seen.add(receipt)
        self._open[key] = still_open - line.amount
        surplus = min(line.amount, line.amount - still_open)
        return outcome, surplus if surplus > 0 else None


def _key(line: Line) -> Key:
    return line.group.employer_no, line.group.month, line.group.insurance


async def check(run: JobRun) -> dict[str, Any]:
    """Reads the file in a process of its own and says of each line what it will do."""
    import_id = _import_of(run)
    runtime = run.runtime
    async with begin(runtime, scope=Scope.system()) as tx:
        await _held(tx, run, "checking")
        await repository.drop_lines(tx, import_id)  # of an attempt that ended half-way, or of an earlier check
        insurances = await units.insurance_names(tx)
    order = table_order(rules.HEADINGS, required=rules.REQUIRED, max_rows=rules.MAX_LINES, hidden=("填写说明",))
    today, forecast = runtime.clock.today(), _Forecast()
    total = done = 0
    try:
        async for answer in readers_of(runtime).read(order, _parts(run)):
            if "total" in answer:
                total = answer["total"]
                continue
            done += len(answer["rows"])
            read = [
                (number, cells, rules.read_line(cells, insurances=insurances, today=today))
                for number, cells in answer["rows"]
            ]
            async with begin(runtime, scope=Scope.system()) as tx:
                await run.progress_in(tx, done, total)
                await forecast.learn(tx, [line for _, _, line in read if isinstance(line, Line)])
                await repository.add_lines(
                    tx, [_line_row(import_id, number, cells, line, forecast) for number, cells, line in read]
                )
    except FileRefused as refused:
        return {"refusal": {"code": refused.code, "message": refused.message}}
    return {}


async def _parts(run: JobRun) -> AsyncIterator[bytes]:
    """The uploaded file, part by part."""
    position = 0
    while True:
        async with begin(run.runtime, scope=Scope.system()) as tx:
            content = await repository.part(tx, _import_of(run), position)
        if content is None:
            return
        yield content
        position += 1


def _line_row(
    import_id: UUID,
    number: int,
    cells: Mapping[str, str],
    line: Line | list[rules.LineFault],
    forecast: _Forecast,
) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(("employer_no", "month", "insurance", "amount", "received_on", "reference"))
    row |= {"import_id": import_id, "number": number, "surplus": None, "faults": None, "cells": None}
    row["employer_name"] = (cells.get("employer_name") or "")[:100] or None
    if isinstance(line, Line):
        outcome, surplus = forecast.judge(line)
        return row | {
            **asdict(line.group),
            "month": line.group.month,
            "amount": line.amount,
            "received_on": line.received_on,
            "reference": line.reference,
            "outcome": outcome,
            "surplus": surplus,
        }
    shown = {rules.HEADINGS[column][0]: text[:200] for column, text in cells.items()}
    return row | {"outcome": "faulty", "faults": [asdict(fault) for fault in line], "cells": shown}


async def finish_check(tx: AsyncSession, job: JobRow, result: Mapping[str, Any]) -> None:
    """The file has been checked, or refused; the file itself is forgotten."""
    found = await repository.lock(tx, _import_of(job))
    if found is None or found.job_id != job.id:
        return
    if "refusal" in result:
        found.stage, found.refusal = "refused", dict(result["refusal"])
        await repository.drop_lines(tx, found.id)
    else:
        found.stage = "checked"
        await _count(tx, found)
    found.version += 1
    await repository.drop_parts(tx, found.id)
    await tx.flush()


async def fail_check(tx: AsyncSession, job: JobRow) -> None:
    """Checking came to nothing: the file can be uploaded again."""
    await finish_check(tx, job, {"refusal": _FAILED})


async def book(run: JobRun) -> dict[str, Any]:
    """Books the lines of a confirmed file, a part at a time. What changed since the check counts as it is now."""
    runtime, import_id = run.runtime, _import_of(run)
    after = done = 0
    while True:
        async with begin(runtime, scope=Scope.system()) as tx:
            await _held(tx, run, "booking")
            await repository.one_booking_at_a_time(tx)
            lines = await repository.lines_to_book(tx, import_id, after=after, limit=LINES_AT_ONCE)
            if not lines:
                return {}
            await _book_lines(tx, import_id, lines)
            after, done = lines[-1].number, done + len(lines)
            await run.progress_in(tx, done)


async def _book_lines(tx: AsyncSession, import_id: UUID, rows: Sequence[ReceiptLine]) -> None:
    now = clock_of(tx).now()
    lines = {row.number: _line_of(row) for row in rows}
    forecast = _Forecast()
    await forecast.learn(tx, lines.values())
    outcomes = [(number, *forecast.judge(line)) for number, line in lines.items()]
    booked = [number for number, outcome, _ in outcomes if outcome in rules.BOOKABLE]
    # Each key once in a statement: what a file has twice of one goes in rounds.
    rounds: dict[int, list[Payment]] = defaultdict(list)
    times: dict[Key, int] = defaultdict(int)
    for number in booked:
        line = lines[number]
        key = _key(line)
        rounds[times[key]].append(Payment(key, line.amount, line.received_on, line.reference))
        times[key] += 1
    for payments in rounds.values():
        await settling.settle(tx, payments, now=now)
    await repository.note_outcomes(tx, import_id, outcomes, booked=set(booked), now=now)
    paid = sorted({(unit, month) for unit, month, _ in times})
    await outbox.add(tx, *(ContributionsPaid(employer_no=unit, month=month) for unit, month in paid))


def _line_of(row: ReceiptLine) -> Line:
    if (
        row.employer_no is None
        or row.month is None
        or row.insurance is None
        or row.amount is None
        or row.received_on is None
        or row.reference is None
    ):
        raise LookupError("a line that may be booked is whole")
    return Line(rules.Group(row.employer_no, row.month, row.insurance), row.amount, row.received_on, row.reference)


async def finish_booking(tx: AsyncSession, job: JobRow, result: Mapping[str, Any]) -> None:
    """Everything that could be booked is."""
    found = await repository.lock(tx, _import_of(job))
    if found is None or found.job_id != job.id:
        return
    found.stage = "booked"
    found.version += 1
    await _count(tx, found)
    await tx.flush()
    facts = {"counts": found.counts, "amounts": found.amounts}
    await audit.record(tx, None, "receipts.booked", str(found.id), chain=AGENCY, facts=facts)


async def fail_booking(tx: AsyncSession, job: JobRow) -> None:
    """Booking came to a stop: what is left can be confirmed again."""
    found = await repository.lock(tx, _import_of(job))
    if found is not None and found.job_id == job.id:
        found.stage = "checked"
        found.version += 1
        await _count(tx, found)
        await tx.flush()


async def _count(tx: AsyncSession, found: ReceiptImport) -> None:
    counts, amounts = await repository.counted(tx, found.id)
    found.counts = dict(counts)
    found.amounts = {outcome: f"{amount:.2f}" for outcome, amount in amounts.items()}


JOBS = (
    JobHandler(kind=CHECK, run=check, finish=finish_check, fail=fail_check, retry_seconds=1.0, keep=_JOBS_KEPT),
    JobHandler(kind=BOOK, run=book, finish=finish_booking, fail=fail_booking, retry_seconds=1.0, keep=_JOBS_KEPT),
)
