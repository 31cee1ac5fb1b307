"""Many rows at once: one statement of arrays, or COPY where the table allows it.

PostgreSQL refuses COPY into tables with row level security, so those take `insert_many`: INSERT ... SELECT FROM
unnest(...), one array per column, which needs one round trip as well. Both work inside the caller's transaction.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

Rows = Sequence[Mapping[str, Any]]


async def insert_many(tx: AsyncSession, table: sa.Table, rows: Rows, *, ending: str = "") -> sa.Result[Any] | None:
    """Inserts rows that all have the same columns; `ending` follows the SELECT: ON CONFLICT ..., RETURNING ....

    Columns of array types don't fit: an array of arrays unnests to its innermost elements.

    Raises:
        TypeError: a column is an array.
    """
    if not rows:
        return None
    connection = await tx.connection()
    columns = [table.c[name] for name in rows[0]]
    if any(isinstance(column.type, sa.ARRAY) for column in columns):
        raise TypeError(f"{table.name} has an array among its columns")
    types = [column.type.compile(dialect=connection.dialect) for column in columns]
    names = ", ".join(f'"{column.name}"' for column in columns)
    arrays = ", ".join(f"CAST(:c{number} AS {type_}[])" for number, type_ in enumerate(types))
    statement = sa.text(
        f'INSERT INTO "{table.name}" ({names}) SELECT * FROM unnest({arrays}) {ending}'  # noqa: S608 - names of ours
    )
    values = _by_column(connection, columns, rows)
    return await tx.execute(statement, {f"c{number}": column for number, column in enumerate(values)})


async def copy_many(tx: AsyncSession, table: sa.Table, rows: Rows) -> None:
    """Inserts rows that all have the same columns by COPY. The table must have no row level security."""
    if not rows:
        return
    connection = await tx.connection()
    columns = [table.c[name] for name in rows[0]]
    records = list(zip(*_by_column(connection, columns, rows), strict=True))
    raw = await connection.get_raw_connection()
    await raw.driver_connection.copy_records_to_table(  # type: ignore[union-attr]  # asyncpg's
        table.name, records=records, columns=[column.name for column in columns]
    )


def _by_column(connection: AsyncConnection, columns: Sequence[sa.Column[Any]], rows: Rows) -> list[list[Any]]:
    """The values as the driver takes them, one list per column."""
    made = []
    for column in columns:
        process = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        values = [row[column.name] for row in rows]
        made.append(values if process is None else [process(value) for value in values])
    return made
