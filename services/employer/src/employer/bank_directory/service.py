"""Use cases of the bank directory: searching; upload, check, confirm. In the caller's transaction, never committing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from employer.bank_directory import repository, rules
from employer.bank_directory.models import BankImport, BankImportRow
from employer.bank_directory.schemas import BankClassOut, BankImportOut, BranchOut, FaultyRow
from employer.bank_directory.template import COLUMNS, LIST_SHEET, SHEET
from employer.units.rules import grams
from servicekit import audit
from servicekit.auth.principals import Operator
from servicekit.db.tx import runtime_of
from servicekit.etag import check_version
from servicekit.ids import uuid7
from servicekit.refusals import Unavailable
from servicekit.sheets import MarkedRow, marked_row
from servicekit.sheets.container import FileRefused
from servicekit.sheets.readers import ReaderLost, readers_of
from servicekit.sheets.table_child import marked_order, table_order

_ROWS_AT_ONCE = 1000
_RETURNED = "-错误数据"


async def classes(tx: AsyncSession) -> list[BankClassOut]:
    """All bank classes."""
    return [BankClassOut.model_validate(one) for one in await repository.classes(tx)]


async def search(
    tx: AsyncSession, text: str, *, bank_class: str | None, closed_too: bool, offset: int, limit: int
) -> tuple[list[BranchOut], int]:
    """Branches by bank class and by the words of their short names."""
    rows, total = await repository.search(
        tx, text, bank_class=bank_class, closed_too=closed_too, offset=offset, limit=limit
    )
    return [BranchOut.of(branch, bank) for branch, bank in rows], total


async def check_file(
    tx: AsyncSession, operator: Operator | None, name: str, content: bytes, *, now: datetime
) -> BankImportOut:
    """Reads a file and checks every row; the directory stays as it is until the file is confirmed.

    Raises:
        InvalidFields: the file as a whole can't be taken.
        Unavailable: the reading process was ended.
    """
    known = {one.code: one.name for one in await repository.classes(tx)}
    rows = await _read(tx, content)
    checked = await asyncio.to_thread(rules.check_rows, rows, classes=known)
    good = sum(row.branch is not None for row in checked)
    made = BankImport(
        id=uuid7(),
        stage="checked",
        file_name=name,
        total=len(checked),
        good=good,
        bad=len(checked) - good,
        added=0,
        changed=0,
        uploaded_by=operator.account_id if operator else None,
        uploaded_at=now,
        version=1,
    )
    await repository.add_import(tx, made, [_kept(row) for row in checked])
    facts = {"total": made.total, "good": made.good}
    await audit.record(tx, operator, "bank_import.uploaded", str(made.id), chain="agency", facts=facts)
    return BankImportOut.of(made)


async def _read(tx: AsyncSession, content: bytes) -> list[tuple[int, dict[str, str]]]:
    headings = {field: (label, *rules.OTHER_LABELS.get(field, ())) for field, label in rules.LABELS.items()}
    order = table_order(headings, required=rules.REQUIRED, max_rows=rules.MAX_ROWS, hidden=[LIST_SHEET])

    async def parts() -> AsyncIterator[bytes]:
        yield content

    rows: list[tuple[int, dict[str, str]]] = []
    try:
        async for answer in readers_of(runtime_of(tx)).read(order, parts()):
            rows += [(number, cells) for number, cells in answer.get("rows", ())]
    except FileRefused as refused:
        raise rules.file_refused(refused.code, refused.message) from refused
    except ReaderLost as lost:
        raise Unavailable from lost
    return rows


def _kept(row: rules.CheckedRow) -> dict[str, object]:
    faults = [
        {"field": fault.pointer.removeprefix("/"), "code": fault.code, "message": fault.message} for fault in row.faults
    ]
    cells = dict(row.cells)
    if row.branch is not None:
        cells |= {"bank_class": row.branch.bank_class, "status": row.branch.status}
    return {"number": row.number, "cells": cells, "faults": faults, "good": row.branch is not None}


async def confirm(
    tx: AsyncSession, operator: Operator | None, import_id: UUID, *, seen_version: int, now: datetime
) -> BankImportOut:
    """Brings in what is good of a checked file: new branches are added, known ones changed, none removed.

    Raises:
        ImportNotFound, ImportConfirmed, ImportExpired, NothingToImport, Stale.
    """
    found = await repository.lock_import(tx, import_id)
    if found is None:
        raise rules.ImportNotFound
    rules.check_may_confirm(found.stage, good=found.good, uploaded_at=found.uploaded_at, now=now)
    check_version(found.version, seen_version)
    after = 0
    while rows := await repository.good_rows(tx, import_id, after=after, limit=_ROWS_AT_ONCE):
        branches = [
            {
                "code": row.cells["code"],
                "bank_class": row.cells["bank_class"],
                "name": row.cells["name"],
                "short_name": row.cells["short_name"],
                "short_grams": grams(row.cells["short_name"]),
                "status": row.cells["status"],
                "changed_at": now,
            }
            for row in rows
        ]
        added, changed = await repository.put_branches(tx, branches)
        found.added += added
        found.changed += changed
        after = rows[-1].number
    found.stage = "confirmed"
    found.confirmed_at = now
    found.version += 1
    await tx.flush()
    facts = {"added": found.added, "changed": found.changed}
    await audit.record(tx, operator, "bank_import.confirmed", str(import_id), chain="agency", facts=facts)
    return BankImportOut.of(found)


async def show(tx: AsyncSession, import_id: UUID) -> BankImportOut:
    """One import. Raises ImportNotFound."""
    found = await repository.get_import(tx, import_id)
    if found is None:
        raise rules.ImportNotFound
    return BankImportOut.of(found)


async def page(tx: AsyncSession, *, offset: int, limit: int) -> tuple[list[BankImportOut], int]:
    """Imports, newest first."""
    rows, total = await repository.page_of_imports(tx, offset=offset, limit=limit)
    return [BankImportOut.of(row) for row in rows], total


async def faulty_rows(tx: AsyncSession, import_id: UUID, *, offset: int, limit: int) -> tuple[Sequence[FaultyRow], int]:
    """What can't be brought in of a file, row by row. Raises ImportNotFound, ImportExpired."""
    found = await show(tx, import_id)
    if found.stage == "expired":
        raise rules.ImportExpired
    rows, total = await repository.faulty_rows(tx, import_id, offset=offset, limit=limit)
    return [FaultyRow.of(row) for row in rows], total


