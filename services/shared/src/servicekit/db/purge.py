"""Removing old rows by the million: in short transactions, until none is left."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ColumnElement, any_, delete, func, literal_column, select

from servicekit.db.tx import Scope, begin

if TYPE_CHECKING:
    from servicekit.runtime import Runtime

BATCH = 10_000
"""Rows per transaction: a fraction of a second of work, so that nobody waits and a restart loses little."""


async def purge(runtime: "Runtime", moment: Column[Any], before: datetime, *only: ColumnElement[bool]) -> int:
    """Deletes the rows of a table whose `moment` lies before; returns how many. Cut off in the middle, it is less.

    `moment` has an index, after the columns that `only`, further conditions, hold fast.
    """
    table = moment.table
    row: ColumnElement[Any] = literal_column(
        "ctid"
    )  # found by place: no way for the planner to read the whole table for a batch
    total = 0
    reached: datetime | None = None
    while True:
        conditions = [moment < before, *only]
        if reached is not None:
            # Past what the batches before have left in the index, where it lies until the next vacuum.
            conditions.append(moment >= reached)
        old = select(row).select_from(table).where(*conditions).order_by(moment).limit(BATCH)
        chosen = func.array(old.with_for_update(skip_locked=True).scalar_subquery())
        gone = delete(table).where(row == any_(chosen)).returning(moment.label("moment")).cte("gone")
        async with begin(runtime, scope=Scope.system()) as tx:
            answer = await tx.execute(select(func.count(), func.max(gone.c.moment)).select_from(gone))
            count: int
            count, reached = answer.one()
        total += count
        if count < BATCH:
            return total
