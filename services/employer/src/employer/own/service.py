"""An insured person's own contributions. Audited in their account's chain."""

from sqlalchemy.ext.asyncio import AsyncSession

from employer.contributions.rules import MonthRange
from employer.own import repository
from employer.own.repository import OwnRow
from servicekit import audit
from servicekit.auth import InsuredPerson


async def contributions(tx: AsyncSession, me: InsuredPerson, *, months: MonthRange) -> list[OwnRow]:
    """The asker's contributions at every unit, newest month first."""
    rows = await repository.own_rows(tx, first=months.first, last=months.last)
    facts = {"from_month": months.first, "to_month": months.last}
    chain = f"account:{me.account_id}"
    await audit.record(tx, me, "contributions.viewed", str(me.person_id), chain=chain, facts=facts)
    return rows
