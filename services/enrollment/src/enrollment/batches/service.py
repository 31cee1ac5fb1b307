"""Batch use cases of a clerk: upload, look, confirm, take the faulty rows back. In the caller's tx, never committing.

The work itself, checking and handing in, is done by jobs: see `work`.
"""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.batches import contents, repository, rules
from enrollment.batches.columns import Kind
from enrollment.batches.models import Batch
from enrollment.batches.schemas import BatchOut, FaultyRow, RowFaultOut
from enrollment.dictionaries import service as dictionaries
from enrollment.employers import repository as employers
from enrollment.employers.rules import check_may_declare
from servicekit import audit, jobs
from servicekit.auth import Clerk, check_stepped_up
from servicekit.db.tx import runtime_of, vault_of
from servicekit.etag import check_version
from servicekit.ids import uuid7
from servicekit.sheets.readers import readers_of

CHECK, SUBMIT = "check_batch", "submit_batch"
"""Kinds of the jobs that work on batches."""
_ROWS_AT_ONCE = 1000


async def upload(
    tx: AsyncSession,
    clerk: Clerk,
    kind: Kind,
    parts: AsyncIterator[bytes],
    *,
    name: str,
    digest: bytes,
    today: date,
    now: datetime,
) -> BatchOut:
    """Takes a file in, for a worker to check. The same file on the same day is the same batch again.

    As long as nothing of it was confirmed it is checked anew: what stood in a row's way may be gone.

    Raises:
        UnitNotRegistered, UnitClosed, OnlineDeclarationClosed, TooManyBatches.
    """
    check_may_declare(await employers.unit(tx, clerk.employer_no))
    batch = await repository.lock_same(tx, clerk.employer_no, kind, digest, today)
    if batch is not None and not rules.may_check_again(batch.stage):
        return await _out(tx, batch)
    if await repository.count_under_way(tx, clerk.employer_no) >= rules.MAX_AT_ONCE:
        raise rules.TooManyBatches
    fresh: dict[str, Any] = {
        "stage": "checking",
        "file_name": name,
        "job_id": uuid7(),
        "layout": None,
        "refusal": None,
        **dict.fromkeys(("total", "good", "bad", "submitted"), 0),
        "uploaded_by": clerk.account_id,
        "uploaded_at": now,
        "expires_at": now + rules.KEPT_FOR,
    }
    if batch is None:
        key = {"employer_no": clerk.employer_no, "kind": kind, "digest": digest, "business_day": today}
        added = await repository.add(tx, {**key, "id": uuid7(), "version": 1, **fresh})
        batch = await repository.lock_same(tx, clerk.employer_no, kind, digest, today)
        if batch is None:
            raise LookupError("a batch that could not be added must be there")
        if not added:  # another request with the same file was quicker
            return await _out(tx, batch)
    else:
        for field, value in fresh.items():
            setattr(batch, field, value)
        batch.version += 1
        await repository.drop_parts(tx, batch)
    await tx.flush()
    position = 0
    async for part in parts:
        await repository.put_part(tx, batch, position, contents.seal_part(vault_of(tx), part))
        position += 1
    await _enqueue(tx, clerk, batch, CHECK)
    await audit.record(
        tx, clerk, "batch.uploaded", str(batch.id), chain=clerk.employer_no, facts={"kind": kind, "parts": position}
    )
    return await _out(tx, batch)


async def page(
    tx: AsyncSession, clerk: Clerk, kind: Kind | None, *, offset: int, limit: int
) -> tuple[list[BatchOut], int]:
    """The unit's batches, newest first."""
    batches, total = await repository.page(tx, clerk.employer_no, kind, offset=offset, limit=limit)
    return [await _out(tx, batch) for batch in batches], total


async def show(tx: AsyncSession, clerk: Clerk, batch_id: UUID) -> BatchOut:
    """One batch of the unit. Raises BatchNotFound."""
    return await _out(tx, await _found(tx, clerk, batch_id))


async def followed(tx: AsyncSession, clerk: Clerk, batch_id: UUID) -> tuple[UUID, BatchOut]:
    """The job that works on a batch, or worked on it last, and the batch. Raises BatchNotFound."""
    batch = await _found(tx, clerk, batch_id)
    return batch.job_id, await _out(tx, batch)


