"""The jobs behind batches: checking a file, handing in what is good of it, clearing away what is old.

Both jobs work in parts, one transaction each, fenced by the job's lease: whoever takes over after a kill goes on where
the last whole part ended, and a worker that was given up writes nothing more.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.batches import contents, repository
from enrollment.batches.ahead import one_ahead
from enrollment.batches.checking import row_fault
from enrollment.batches.contents import Row
from enrollment.batches.declaring import DECLARING
from enrollment.batches.models import Batch
from enrollment.batches.rules import Stage
from enrollment.batches.service import CHECK, SUBMIT
from enrollment.dictionaries import service as dictionaries
from enrollment.dictionaries.rules import Dictionary
from enrollment.employers import repository as employers
from enrollment.employers.rules import check_may_declare
from servicekit.auth import Clerk
from servicekit.auth.tokens import Kind, Via
from servicekit.db.tx import Scope, begin, clock_of, vault_of
from servicekit.jobs import JobFailed, JobHandler, JobRow, JobRun, LeaseLost, Periodic
from servicekit.personal import Vault
from servicekit.refusals import Refusal
from servicekit.runtime import Runtime
from servicekit.sheets.container import FileRefused
from servicekit.sheets.readers import readers_of

_ROWS_AT_ONCE = 1000
_CLEARED_EVERY = 600.0
_JOBS_KEPT = timedelta(days=30)
_FAILED = {"code": "check_failed", "message": "检查没有完成，请重新上传文件；如仍失败请联系经办机构"}


def _batch_of(run: JobRun | JobRow) -> tuple[str, UUID]:
    if run.employer_no is None:
        raise LookupError("a batch's job has a unit")
    return run.employer_no, UUID(str(run.payload["batch_id"]))


async def _held(tx: AsyncSession, run: JobRun, stage: str) -> Batch:
    """The batch this job works on, locked with the job. Raises LeaseLost when the batch has another job by now."""
    await run.fence(tx, {"status": "running"})  # changes nothing, and holds the job
    batch = await repository.lock(tx, *_batch_of(run))
    if batch is None or batch.job_id != run.id or batch.stage != stage:
        raise LeaseLost(str(run.id))
    return batch


async def check(run: JobRun) -> dict[str, Any]:
    """Reads the file in a process of its own, checks every row by the rules and by what the database knows.

    What it answers is written to the batch by `finish_check`, in the transaction that ends the job.
    """
    employer_no, batch_id = _batch_of(run)
    mine = Scope.unit(employer_no, run.requested_by)
    async with begin(run.runtime, scope=mine) as tx:
        batch = await _held(tx, run, "checking")
        await repository.drop_rows(tx, employer_no, batch_id)  # of an attempt that ended half-way
        dictionary = await dictionaries.current(tx)
        today = clock_of(tx).today()
        kind = batch.kind
    order = {
        "kind": kind,
        "today": today.isoformat(),
        "dictionary_version": dictionary.version,
        "tables": dictionary.tables,
    }
    kept: list[Any] = []
    counts = {"good": 0, "bad": 0}
    total = 0
    try:
        async for answer in readers_of(run.runtime).read(order, _parts(run, mine)):
            if "layout" in answer:
                kept, total = answer["layout"], answer["total"]
                continue
            rows = [Row.told(told) for told in answer["rows"]]
            async with begin(run.runtime, scope=mine) as tx:
                done = counts["good"] + counts["bad"] + len(rows)
                await run.progress_in(tx, done, total)
                found = await DECLARING[kind].faults(
                    tx, [row.texts for row in rows], employer_no=employer_no, dictionary=dictionary, today=today
                )
                layout = contents.layout_of(kind, kept)
                under = contents.rules_under(today, dictionary)
                rows = [
                    row.with_faults([row_fault(layout, fault) for fault in faults], else_under=under)
                    for row, faults in zip(rows, found, strict=True)
                ]
                await _keep(tx, employer_no, batch_id, rows)
            for row in rows:
                counts["bad" if row.faults else "good"] += 1
    except FileRefused as refused:
        return {"refusal": {"code": refused.code, "message": refused.message}}
    return {"layout": kept, "total": total, **counts}


async def _parts(run: JobRun, mine: Scope) -> AsyncIterator[bytes]:
    """The uploaded file, part by part."""
    position = 0
    while True:
        async with begin(run.runtime, scope=mine) as tx:
            sealed = await repository.part(tx, *_batch_of(run), position)
        if sealed is None:
            return
        yield contents.open_part(run.runtime.vault, sealed)
        position += 1


async def _keep(tx: AsyncSession, employer_no: str, batch_id: UUID, rows: Sequence[Row]) -> None:
    vault = vault_of(tx)
    await repository.add_rows(
        tx,
        [
            {
                "employer_no": employer_no,
                "batch_id": batch_id,
                "number": row.number,
                "state": "bad" if row.faults else "good",
                "sealed": contents.seal_row(vault, row),
            }
            for row in rows
        ],
    )


async def finish_check(tx: AsyncSession, job: JobRow, result: Mapping[str, Any]) -> None:
    """The batch has been checked, or the file refused; the file itself is forgotten."""
    batch = await repository.lock(tx, *_batch_of(job))
    if batch is None or batch.job_id != job.id:
        return
    if "refusal" in result:
        batch.stage, batch.refusal = "refused", dict(result["refusal"])
        await repository.drop_rows(tx, batch.employer_no, batch.id)
    else:
        batch.stage, batch.layout = "checked", list(result["layout"])
        batch.total, batch.good, batch.bad = result["total"], result["good"], result["bad"]
    batch.version += 1
    await repository.drop_parts(tx, batch)
    await tx.flush()


async def fail_check(tx: AsyncSession, job: JobRow) -> None:
    """Checking came to nothing: the file can be uploaded again."""
    await finish_check(tx, job, {"refusal": _FAILED})


async def submit(run: JobRun) -> dict[str, Any]:
    """Hands in what is good of a confirmed batch, a part at a time; what changed since the check becomes a fault.

    While the database writes a part, the next one is read.
    """
    mine = Scope.unit(_batch_of(run)[0], run.requested_by)
    async with aclosing(one_ahead(_good_parts(run, mine))) as parts:
        async for part in parts:
            async with begin(run.runtime, scope=mine) as tx:
                batch = await _held(tx, run, "submitting")
                try:
                    await _submit_part(tx, batch, part)
                except Refusal as refusal:  # the unit as a whole may not declare any more
                    raise JobFailed(refusal.code, refusal.detail) from refusal
                await run.progress_in(tx, int(run.payload["good"]) - batch.good)
    async with begin(run.runtime, scope=mine) as tx:
        await _held(tx, run, "submitting")  # or it is somebody else who says that it is done
    return {}


@dataclass(frozen=True)
class _Part:
    """Good rows, read by the rules of `today` and `dictionary`."""

    rows: Sequence[Row]
    read: Sequence[Any] = field(repr=False)
    today: date
    dictionary: Dictionary


async def _good_parts(run: JobRun, mine: Scope) -> AsyncGenerator[_Part]:
    """The good rows of a batch in the file's order. Only whoever holds the job changes any of them."""
    employer_no, batch_id = _batch_of(run)
    after = 0
    while True:
        async with begin(run.runtime, scope=mine) as tx:
            batch = await repository.get(tx, employer_no, batch_id)
            kept = await repository.rows_in(tx, employer_no, batch_id, "good", after=after, limit=_ROWS_AT_ONCE)
            if batch is None or not kept:
                return
            dictionary = await dictionaries.current(tx)
            clock = clock_of(tx)
        after = kept[-1][0]
        yield await asyncio.to_thread(
            _read_part, run.runtime.vault, batch.kind, kept, today=clock.today(), now=clock.now(), dictionary=dictionary
        )


