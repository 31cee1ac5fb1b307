"""Many rows at once: one statement of arrays, or COPY where the table allows it.

PostgreSQL refuses COPY into tables with row level security, so those take `insert_many`: INSERT ... SELECT FROM
unnest(...), one array per column, which needs one round trip as well. Both work inside the caller's transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

Rows = Sequence[Mapping[str, Any]]


async def insert_many(
    tx: AsyncSession, table: sa.Table, rows: Rows, *, besides: Collection[str] = (), ending: str = ""
) -> sa.Result[Any] | None:
    """Inserts rows that all have the same columns, but for the columns `besides`; `ending` follows the SELECT:
    ON CONFLICT ..., RETURNING ....

    Columns of array types don't fit: an array of arrays unnests to its innermost elements.

    Raises:
        TypeError: a column is an array.
    """
    if not rows:
        return None
    connection = await tx.connection()
    columns = [table.c[name] for name in rows[0] if name not in besides]
    if any(isinstance(column.type, sa.ARRAY) for column in columns):
        raise TypeError(f"{table.name} has an array among its columns")
    names, selected, arrays, aliases = [], [], [], []
    parameters: dict[str, Any] = {}
    for number, (column, values) in enumerate(zip(columns, _by_column(connection, columns, rows), strict=True)):
        type_, key = column.type.compile(dialect=connection.dialect), f"c{number}"
        names.append(f'"{column.name}"')
        # Unit, status, day are the same in all rows: they go over once. One array there must be, to say how many rows.
        if number and values.count(values[0]) == len(values):
            selected.append(f"CAST(:{key} AS {type_})")
            parameters[key] = values[0]
        else:
            selected.append(f"rows.{key}")
            arrays.append(f"CAST(:{key} AS {type_}[])")
            aliases.append(key)
            parameters[key] = values
    statement = sa.text(
        f'INSERT INTO "{table.name}" ({", ".join(names)}) SELECT {", ".join(selected)} '  # noqa: S608 - names of ours
        f"FROM unnest({', '.join(arrays)}) AS rows ({', '.join(aliases)}) {ending}"
    )
    return await tx.execute(statement, parameters)


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
        values = list(map(itemgetter(column.name), rows))
        made.append(values if process is None else list(map(process, values)))
    return made
