"""SQL of receipt files."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from employer.receipts.models import ReceiptImport, ReceiptImportPart, ReceiptLine
from employer.receipts.rules import BOOKABLE, Outcome

# One booking at a time, so that two files with the same receipt can't both find it new.
_ONE_BOOKING = sa.text("SELECT pg_advisory_xact_lock(hashtext('receipts'))")

_BOOKED = sa.text(
    """
    SELECT employer_no, month, insurance, reference
    FROM unnest(CAST(:employers AS text[]), CAST(:months AS date[]), CAST(:insurances AS text[]),
                CAST(:references AS text[])) AS asked (employer_no, month, insurance, reference)
    JOIN receipt_lines USING (employer_no, month, insurance, reference)
    WHERE booked_at IS NOT NULL
    """
)

Receipt = tuple[str, Month, str, str]
"""What makes a receipt the same receipt: unit, month, insurance type, the authority's number."""


async def add(tx: AsyncSession, values: Mapping[str, Any]) -> bool:
    """Adds an import; False when there is one of the same file."""
    added = insert(ReceiptImport).values(**values).on_conflict_do_nothing().returning(ReceiptImport.id)
    return (await tx.execute(added)).first() is not None


async def lock_same(tx: AsyncSession, digest: bytes) -> ReceiptImport | None:
    """The import of a file, locked."""
    query = sa.select(ReceiptImport).where(ReceiptImport.digest == digest).with_for_update()
    return (await tx.scalars(query)).one_or_none()


async def lock(tx: AsyncSession, import_id: UUID) -> ReceiptImport | None:
    """An import, locked."""
    found: ReceiptImport | None = await tx.get(ReceiptImport, import_id, with_for_update=True, populate_existing=True)
    return found


async def get(tx: AsyncSession, import_id: UUID) -> ReceiptImport | None:
    """An import."""
    found: ReceiptImport | None = await tx.get(ReceiptImport, import_id, populate_existing=True)
    return found


async def page(tx: AsyncSession, *, offset: int, limit: int) -> tuple[list[ReceiptImport], int]:
    """Imports, newest first, and how many there are."""
    total = await tx.scalar(sa.select(sa.func.count()).select_from(ReceiptImport))
    query = sa.select(ReceiptImport).order_by(ReceiptImport.uploaded_at.desc(), ReceiptImport.id.desc())
    return list(await tx.scalars(query.offset(offset).limit(limit))), total or 0


async def put_part(tx: AsyncSession, import_id: UUID, position: int, content: bytes) -> None:
    """Keeps a piece of the file."""
    await tx.execute(sa.insert(ReceiptImportPart).values(import_id=import_id, position=position, content=content))


async def part(tx: AsyncSession, import_id: UUID, position: int) -> bytes | None:
    """A piece of the file; None behind the last one."""
    query = sa.select(ReceiptImportPart.content).where(
        ReceiptImportPart.import_id == import_id, ReceiptImportPart.position == position
    )
    found: bytes | None = await tx.scalar(query)
    return found


async def drop_parts(tx: AsyncSession, import_id: UUID) -> None:
    """Forgets the file itself."""
    await tx.execute(sa.delete(ReceiptImportPart).where(ReceiptImportPart.import_id == import_id))


async def drop_lines(tx: AsyncSession, import_id: UUID) -> None:
    """Forgets the lines of an import of which nothing was booked."""
    await tx.execute(sa.delete(ReceiptLine).where(ReceiptLine.import_id == import_id))


async def add_lines(tx: AsyncSession, lines: Sequence[Mapping[str, Any]]) -> None:
    """Adds lines, all with the same columns."""
    await tx.execute(sa.insert(ReceiptLine), lines)


async def booked_among(tx: AsyncSession, receipts: Collection[Receipt]) -> set[Receipt]:
    """Which of these receipts are booked already."""
    asked = list(receipts)
    values = {
        "employers": [receipt[0] for receipt in asked],
        "months": [receipt[1].first_day() for receipt in asked],
        "insurances": [receipt[2] for receipt in asked],
        "references": [receipt[3] for receipt in asked],
    }
    rows = await tx.execute(_BOOKED, values)
    return {(row.employer_no, Month.of(row.month), row.insurance, row.reference) for row in rows}


async def one_booking_at_a_time(tx: AsyncSession) -> None:
    """Holds other bookings off to the end of the transaction."""
    await tx.execute(_ONE_BOOKING)


async def lines_to_book(tx: AsyncSession, import_id: UUID, *, after: int, limit: int) -> list[ReceiptLine]:
    """Lines that are not booked and may be, behind a number, in order."""
    query = (
        sa.select(ReceiptLine)
        .where(
            ReceiptLine.import_id == import_id,
            ReceiptLine.number > after,
            ReceiptLine.booked_at.is_(None),
            ReceiptLine.outcome.in_((*BOOKABLE, "unknown")),
        )
        .order_by(ReceiptLine.number)
        .limit(limit)
    )
    return list(await tx.scalars(query))


async def lines_behind(
    tx: AsyncSession, import_id: UUID, outcome: Outcome, *, after: int, limit: int
) -> list[ReceiptLine]:
    """Lines with an outcome behind a number, in the file's order."""
    query = (
        sa.select(ReceiptLine)
        .where(ReceiptLine.import_id == import_id, ReceiptLine.outcome == outcome, ReceiptLine.number > after)
        .order_by(ReceiptLine.number)
        .limit(limit)
    )
    return list(await tx.scalars(query))


async def note_outcomes(
    tx: AsyncSession,
    import_id: UUID,
    outcomes: Sequence[tuple[int, Outcome, Decimal | None]],
    *,
    booked: Collection[int],
    now: datetime,
) -> None:
    """What became of lines: number, outcome, surplus; those in `booked` are booked now."""
    table = ReceiptLine.__table__
    change = (
        sa.update(table)  # type: ignore[arg-type]  # a mapped class's table is one
        .where(table.c.import_id == import_id, table.c.number == sa.bindparam("line"))
        .values(outcome=sa.bindparam("becomes"), surplus=sa.bindparam("too_much"), booked_at=sa.bindparam("moment"))
    )
    rows = [
        {"line": number, "becomes": outcome, "too_much": surplus, "moment": now if number in booked else None}
        for number, outcome, surplus in outcomes
    ]
    await (await tx.connection()).execute(change, rows)


async def counted(tx: AsyncSession, import_id: UUID) -> tuple[dict[str, int], dict[str, Decimal]]:
    """Lines and sums of an import by outcome."""
    query = (
        sa.select(ReceiptLine.outcome, sa.func.count(), sa.func.sum(ReceiptLine.amount))
        .where(ReceiptLine.import_id == import_id)
        .group_by(ReceiptLine.outcome)
    )
    rows = (await tx.execute(query)).all()
    return {row[0]: row[1] for row in rows}, {row[0]: row[2] or Decimal(0) for row in rows}


async def lines(
    tx: AsyncSession, import_id: UUID, outcomes: Collection[Outcome], *, offset: int, limit: int
) -> list[ReceiptLine]:
    """A page of lines with one of these outcomes, in the file's order."""
    query = (
        sa.select(ReceiptLine)
        .where(ReceiptLine.import_id == import_id, ReceiptLine.outcome.in_(outcomes))
        .order_by(ReceiptLine.number)
        .offset(offset)
        .limit(limit)
    )
    return list(await tx.scalars(query))
