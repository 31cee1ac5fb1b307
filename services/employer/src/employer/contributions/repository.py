"""SQL of the ledger. The unit is always a condition here, and row level security is behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from employer.contributions.models import Contribution, Overpayment, Statement
from employer.units.models import InsuranceType
from servicekit.db.types import MonthType
from servicekit.ids import moment_of


class LedgerRow(NamedTuple):
    """One row of one person, with its statement's status."""

    person_id: UUID
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
    reason: str | None
    """Why, for a counter-row."""


class StatementRow(NamedTuple):
    """One statement of a unit (核定单), with when it was assessed."""

    assessment_id: UUID
    assessed_at: datetime
    """Read off the run's id: the runs themselves are the agency's."""
    people: int
    base: Decimal
    employer_amount: Decimal
    own_amount: Decimal
    total: Decimal
    received: Decimal
    received_on: date | None
    status: str


class ReceiptRow(NamedTuple):
    """Money that arrived, over all statements it settled."""

    reference: str
    received_on: date
    amount: Decimal


class MonthSum(NamedTuple):
    """What a unit owes for a month and insurance type, over all its statements."""

    month: Month
    insurance: str
    insurance_name: str
    people: int
    base: Decimal
    employer_amount: Decimal
    own_amount: Decimal
    amount_total: Decimal
    received: Decimal
    received_on: date | None


class Sums(NamedTuple):
    """Sums over a list."""

    employer_amount: Decimal
    own_amount: Decimal
    amount_total: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """How a unit stands with its contributions."""

    month: Month | None
    """The newest month assessed."""
    status: str | None
    """Of that month."""
    outstanding: Decimal
    """Owed and not received, over all months."""
    unpaid_months: int
    unpaid_since: Month | None
    """The oldest month of which something is owed."""


def _rows(employer_no: str) -> sa.Select[*tuple[Any, ...]]:
    statement_of_row = sa.and_(
        Statement.employer_no == Contribution.employer_no,
        Statement.month == Contribution.month,
        Statement.insurance == Contribution.insurance,
        Statement.assessment_id == Contribution.assessment_id,
    )
    return (
        sa.select(
            Contribution.person_id,
            Contribution.month,
            Contribution.insurance,
            Contribution.entry,
            InsuranceType.name,
            Contribution.base,
            Contribution.employer_amount,
            Contribution.own_amount,
            Contribution.employer_amount + Contribution.own_amount,
            Statement.status,
            Statement.received_on,
            Contribution.reason,
        )
        .join(Statement, statement_of_row)
        .join(InsuranceType, InsuranceType.code == Contribution.insurance)
        .where(Contribution.employer_no == employer_no)
    )


# A person has a handful of rows in each month, so one plan is right for everybody. PostgreSQL would keep it for twelve
# months, but plans anew each time when the ledger has sixty, which takes longer than finding the rows.
_PLANNED_ONCE = sa.text("SET LOCAL plan_cache_mode = force_generic_plan")


async def _of_person(tx: AsyncSession, query: sa.Select[*tuple[Any, ...]]) -> list[LedgerRow]:
    await tx.execute(_PLANNED_ONCE)
    return [LedgerRow._make(row) for row in (await tx.execute(query)).all()]


async def rows_of_person(
    tx: AsyncSession, employer_no: str, person_id: UUID, *, first: Month, last: Month
) -> list[LedgerRow]:
    """A person's rows at a unit, newest month first."""
    query = (
        _rows(employer_no)
        .where(Contribution.person_id == person_id, Contribution.month.between(first, last))
        .order_by(Contribution.month.desc(), Contribution.insurance, Contribution.entry)
    )
    return await _of_person(tx, query)


async def page_of_person(
    tx: AsyncSession,
    employer_no: str,
    person_id: UUID,
    *,
    first: Month,
    last: Month,
    after: tuple[Month, str, int] | None,
    limit: int,
) -> list[LedgerRow]:
    """A person's rows at a unit in the order of month, insurance type and entry, from behind `after` on."""
    query = _rows(employer_no).where(Contribution.person_id == person_id, Contribution.month.between(first, last))
    if after is not None:
        key = sa.tuple_(Contribution.month, Contribution.insurance, Contribution.entry)
        seen = sa.tuple_(
            sa.literal(after[0], MonthType), sa.literal(after[1], sa.String), sa.literal(after[2], sa.SmallInteger)
        )
        query = query.where(key > seen)
    query = query.order_by(Contribution.month, Contribution.insurance, Contribution.entry).limit(limit)
    return await _of_person(tx, query)


