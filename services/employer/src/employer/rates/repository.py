"""SQL of rates and limits."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from employer.rates.models import BaseLimit


async def carry_limits_on(tx: AsyncSession, year: int, *, source: str) -> None:
    """Gives a year that has no limits the newest ones known."""
    if await tx.get(BaseLimit, year) is not None:
        return
    newest = (await tx.scalars(sa.select(BaseLimit).order_by(BaseLimit.year.desc()).limit(1))).one()
    row = {"year": year, "lower": newest.lower, "upper": newest.upper, "source": source}
    await tx.execute(sa.insert(BaseLimit).values(row))
