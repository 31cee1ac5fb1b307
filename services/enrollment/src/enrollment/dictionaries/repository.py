"""SQL of the code tables."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.dictionaries.models import DictionaryEntry, DictionaryVersion
from enrollment.dictionaries.rules import TABLES, Dictionary


async def version(tx: AsyncSession) -> int:
    """The version now in force."""
    return (await tx.execute(select(DictionaryVersion.version))).scalar_one()


async def load(tx: AsyncSession) -> Dictionary:
    """All tables in force, each in its order."""
    number = await version(tx)
    rows = await tx.execute(
        select(DictionaryEntry.table_name, DictionaryEntry.code, DictionaryEntry.name)
        .where(~DictionaryEntry.retired)
        .order_by(DictionaryEntry.table_name, DictionaryEntry.position)
    )
    tables: dict[str, dict[str, str]] = {table: {} for table in TABLES}
    for table, code, name in rows:
        tables.setdefault(table, {})[code] = name
    return Dictionary(version=number, tables=tables)