async def rows_of_month(
    tx: AsyncSession, employer_no: str, month: Month, *, after: tuple[UUID, str, int] | None, limit: int
) -> list[LedgerRow]:
    """Rows of one month in the order of person, insurance type and entry, from behind `after` on.

    One month is one partition, in which this order is the primary key's: a page costs the same wherever it begins.
    """
    query = _rows(employer_no).where(Contribution.month == month)
    if after is not None:
        key = sa.tuple_(Contribution.person_id, Contribution.insurance, Contribution.entry)
        seen = sa.tuple_(
            sa.literal(after[0], PG_UUID), sa.literal(after[1], sa.String), sa.literal(after[2], sa.SmallInteger)
        )
        query = query.where(Contribution.person_id >= after[0], key > seen)
    query = query.order_by(Contribution.person_id, Contribution.insurance, Contribution.entry).limit(limit)
    return [LedgerRow._make(row) for row in (await tx.execute(query)).all()]


async def people_of_month(
    tx: AsyncSession, employer_no: str, month: Month, insurance: str, *, after: tuple[UUID, int] | None, limit: int
) -> list[LedgerRow]:
    """Rows of one month and insurance type in the order of person and entry, from behind `after` on."""
    query = _rows(employer_no).where(Contribution.month == month, Contribution.insurance == insurance)
    if after is not None:
        key = sa.tuple_(Contribution.person_id, Contribution.entry)
        seen = sa.tuple_(sa.literal(after[0], PG_UUID), sa.literal(after[1], sa.SmallInteger))
        query = query.where(Contribution.person_id >= after[0], key > seen)
    query = query.order_by(Contribution.person_id, Contribution.entry).limit(limit)
    return [LedgerRow._make(row) for row in (await tx.execute(query)).all()]


_STATEMENTS = sa.text(
    """
    SELECT assessment_id, people, base, employer_amount, own_amount, total, received, received_on, status
    FROM statements
    WHERE employer_no = :employer_no AND month = :month AND insurance = :insurance
    ORDER BY assessment_id
    """
).bindparams(sa.bindparam("month", type_=sa.Date))

_RECEIPTS = sa.text(
    """
    SELECT reference, max(received_on) AS received_on, sum(amount) AS amount
    FROM receipts
    WHERE employer_no = :employer_no AND month = :month AND insurance = :insurance
    GROUP BY reference
    HAVING sum(amount) <> 0
    ORDER BY received_on, reference
    """
).bindparams(sa.bindparam("month", type_=sa.Date))


async def statements_of(tx: AsyncSession, employer_no: str, month: Month, insurance: str) -> list[StatementRow]:
    """A unit's statements of a month and insurance type, oldest first."""
    values = {"employer_no": employer_no, "month": month.first_day(), "insurance": insurance}
    return [
        StatementRow(assessed_at=moment_of(row.assessment_id), **row._asdict())
        for row in await tx.execute(_STATEMENTS, values)
    ]


async def receipts_of(tx: AsyncSession, employer_no: str, month: Month, insurance: str) -> list[ReceiptRow]:
    """What arrived for a unit, month and insurance type; what was merely set off is not shown."""
    values = {"employer_no": employer_no, "month": month.first_day(), "insurance": insurance}
    return [ReceiptRow(*row) for row in await tx.execute(_RECEIPTS, values)]


async def overpaid(tx: AsyncSession, employer_no: str, month: Month, insurance: str) -> Decimal:
    """What was paid too much for a unit, month and insurance type."""
    found = await tx.get(Overpayment, (employer_no, month, insurance))
    return Decimal("0.00") if found is None else found.amount


def _in_range(employer_no: str, first: Month, last: Month, insurance: str | None) -> list[sa.ColumnElement[bool]]:
    conditions = [Statement.employer_no == employer_no, Statement.month.between(first, last)]
    if insurance is not None:
        conditions.append(Statement.insurance == insurance)
    return conditions