async def returned_file(tx: AsyncSession, operator: Operator, import_id: UUID) -> tuple[str, bytes]:
    """The rows that can't be brought in as a file to mend, marked, with their reasons: its name and content. Audited.

    Raises:
        ImportNotFound, ImportExpired, NothingFaulty.
    """
    found = await show(tx, import_id)
    if found.stage == "expired":
        raise rules.ImportExpired
    if not found.bad:
        raise rules.NothingFaulty
    content = await readers_of(runtime_of(tx)).write(marked_order(SHEET, COLUMNS), _returned_rows(tx, import_id))
    facts = {"rows": found.bad}
    await audit.record(tx, operator, "bank_import.faulty_rows_opened", str(import_id), chain="agency", facts=facts)
    stem = found.file_name.rpartition(".")[0] or found.file_name
    return f"{stem.removesuffix(_RETURNED)}{_RETURNED}.xlsx", content


async def _returned_rows(tx: AsyncSession, import_id: UUID) -> AsyncIterator[MarkedRow]:
    done = 0
    while True:
        rows, _ = await repository.faulty_rows(tx, import_id, offset=done, limit=_ROWS_AT_ONCE)
        for row in rows:
            yield _marked(row)
        done += len(rows)
        if len(rows) < _ROWS_AT_ONCE:
            return


def _marked(row: BankImportRow) -> MarkedRow:
    cells = {label: row.cells[field] for field, label in rules.LABELS.items()}
    faults = [(rules.LABELS[fault["field"]], fault["message"]) for fault in row.faults]
    return marked_row(list(rules.LABELS.values()), cells, faults)


async def expire(tx: AsyncSession, *, now: datetime) -> int:
    """Forgets the rows of files that nobody confirmed in time; how many files."""
    old = await repository.waiting_since(tx, now - rules.KEPT_FOR)
    for import_id in old:
        found = await repository.lock_import(tx, import_id)
        if found is None or found.stage != "checked":
            continue
        await repository.drop_rows(tx, import_id)
        found.stage = "expired"
        found.version += 1
    await tx.flush()
    return len(old)
