"""SQL of one's own contributions.

The ledger is kept and guarded by unit. The database function `own_contributions` looks past that wall for the person on
whose behalf the transaction runs, and for nobody else: whom it means is not an argument.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from servicekit.db.types import MonthType


class OwnRow(NamedTuple):
    """One row of the asker, with the unit that owes it and its statement's status."""

    employer_no: str
    employer_name: str
    month: Month
    insurance: str
    entry: int
    insurance_name: str
    base: Decimal
    employer_amount: Decimal
    own_amount: Decimal
    amount_total: Decimal
    status: str
    received_on: date | None


_OWN = (
    sa.text(
        "SELECT employer_no, employer_name, month, insurance, entry, insurance_name, base, employer_amount, own_amount,"
        " employer_amount + own_amount AS amount_total, status, received_on"
        " FROM own_contributions(:first, :last)"
        " ORDER BY month DESC, insurance, employer_no, entry"
    )
    .bindparams(sa.bindparam("first", type_=MonthType), sa.bindparam("last", type_=MonthType))
    .columns(month=MonthType)
)


async def own_rows(tx: AsyncSession, *, first: Month, last: Month) -> list[OwnRow]:
    """The asker's rows in a range of months, newest month first; some hundreds in ten years."""
    return [OwnRow._make(row) for row in (await tx.execute(_OWN, {"first": first, "last": last})).all()]
