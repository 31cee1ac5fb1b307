"""Use cases of the ledger: look-ups, pages for documents, receipts. None of them commits."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.employer import ContributionsPaid
from contracts.values.month import Month
from employer.contributions import repository, settling
from employer.contributions.repository import LedgerRow, MonthSum, ReceiptRow, StatementRow, Sums
from employer.contributions.rules import MonthRange
from employer.contributions.settling import Payment
from employer.roster import repository as roster
from employer.units import repository as units
from servicekit import audit, outbox
from servicekit.auth.principals import Clerk
from servicekit.db.tx import clock_of
from servicekit.refusals import FieldFault, InvalidFields, NotFound

_CURSOR = re.compile(r"([0-9]{4}-[0-9]{2})~([0-9a-f-]{36})~([0-9]{3})~([0-9]{1,4})")
Cursor = tuple[Month, UUID, str, int]


async def of_person(tx: AsyncSession, clerk: Clerk, person_id: UUID, *, months: MonthRange) -> list[LedgerRow]:
    """A person's contributions at the clerk's unit, newest month first. Whose amounts were seen is audited.

    Raises:
        NotFound: the person never was on this unit's roster.
    """
    if not await roster.knows_person(tx, clerk.employer_no, person_id):
        raise NotFound
    rows = await repository.rows_of_person(tx, clerk.employer_no, person_id, first=months.first, last=months.last)
    facts = {"from_month": months.first, "to_month": months.last}
    await audit.record(tx, clerk, "contributions.viewed", str(person_id), chain=clerk.employer_no, facts=facts)
    return rows


async def by_month(
    tx: AsyncSession,
    clerk: Clerk,
    *,
    months: MonthRange,
    insurance: str | None,
    offset: int,
    limit: int,
) -> tuple[list[MonthSum], int, Sums]:
    """The unit's sums by month and insurance type, how many there are, and the sums over all of them."""
    return await repository.month_sums(
        tx, clerk.employer_no, first=months.first, last=months.last, insurance=insurance, offset=offset, limit=limit
    )


async def month_detail(
    tx: AsyncSession, clerk: Clerk, month: Month, insurance: str
) -> tuple[str, list[StatementRow], list[ReceiptRow], Decimal]:
    """A month and insurance type of the clerk's unit: its name, statements, receipts, and what was paid too much.

    Raises:
        NotFound: nothing was assessed for it.
    """
    names = await units.insurance_names(tx)
    statements = await repository.statements_of(tx, clerk.employer_no, month, insurance)
    if not statements or insurance not in names:
        raise NotFound
    receipts = await repository.receipts_of(tx, clerk.employer_no, month, insurance)
    over = await repository.overpaid(tx, clerk.employer_no, month, insurance)
    return names[insurance], statements, receipts, over


async def people_of_month(
    tx: AsyncSession, clerk: Clerk, month: Month, insurance: str, *, after: str | None, limit: int
) -> tuple[list[LedgerRow], str | None]:
    """Rows of a month and insurance type from behind the cursor `after` on, and the next page's. Audited.

    Raises:
        InvalidFields: a cursor that isn't one of ours.
    """
    place = None
    if after is None:
        facts = {"month": month, "insurance": insurance}
        subject = clerk.employer_no
        await audit.record(tx, clerk, "contributions.month_viewed", subject, chain=subject, facts=facts)
    else:
        _, person, _, entry = _read_cursor(after)
        place = (person, entry)
    rows = await repository.people_of_month(tx, clerk.employer_no, month, insurance, after=place, limit=limit)
    return rows, _cursor_of(rows[-1]) if len(rows) == limit else None


async def page_of_rows(
    tx: AsyncSession,
    reader: Clerk,
    *,
    person_id: UUID | None,
    months: MonthRange,
    after: str | None,
    limit: int,
) -> tuple[list[LedgerRow], str | None]:
    """Rows by month, person and insurance type from behind the cursor `after` on, and the next page's cursor.

    Raises:
        InvalidFields: a cursor that isn't one of ours.
    """
    cursor = None if after is None else _read_cursor(after)
    if cursor is None:
        subject = str(person_id) if person_id else reader.employer_no
        facts = {"from_month": months.first, "to_month": months.last}
        await audit.record(tx, reader, "contributions.read", subject, chain=reader.employer_no, facts=facts)
    if person_id is None:
        rows = await _rows_by_month(tx, reader.employer_no, months, cursor, limit)
    else:
        behind = None if cursor is None else (cursor[0], cursor[2], cursor[3])
        rows = await repository.page_of_person(
            tx, reader.employer_no, person_id, first=months.first, last=months.last, after=behind, limit=limit
        )
    return rows, _cursor_of(rows[-1]) if len(rows) == limit else None


async def _rows_by_month(
    tx: AsyncSession, employer_no: str, months: MonthRange, cursor: Cursor | None, limit: int
) -> list[LedgerRow]:
    """Month by month, since one month is one partition and comes in the order of its key."""
    rows: list[LedgerRow] = []
    first = months.first if cursor is None else max(months.first, cursor[0])
    for month in Month.range(first, months.last):
        behind = cursor[1:] if cursor is not None and cursor[0] == month else None
        rows += await repository.rows_of_month(tx, employer_no, month, after=behind, limit=limit - len(rows))
        if len(rows) == limit:
            break
    return rows


def _cursor_of(row: LedgerRow) -> str:
    return f"{row.month}~{row.person_id}~{row.insurance}~{row.entry}"


def _read_cursor(text: str) -> Cursor:
    try:
        match = _CURSOR.fullmatch(text)
        if match is None:
            raise ValueError(text)
        return Month.parse(match[1]), UUID(match[2]), match[3], int(match[4])
    except ValueError as fault:
        raise InvalidFields([FieldFault("/after", "cursor_unreadable", "分页标识无法识别")]) from fault


async def receive_month(tx: AsyncSession, month: Month, *, received_on: date, reference: str, now: datetime) -> int:
    """Notes that all that is owed for a month arrived; the same again changes nothing. How many units it was for."""
    units = await repository.receive_in_full(tx, month, received_on=received_on, reference=reference, now=now)
    await outbox.add(tx, *(ContributionsPaid(employer_no=unit, month=month) for unit in units))
    if units:
        facts = {"month": month, "units": len(units), "received_on": received_on}
        await audit.record(tx, None, "contributions.received", reference, chain="agency", facts=facts)
    return len(units)


async def set_off(
    tx: AsyncSession, written: Sequence[tuple[str, Month]], assessment_id: UUID, *, now: datetime
) -> None:
    """After a run has written rows of these units and months, which had been assessed before: what is owed back, or was
    paid too much, settles what is open of the same month and insurance type.
    """
    keys = await settling.to_set_off(tx, written) if written else []
    reference = f"冲抵 {assessment_id}"
    day = clock_of(tx).today()
    await settling.settle(tx, [Payment(key, Decimal(0), day, reference) for key in keys], now=now)
