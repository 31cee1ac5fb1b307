"""SQL of the bank directory."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from employer.bank_directory.models import BankBranch, BankClass, BankImport, BankImportRow
from employer.units.rules import query_grams
from servicekit.db.bulk import insert_many

_ROWS_TABLE = cast("sa.Table", BankImportRow.__table__)


async def classes(tx: AsyncSession) -> list[BankClass]:
    """All bank classes by code."""
    return list(await tx.scalars(sa.select(BankClass).order_by(BankClass.code)))


async def branch(tx: AsyncSession, code: str) -> tuple[BankBranch, BankClass] | None:
    """A branch with its class."""
    query = sa.select(BankBranch, BankClass).join(BankClass, BankClass.code == BankBranch.bank_class)
    row = (await tx.execute(query.where(BankBranch.code == code))).one_or_none()
    return None if row is None else (row[0], row[1])


async def any_branch(tx: AsyncSession) -> bool:
    """Whether the directory has anything in it."""
    return await tx.scalar(sa.select(sa.exists(sa.select(BankBranch.code)))) or False


async def search(
    tx: AsyncSession, text: str, *, bank_class: str | None, closed_too: bool, offset: int, limit: int
) -> tuple[list[tuple[BankBranch, BankClass]], int]:
    """Branches whose short name has every word of the text somewhere, or whose code it is; by code."""
    query = sa.select(BankBranch, BankClass).join(BankClass, BankClass.code == BankBranch.bank_class)
    if bank_class is not None:
        query = query.where(BankBranch.bank_class == bank_class)
    if not closed_too:
        query = query.where(BankBranch.status == "open")
    for word in text.split():
        named = sa.and_(
            BankBranch.short_grams.contains(query_grams(word)),
            BankBranch.short_name.icontains(word, autoescape=True),
        )
        query = query.where(sa.or_(named, BankBranch.code == word))
    total = await tx.scalar(query.with_only_columns(sa.func.count()))
    rows = await tx.execute(query.order_by(BankBranch.code).offset(offset).limit(limit))
    return [(row[0], row[1]) for row in rows.all()], total or 0


async def put_branches(tx: AsyncSession, branches: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Adds branches, or changes those of the same code: how many were added and how many changed."""
    statement = insert(BankBranch).values(list(branches))
    told = ("bank_class", "name", "short_name", "status")
    differs = sa.or_(*(getattr(BankBranch, field) != statement.excluded[field] for field in told))
    changes = {field: statement.excluded[field] for field in (*told, "short_grams", "changed_at")}
    put = statement.on_conflict_do_update(index_elements=[BankBranch.code], set_=changes, where=differs)
    # A row that was only just inserted has never been locked by anybody.
    marks = (await tx.scalars(put.returning(sa.literal_column("xmax = 0", sa.Boolean)))).all()
    return sum(marks), len(marks) - sum(marks)


async def add_import(tx: AsyncSession, made: BankImport, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes an import with its rows."""
    tx.add(made)
    await tx.flush()
    await insert_many(tx, _ROWS_TABLE, [{"import_id": made.id, **row} for row in rows])


async def get_import(tx: AsyncSession, import_id: UUID) -> BankImport | None:
    """One import."""
    return await tx.get(BankImport, import_id)


async def lock_import(tx: AsyncSession, import_id: UUID) -> BankImport | None:
    """The same, locked."""
    return await tx.get(BankImport, import_id, with_for_update=True)


async def page_of_imports(tx: AsyncSession, *, offset: int, limit: int) -> tuple[list[BankImport], int]:
    """Imports, newest first."""
    total = await tx.scalar(sa.select(sa.func.count()).select_from(BankImport))
    newest = sa.select(BankImport).order_by(BankImport.uploaded_at.desc(), BankImport.id.desc())
    return list(await tx.scalars(newest.offset(offset).limit(limit))), total or 0


async def faulty_rows(tx: AsyncSession, import_id: UUID, *, offset: int, limit: int) -> tuple[list[BankImportRow], int]:
    """The rows of an import that can't be brought in, in their order."""
    wanted = sa.and_(BankImportRow.import_id == import_id, sa.not_(BankImportRow.good))
    total = await tx.scalar(sa.select(sa.func.count()).where(wanted))
    rows = await tx.scalars(
        sa.select(BankImportRow).where(wanted).order_by(BankImportRow.number).offset(offset).limit(limit)
    )
    return list(rows), total or 0


async def good_rows(tx: AsyncSession, import_id: UUID, *, after: int, limit: int) -> list[BankImportRow]:
    """Rows of an import that can be brought in, behind a row number."""
    wanted = sa.and_(BankImportRow.import_id == import_id, BankImportRow.good, BankImportRow.number > after)
    return list(await tx.scalars(sa.select(BankImportRow).where(wanted).order_by(BankImportRow.number).limit(limit)))


async def drop_rows(tx: AsyncSession, import_id: UUID) -> None:
    """Forgets the rows of an import."""
    await tx.execute(sa.delete(BankImportRow).where(BankImportRow.import_id == import_id))


async def waiting_since(tx: AsyncSession, moment: datetime) -> list[UUID]:
    """Imports that were checked before a moment and never confirmed."""
    query = sa.select(BankImport.id).where(BankImport.stage == "checked", BankImport.uploaded_at < moment)
    return list(await tx.scalars(query))