async def confirm(tx: AsyncSession, clerk: Clerk, batch_id: UUID, *, seen_version: int, now: datetime) -> BatchOut:
    """Lets a worker hand in what is good of a checked batch. Confirming again changes nothing.

    Raises:
        BatchNotFound, BatchExpired, NotChecked, NothingGood, Stale.
        StepUpRequired, StepUpImpossible: bulk removals want the password once more.
        UnitNotRegistered, UnitClosed, OnlineDeclarationClosed.
    """
    batch = await repository.lock(tx, clerk.employer_no, batch_id)
    if batch is None:
        raise rules.BatchNotFound
    if batch.stage in ("submitting", "submitted"):
        return await _out(tx, batch)
    rules.check_may_confirm(batch.stage, good=batch.good, expires_at=batch.expires_at, now=now)
    if batch.kind == "removal":
        check_stepped_up(clerk, now=now)
    check_version(batch.version, seen_version)
    check_may_declare(await employers.unit(tx, clerk.employer_no))
    batch.stage = "submitting"
    batch.job_id = uuid7()
    batch.confirmed_by, batch.confirmed_as, batch.confirmed_at = clerk.account_id, f"{clerk.kind}/{clerk.via}", now
    batch.version += 1
    await tx.flush()
    await _enqueue(tx, clerk, batch, SUBMIT)
    facts = {"kind": batch.kind, "good": batch.good, "bad": batch.bad}
    await audit.record(tx, clerk, "batch.confirmed", str(batch.id), chain=clerk.employer_no, facts=facts)
    return await _out(tx, batch)


async def faulty_rows(
    tx: AsyncSession, clerk: Clerk, batch_id: UUID, *, offset: int, limit: int
) -> tuple[list[FaultyRow], int]:
    """A page of the rows that can't be handed in, with everything that is wrong with each.

    Raises:
        BatchNotFound, BatchExpired.
    """
    batch = await _found(tx, clerk, batch_id)
    if batch.stage == "expired":
        raise rules.BatchExpired
    if not batch.bad or batch.layout is None:
        return [], 0
    layout = contents.layout_of(batch.kind, batch.layout)
    vault = vault_of(tx)
    kept = await repository.rows_in(tx, batch.employer_no, batch.id, "bad", offset=offset, limit=limit)
    rows = [contents.open_row(vault, number, sealed) for number, sealed in kept]
    found = [
        FaultyRow(
            row=row.number,
            name=contents.shown(row, layout, contents.NAME),
            id_number_masked=contents.shown_number(row, layout),
            faults=[
                RowFaultOut(column=fault.column, label=fault.label, code=fault.code, message=fault.message)
                for fault in row.faults
            ],
        )
        for row in rows
    ]
    return found, batch.bad


async def returned_file(tx: AsyncSession, clerk: Clerk, batch_id: UUID, *, month: Month) -> tuple[str, bytes]:
    """The faulty rows as the same sheet, marked, with their reasons: its name and content. Audited.

    Raises:
        BatchNotFound, BatchExpired.
    """
    batch = await _found(tx, clerk, batch_id)
    if batch.stage == "expired":
        raise rules.BatchExpired
    if not batch.bad or batch.layout is None:
        raise rules.NothingFaulty
    layout = contents.layout_of(batch.kind, batch.layout)
    dictionary = await dictionaries.current(tx)
    order = {
        "kind": batch.kind,
        "layout": [column.pointer for column in layout.order],
        "dictionary_version": dictionary.version,
        "tables": dictionary.tables,
        "month": month.compact(),
    }
    content = await readers_of(runtime_of(tx)).write(order, _returned_rows(tx, batch, layout.places))
    facts = {"rows": batch.bad}
    await audit.record(tx, clerk, "batch.faulty_rows_opened", str(batch.id), chain=clerk.employer_no, facts=facts)
    stem = batch.file_name.rpartition(".")[0] or batch.file_name
    return f"{stem.removesuffix(_RETURNED)}{_RETURNED}.xlsx", content


_RETURNED = "-错误数据"


async def _returned_rows(tx: AsyncSession, batch: Batch, places: tuple[int, ...]) -> AsyncIterator[Any]:
    """What the child writes of each faulty row: cells, places of the faulty ones among them, reasons."""
    vault = vault_of(tx)
    at = {place + 1: number for number, place in enumerate(places)}
    after = 0
    while kept := await repository.rows_in(tx, batch.employer_no, batch.id, "bad", after=after, limit=_ROWS_AT_ONCE):
        for number, sealed in kept:
            row = contents.open_row(vault, number, sealed)
            faulty = [at[fault.column] for fault in row.faults if fault.column in at]
            # In the returned file the known columns stand side by side.
            told = [fault.moved(at[fault.column] + 1) if fault.column in at else fault for fault in row.faults]
            yield [row.cells, faulty, "；".join(fault.sentence() for fault in told)]
        after = kept[-1][0]


async def _found(tx: AsyncSession, clerk: Clerk, batch_id: UUID) -> Batch:
    batch = await repository.get(tx, clerk.employer_no, batch_id)
    if batch is None:
        raise rules.BatchNotFound
    return batch


async def _enqueue(tx: AsyncSession, clerk: Clerk, batch: Batch, kind: str) -> None:
    await jobs.enqueue(
        tx,
        kind=kind,
        payload={"batch_id": str(batch.id), "good": batch.good},
        employer_no=batch.employer_no,
        requested_by=clerk.account_id,
        total=batch.good or None,
        job_id=batch.job_id,
    )


async def _out(tx: AsyncSession, batch: Batch) -> BatchOut:
    return BatchOut.of(batch, await jobs.find(tx, batch.job_id))
