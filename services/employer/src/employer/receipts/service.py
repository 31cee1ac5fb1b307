"""Use cases of receipt files: upload, look, confirm. In the caller's transaction, never committing. See `work`."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from employer.receipts import repository, returned, rules
from employer.receipts.models import ReceiptImport
from employer.receipts.rules import Outcome, Returned
from employer.receipts.schemas import ReceiptImportOut, ReceiptLineOut
from servicekit import audit, jobs
from servicekit.auth.principals import Operator
from servicekit.db.tx import runtime_of
from servicekit.etag import check_version
from servicekit.ids import uuid7
from servicekit.sheets.readers import readers_of
from servicekit.sheets.table_child import marked_order

CHECK, BOOK = "check_receipts", "book_receipts"
"""Kinds of the jobs that work on imports."""
AGENCY = "agency"
_AN_OPERATOR = "经办管理员"
_LINES_AT_ONCE = 1000


async def upload(
    tx: AsyncSession, operator: Operator, parts: AsyncIterator[bytes], *, name: str, digest: bytes, now: datetime
) -> ReceiptImportOut:
    """Takes a file in, for a worker to check. The same file is the same import, and changes nothing once confirmed."""
    found = await repository.lock_same(tx, digest)
    if found is not None and found.stage not in ("checked", "refused"):
        return await _out(tx, found)
    fresh: dict[str, Any] = {
        "stage": "checking",
        "file_name": name,
        "refusal": None,
        "counts": {},
        "amounts": {},
        "job_id": uuid7(),
        "uploaded_by": operator.account_id,
        "uploaded_by_name": operator.display_name or _AN_OPERATOR,
        "uploaded_at": now,
    }
    if found is None:
        added = await repository.add(tx, {"id": uuid7(), "digest": digest, "version": 1, **fresh})
        found = await repository.lock_same(tx, digest)
        if found is None:
            raise LookupError("an import that could not be added must be there")
        if not added:  # another request with the same file was quicker
            return await _out(tx, found)
    else:
        for field, value in fresh.items():
            setattr(found, field, value)
        found.version += 1
        await repository.drop_parts(tx, found.id)
    await tx.flush()
    position = 0
    async for part in parts:
        await repository.put_part(tx, found.id, position, part)
        position += 1
    await _enqueue(tx, operator, found, CHECK)
    facts = {"file": digest.hex()}
    await audit.record(tx, operator, "receipts.uploaded", str(found.id), chain=AGENCY, facts=facts)
    return await _out(tx, found)


async def page(tx: AsyncSession, *, offset: int, limit: int) -> tuple[list[ReceiptImportOut], int]:
    """Imports, newest first, and how many there are."""
    found, total = await repository.page(tx, offset=offset, limit=limit)
    return [await _out(tx, each) for each in found], total


async def show(tx: AsyncSession, import_id: UUID) -> ReceiptImportOut:
    """One import. Raises ImportNotFound."""
    return await _out(tx, await _found(tx, import_id))


async def followed(tx: AsyncSession, import_id: UUID) -> tuple[UUID, ReceiptImportOut]:
    """The job that works on an import, or worked on it last, and the import. Raises ImportNotFound."""
    found = await _found(tx, import_id)
    return found.job_id, await _out(tx, found)


async def confirm(
    tx: AsyncSession, operator: Operator, import_id: UUID, *, seen_version: int, now: datetime
) -> ReceiptImportOut:
    """Lets a worker book what can be booked; after that once more what had matched nothing. Again changes nothing.

    Raises:
        ImportNotFound, NotChecked, Stale.
    """
    found = await repository.lock(tx, import_id)
    if found is None:
        raise rules.ImportNotFound
    if found.stage == "booking":
        return await _out(tx, found)
    rules.check_may_book(found.stage, found.counts)
    check_version(found.version, seen_version)
    found.stage, found.job_id = "booking", uuid7()
    found.confirmed_by, found.confirmed_at = operator.account_id, now
    found.version += 1
    await tx.flush()
    await _enqueue(tx, operator, found, BOOK)
    facts = {"counts": found.counts, "amounts": found.amounts}
    await audit.record(tx, operator, "receipts.confirmed", str(found.id), chain=AGENCY, facts=facts)
    return await _out(tx, found)


async def lines(
    tx: AsyncSession, import_id: UUID, outcome: Outcome | None, *, offset: int, limit: int
) -> tuple[list[ReceiptLineOut], int]:
    """A page of lines, of one outcome or of all. Raises ImportNotFound."""
    found = await _found(tx, import_id)
    wanted = rules.OUTCOMES if outcome is None else (outcome,)
    rows = await repository.lines(tx, import_id, wanted, offset=offset, limit=limit)
    return [ReceiptLineOut.of(row) for row in rows], sum(found.counts.get(each, 0) for each in wanted)


async def returned_file(tx: AsyncSession, operator: Operator, import_id: UUID, outcome: Returned) -> tuple[str, bytes]:
    """The lines that are faulty or matched nothing as a file to mend, with reasons: its name and content. Audited.

    Raises:
        ImportNotFound, NothingToReturn.
    """
    found = await _found(tx, import_id)
    count = found.counts.get(outcome, 0)
    if not count:
        raise rules.NothingToReturn
    order = marked_order(returned.SHEET, returned.COLUMNS)
    content = await readers_of(runtime_of(tx)).write(order, _returned_rows(tx, import_id, outcome))
    facts = {"outcome": outcome, "lines": count}
    await audit.record(tx, operator, "receipts.lines_downloaded", str(import_id), chain=AGENCY, facts=facts)
    stem = found.file_name.rpartition(".")[0] or found.file_name
    end = returned.FILE_ENDS[outcome]
    return f"{stem.removesuffix(end)}{end}.xlsx", content


async def _returned_rows(tx: AsyncSession, import_id: UUID, outcome: Returned) -> AsyncIterator[Any]:
    after = 0
    while lines := await repository.lines_behind(tx, import_id, outcome, after=after, limit=_LINES_AT_ONCE):
        for line in lines:
            yield returned.returned_row(line)
        after = lines[-1].number


async def _found(tx: AsyncSession, import_id: UUID) -> ReceiptImport:
    found = await repository.get(tx, import_id)
    if found is None:
        raise rules.ImportNotFound
    return found


async def _enqueue(tx: AsyncSession, operator: Operator, found: ReceiptImport, kind: str) -> None:
    payload = {"import_id": str(found.id)}
    total = sum(found.counts.values()) or None
    await jobs.enqueue(
        tx, kind=kind, payload=payload, requested_by=operator.account_id, total=total, job_id=found.job_id
    )


async def _out(tx: AsyncSession, found: ReceiptImport) -> ReceiptImportOut:
    return ReceiptImportOut.of(found, await jobs.find(tx, found.job_id))
