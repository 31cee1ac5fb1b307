"""SQL of batches."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.batches.columns import Kind
from enrollment.batches.models import Batch, BatchPart, BatchRow
from servicekit.db.bulk import insert_many

_EXPIRE_AT_ONCE = 20


async def add(tx: AsyncSession, values: Mapping[str, Any]) -> bool:
    """Adds a batch; False when the same file was uploaded on the same day already."""
    added = await tx.execute(insert(Batch).values(**values).on_conflict_do_nothing().returning(Batch.id))
    return added.first() is not None


async def lock_same(tx: AsyncSession, employer_no: str, kind: Kind, digest: bytes, day: date) -> Batch | None:
    """The batch of the same file of this day, locked."""
    statement = select(Batch).where(
        Batch.employer_no == employer_no, Batch.kind == kind, Batch.digest == digest, Batch.business_day == day
    )
    return (await tx.execute(_fresh_and_locked(statement))).scalar_one_or_none()


async def get(tx: AsyncSession, employer_no: str, batch_id: UUID) -> Batch | None:
    """A batch of the unit."""
    return await tx.get(Batch, (employer_no, batch_id), populate_existing=True)


async def lock(tx: AsyncSession, employer_no: str, batch_id: UUID) -> Batch | None:
    """The same, locked until the transaction ends."""
    statement = select(Batch).where(Batch.employer_no == employer_no, Batch.id == batch_id)
    return (await tx.execute(_fresh_and_locked(statement))).scalar_one_or_none()


def _fresh_and_locked(statement: Any) -> Any:
    return statement.with_for_update().execution_options(populate_existing=True)


async def count_under_way(tx: AsyncSession, employer_no: str) -> int:
    """How many of the unit's batches are being checked or submitted."""
    statement = select(func.count()).where(
        Batch.employer_no == employer_no, Batch.stage.in_(("checking", "submitting"))
    )
    return (await tx.execute(statement)).scalar_one()


async def page(
    tx: AsyncSession, employer_no: str, kind: Kind | None, *, offset: int, limit: int
) -> tuple[list[Batch], int]:
    """The unit's batches, newest first."""
    conditions = [Batch.employer_no == employer_no, *([Batch.kind == kind] if kind else [])]
    total = (await tx.execute(select(func.count()).select_from(Batch).where(*conditions))).scalar_one()
    statement = select(Batch).where(*conditions).order_by(Batch.uploaded_at.desc(), Batch.id.desc())
    return list(await tx.scalars(statement.offset(offset).limit(limit))), total


async def put_part(tx: AsyncSession, batch: Batch, position: int, sealed: bytes) -> None:
    """Keeps a part of an uploaded file."""
    statement = insert(BatchPart).values(
        employer_no=batch.employer_no, batch_id=batch.id, position=position, sealed=sealed
    )
    await tx.execute(statement)


async def part(tx: AsyncSession, employer_no: str, batch_id: UUID, position: int) -> bytes | None:
    """A part of an uploaded file."""
    found = await tx.get(BatchPart, (employer_no, batch_id, position))
    return None if found is None else found.sealed


async def drop_parts(tx: AsyncSession, batch: Batch) -> None:
    """Forgets the uploaded file."""
    await tx.execute(
        delete(BatchPart).where(BatchPart.employer_no == batch.employer_no, BatchPart.batch_id == batch.id)
    )


async def drop_rows(tx: AsyncSession, employer_no: str, batch_id: UUID) -> None:
    """Forgets the rows of a file."""
    await tx.execute(delete(BatchRow).where(BatchRow.employer_no == employer_no, BatchRow.batch_id == batch_id))


async def add_rows(tx: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keeps rows of a checked file."""
    await insert_many(tx, cast(Table, BatchRow.__table__), rows)


async def rows_in(
    tx: AsyncSession, employer_no: str, batch_id: UUID, state: str, *, after: int = 0, offset: int = 0, limit: int
) -> list[tuple[int, bytes]]:
    """Numbers and sealed contents of rows in this state, in the file's order, behind row `after`."""
    statement = (
        select(BatchRow.number, BatchRow.sealed)
        .where(
            BatchRow.employer_no == employer_no,
            BatchRow.batch_id == batch_id,
            BatchRow.state == state,
            BatchRow.number > after,
        )
        .order_by(BatchRow.number)
        .offset(offset)
        .limit(limit)
    )
    return [(number, sealed) for number, sealed in await tx.execute(statement) if sealed is not None]


async def counts(tx: AsyncSession, employer_no: str, batch_id: UUID) -> dict[str, int]:
    """How many rows of a file are in each state."""
    statement = (
        select(BatchRow.state, func.count().label("number"))
        .where(BatchRow.employer_no == employer_no, BatchRow.batch_id == batch_id)
        .group_by(BatchRow.state)
    )
    return {row.state: row.number for row in await tx.execute(statement)}


async def end_good(
    tx: AsyncSession,
    employer_no: str,
    batch_id: UUID,
    numbers: Sequence[int],
    *,
    submitted: Mapping[int, str],
    refused: Mapping[int, bytes],
) -> None:
    """Makes these good rows submitted, with the number of what each became, or bad, with their faults sealed.

    `numbers` are in order and every good row between the first and the last. Written anew and not updated from a list:
    the planner knows nothing yet of a table that was just filled, and compared each row with each of the list.
    """
    between = BatchRow.number.between(numbers[0], numbers[-1])
    good = BatchRow.employer_no == employer_no, BatchRow.batch_id == batch_id, BatchRow.state == "good", between
    await tx.execute(delete(BatchRow).where(*good).execution_options(synchronize_session=False))
    key = {"employer_no": employer_no, "batch_id": batch_id}
    ended = [
        {**key, "number": number, "state": "submitted", "sealed": None, "application_no": no}
        for number, no in submitted.items()
    ]
    faulty = [
        {**key, "number": number, "state": "bad", "sealed": sealed, "application_no": None}
        for number, sealed in refused.items()
    ]
    await insert_many(tx, cast(Table, BatchRow.__table__), [*ended, *faulty])


async def expire(tx: AsyncSession, now: datetime) -> int:
    """Clears the rows of batches whose time is over, a few at a time; how many batches."""
    due = (
        select(Batch)
        .where(Batch.expires_at < now, Batch.stage.not_in(("expired", "submitting")))
        .order_by(Batch.expires_at)
        .limit(_EXPIRE_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    batches = list(await tx.scalars(due))
    for batch in batches:
        await drop_rows(tx, batch.employer_no, batch.id)
        await drop_parts(tx, batch)
        await tx.execute(
            update(Batch)
            .where(Batch.employer_no == batch.employer_no, Batch.id == batch.id)
            .values(stage="expired", refusal=None, version=Batch.version + 1)
            .execution_options(synchronize_session=False)
        )
    return len(batches)
