"""SQL that settles statements with money. Set-based: thousands of units, months and insurance types at once.

All statements of a unit, month and insurance type are settled together, oldest first. Money counts first; what the hall
owes back (statements below zero, of corrections) stands in for what money leaves open. What money is left over is kept
as an overpayment and counts the next time. So `received` of a group's statements always sums to its receipts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from employer.contributions.models import TOTAL

Key = tuple[str, Month, str]
"""Unit, month, insurance type."""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money for one unit, month and insurance type; or none, to set off what is owed back."""

    key: Key
    amount: Decimal
    received_on: date
    reference: str


_KEYS = "employer_no, month, insurance"
_NUMBERS, _TEXTS, _DAYS = ARRAY(TOTAL), ARRAY(sa.String), ARRAY(sa.Date)
_COMING = """
    SELECT * FROM unnest(CAST(:employers AS text[]), CAST(:months AS date[]), CAST(:insurances AS text[]))
        AS coming (employer_no, month, insurance)
"""

_STILL_OPEN = sa.text(
    f"""
    WITH coming AS MATERIALIZED ({_COMING})
    SELECT {_KEYS}, sum(total - received) - coalesce(min(kept.amount), 0) AS open
    FROM coming
    JOIN statements USING ({_KEYS})
    LEFT JOIN overpayments AS kept USING ({_KEYS})
    GROUP BY {_KEYS}
    """  # noqa: S608 - words of ours
).bindparams(
    sa.bindparam("employers", type_=_TEXTS),
    sa.bindparam("months", type_=_DAYS),
    sa.bindparam("insurances", type_=_TEXTS),
)

_SETTLE = sa.text(
    f"""
    WITH coming AS MATERIALIZED (
        SELECT * FROM unnest(CAST(:employers AS text[]), CAST(:months AS date[]), CAST(:insurances AS text[]),
                             CAST(:amounts AS numeric[]), CAST(:days AS date[]), CAST(:references AS text[]))
            AS coming (employer_no, month, insurance, amount, received_on, reference)
    ), held AS MATERIALIZED (
        SELECT {_KEYS}, assessment_id, total, received
        FROM statements
        JOIN coming USING ({_KEYS})
        ORDER BY {_KEYS}, assessment_id
        FOR UPDATE OF statements
    ), pooled AS MATERIALIZED (
        SELECT {_KEYS}, coming.received_on, coming.reference, kept.amount AS kept,
               coming.amount + coalesce(kept.amount, 0) + sum(held.received) AS money,
               sum(greatest(held.total, 0)) AS owed, sum(greatest(-held.total, 0)) AS owed_back
        FROM coming
        JOIN held USING ({_KEYS})
        LEFT JOIN overpayments AS kept USING ({_KEYS})
        GROUP BY {_KEYS}, coming.received_on, coming.reference, coming.amount, kept.amount
    ), aimed AS (
        SELECT {_KEYS}, assessment_id, received, received_on, reference,
               CASE WHEN total > 0
                    THEN greatest(0, least(total, money + set_off + total - sum(greatest(total, 0)) OVER oldest))
                    ELSE -greatest(0, least(-total, set_off - total - sum(greatest(-total, 0)) OVER oldest))
               END AS target
        FROM held
        JOIN (SELECT *, least(owed_back, greatest(0, owed - money)) AS set_off FROM pooled) AS pooled USING ({_KEYS})
        WINDOW oldest AS (PARTITION BY {_KEYS} ORDER BY assessment_id)
    ), moved AS MATERIALIZED (
        SELECT {_KEYS}, assessment_id, target - received AS amount, received_on, reference
        FROM aimed
        WHERE target <> received
    ), noted AS (
        INSERT INTO receipts
            (employer_no, id, month, insurance, assessment_id, amount, received_on, reference, recorded_at)
        SELECT employer_no, gen_random_uuid(), month, insurance, assessment_id, amount, received_on, reference, :now
        FROM moved
    ), settled AS (
        UPDATE statements SET received = received + moved.amount, received_on = moved.received_on
        FROM moved
        WHERE (statements.employer_no, statements.month, statements.insurance, statements.assessment_id)
            = (moved.employer_no, moved.month, moved.insurance, moved.assessment_id)
    )
    INSERT INTO overpayments (employer_no, month, insurance, amount)
    SELECT {_KEYS}, greatest(0, money - owed)
    FROM pooled
    WHERE money > owed OR kept > 0
    ON CONFLICT ({_KEYS}) DO UPDATE SET amount = excluded.amount
    """  # noqa: S608 - words of ours
).bindparams(
    sa.bindparam("employers", type_=_TEXTS),
    sa.bindparam("months", type_=_DAYS),
    sa.bindparam("insurances", type_=_TEXTS),
    sa.bindparam("amounts", type_=_NUMBERS),
    sa.bindparam("days", type_=_DAYS),
    sa.bindparam("references", type_=_TEXTS),
    sa.bindparam("now", type_=sa.DateTime(timezone=True)),
)

# What a run wrote for months that were assessed before, where something is owed back or was paid too much.
_TO_SET_OFF = sa.text(
    f"""
    WITH written AS MATERIALIZED (
        SELECT * FROM unnest(CAST(:employers AS text[]), CAST(:months AS date[])) AS written (employer_no, month)
    )
    SELECT {_KEYS}
    FROM written
    JOIN statements USING (employer_no, month)
    LEFT JOIN overpayments AS kept USING ({_KEYS})
    GROUP BY {_KEYS}
    HAVING min(total) < 0 OR max(kept.amount) > 0
    ORDER BY {_KEYS}
    """  # noqa: S608 - words of ours
).bindparams(sa.bindparam("employers", type_=_TEXTS), sa.bindparam("months", type_=_DAYS))

# The assessment does without nested loops; the few keys here want them.
_BY_KEY = sa.text("SELECT set_config('enable_nestloop', 'on', true)")


def _keys(keys: Sequence[Key]) -> dict[str, Any]:
    return {
        "employers": [key[0] for key in keys],
        "months": [key[1].first_day() for key in keys],
        "insurances": [key[2] for key in keys],
    }


async def still_open(tx: AsyncSession, keys: Sequence[Key]) -> dict[Key, Decimal]:
    """What is still to be paid, below zero where too much was; without the keys nothing was ever assessed for."""
    rows = await tx.execute(_STILL_OPEN, _keys(keys))
    return {(row.employer_no, Month.of(row.month), row.insurance): row.open for row in rows}


async def settle(tx: AsyncSession, payments: Sequence[Payment], *, now: datetime) -> None:
    """Settles statements with these payments; each key at most once."""
    if not payments:
        return
    await tx.execute(
        _SETTLE,
        {
            **_keys([payment.key for payment in payments]),
            "amounts": [payment.amount for payment in payments],
            "days": [payment.received_on for payment in payments],
            "references": [payment.reference for payment in payments],
            "now": now,
        },
    )


async def to_set_off(tx: AsyncSession, written: Sequence[tuple[str, Month]]) -> list[Key]:
    """Where something is owed back or was paid too much, among the units and months that a run wrote rows for."""
    await tx.execute(_BY_KEY)
    values = {"employers": [unit for unit, _ in written], "months": [month.first_day() for _, month in written]}
    rows = await tx.execute(_TO_SET_OFF, values)
    return [(row.employer_no, Month.of(row.month), row.insurance) for row in rows]