def _read_part(
    vault: Vault,
    kind: str,
    kept: Sequence[tuple[int, bytes]],
    *,
    today: date,
    now: datetime,
    dictionary: Dictionary,
) -> _Part:
    rows = [contents.open_row(vault, number, sealed) for number, sealed in kept]
    under = contents.rules_under(today, dictionary)
    texts = [(row.texts, row.under == under) for row in rows]
    read = DECLARING[kind].read(vault, texts, dictionary=dictionary, today=today, now=now)
    return _Part(rows, read, today, dictionary)


async def _submit_part(tx: AsyncSession, batch: Batch, part: _Part) -> None:
    vault = vault_of(tx)
    rows = part.rows
    layout = contents.layout_of(batch.kind, batch.layout or [])
    outcomes = await DECLARING[batch.kind].submit(
        tx,
        _clerk_of(batch),
        check_may_declare(await employers.unit(tx, batch.employer_no)),
        part.read,
        dictionary=part.dictionary,
        today=part.today,
        now=clock_of(tx).now(),
    )
    submitted: dict[int, str] = {}
    refused: dict[int, bytes] = {}
    for row, outcome in zip(rows, outcomes, strict=True):
        if isinstance(outcome, str):
            submitted[row.number] = outcome
        else:
            faulty = row.with_faults([row_fault(layout, fault) for fault in outcome])
            refused[row.number] = contents.seal_row(vault, faulty)
    numbers = [row.number for row in rows]
    await repository.end_good(tx, batch.employer_no, batch.id, numbers, submitted=submitted, refused=refused)
    batch.good -= len(rows)
    batch.submitted += len(submitted)
    batch.bad += len(refused)
    batch.version += 1
    await tx.flush()


def _clerk_of(batch: Batch) -> Clerk:
    """Whoever confirmed the batch: what is handed in is theirs."""
    if batch.confirmed_by is None or batch.confirmed_as is None:
        raise LookupError("a batch that is being submitted was confirmed by somebody")
    kind, _, via = batch.confirmed_as.partition("/")
    return Clerk(
        account_id=batch.confirmed_by,
        session_id="",
        kind=cast(Kind, kind),
        via=cast(Via, via),
        employer_no=batch.employer_no,
    )


async def finish_submit(tx: AsyncSession, job: JobRow, result: Mapping[str, Any]) -> None:
    """Everything that was good has been handed in."""
    await _end_submitting(tx, job, "submitted")


async def fail_submit(tx: AsyncSession, job: JobRow) -> None:
    """Handing in came to a stop: what is still good can be confirmed again."""
    await _end_submitting(tx, job, "checked")


async def _end_submitting(tx: AsyncSession, job: JobRow, stage: Stage) -> None:
    batch = await repository.lock(tx, *_batch_of(job))
    if batch is not None and batch.job_id == job.id and batch.stage == "submitting":
        batch.stage = stage
        batch.version += 1
        await tx.flush()


async def clear(runtime: Runtime) -> None:
    """A duty: the rows of batches older than a week go."""
    while True:
        async with begin(runtime, scope=Scope.system()) as tx:
            if not await repository.expire(tx, clock_of(tx).now()):
                return


JOBS = (
    JobHandler(
        kind=CHECK, run=check, concurrency=2, finish=finish_check, fail=fail_check, retry_seconds=1.0, keep=_JOBS_KEPT
    ),
    JobHandler(
        kind=SUBMIT,
        run=submit,
        concurrency=2,
        finish=finish_submit,
        fail=fail_submit,
        retry_seconds=1.0,
        keep=_JOBS_KEPT,
    ),
    Periodic("clear_batches", _CLEARED_EVERY, clear),
)