async def month_sums(
    tx: AsyncSession,
    employer_no: str,
    *,
    first: Month,
    last: Month,
    insurance: str | None,
    offset: int,
    limit: int,
) -> tuple[list[MonthSum], int, Sums]:
    """Sums by month and insurance type, newest first; how many there are; sums over all of them.

    Read from the statements, so that it takes as long for a unit of ten as for one of a hundred thousand.
    """
    conditions = _in_range(employer_no, first, last, insurance)
    total_of = sa.func.sum
    grouped = (
        sa.select(
            Statement.month,
            Statement.insurance,
            InsuranceType.name,
            total_of(Statement.people),
            total_of(Statement.base),
            total_of(Statement.employer_amount),
            total_of(Statement.own_amount),
            total_of(Statement.total),
            total_of(Statement.received),
            sa.func.max(Statement.received_on),
        )
        .join(InsuranceType, InsuranceType.code == Statement.insurance)
        .where(*conditions)
        .group_by(Statement.month, Statement.insurance, InsuranceType.name)
        .order_by(Statement.month.desc(), Statement.insurance)
        .offset(offset)
        .limit(limit)
    )
    nothing = sa.literal(Decimal("0.00"), sa.Numeric(18, 2))
    counted = sa.select(
        sa.func.count(sa.tuple_(Statement.month, Statement.insurance).distinct()),
        sa.func.coalesce(total_of(Statement.employer_amount), nothing),
        sa.func.coalesce(total_of(Statement.own_amount), nothing),
        sa.func.coalesce(total_of(Statement.total), nothing),
    ).where(*conditions)
    items = [MonthSum._make(row) for row in (await tx.execute(grouped)).all()]
    count, employer_amount, own_amount, amount_total = (await tx.execute(counted)).one()
    return items, count, Sums(employer_amount, own_amount, amount_total)


_STANDING = sa.text(
    """
    SELECT newest.month,
           (SELECT CASE WHEN bool_and(status = '1') THEN '1' WHEN bool_and(status = '0') THEN '0' ELSE '2' END
            FROM statements WHERE employer_no = :employer_no AND month = newest.month) AS status,
           unpaid.*
    FROM (SELECT max(month) AS month FROM statements WHERE employer_no = :employer_no) AS newest,
         (SELECT coalesce(sum(owed), 0.00) AS outstanding,
                 count(DISTINCT month) AS unpaid_months, min(month) AS unpaid_since
          FROM (SELECT month, sum(total - received) AS owed FROM statements WHERE employer_no = :employer_no
                GROUP BY month, insurance HAVING sum(total - received) > 0) AS by_month) AS unpaid
    """
).columns(
    month=MonthType,
    status=sa.String,
    outstanding=sa.Numeric(18, 2),
    unpaid_months=sa.Integer,
    unpaid_since=MonthType,
)


async def standing(tx: AsyncSession, employer_no: str) -> Standing:
    """The status of the unit's newest month, and what is open over all months."""
    row = (await tx.execute(_STANDING, {"employer_no": employer_no})).one()
    status = None if row.month is None else row.status
    return Standing(row.month, status, row.outstanding, row.unpaid_months, row.unpaid_since)


# Full receipts for whatever a month's statements still lack.
_RECEIVE = sa.text(
    """
    WITH open AS (
        SELECT employer_no, month, insurance, assessment_id, total - received AS amount
        FROM statements
        WHERE month = :month AND total > received
        ORDER BY employer_no, insurance, assessment_id
        FOR UPDATE
    ), noted AS (
        INSERT INTO receipts
            (employer_no, id, month, insurance, assessment_id, amount, received_on, reference, recorded_at)
        SELECT employer_no, gen_random_uuid(), month, insurance, assessment_id, amount, :received_on, :reference, :now
        FROM open
        ON CONFLICT DO NOTHING
        RETURNING employer_no, month, insurance, assessment_id, amount
    )
    UPDATE statements SET received = received + noted.amount, received_on = :received_on
    FROM noted
    WHERE (statements.employer_no, statements.month, statements.insurance, statements.assessment_id)
        = (noted.employer_no, noted.month, noted.insurance, noted.assessment_id)
    RETURNING statements.employer_no
    """
).bindparams(
    sa.bindparam("month", type_=sa.Date),
    sa.bindparam("received_on", type_=sa.Date),
    sa.bindparam("now", type_=sa.DateTime(timezone=True)),
    sa.bindparam("reference", type_=sa.String),
)


async def receive_in_full(
    tx: AsyncSession, month: Month, *, received_on: date, reference: str, now: datetime
) -> Sequence[str]:
    """Notes that all that is owed for a month arrived. The units it arrived for, in order."""
    values = {"month": month.first_day(), "received_on": received_on, "reference": reference, "now": now}
    return sorted(set((await tx.scalars(_RECEIVE, values)).all()))
