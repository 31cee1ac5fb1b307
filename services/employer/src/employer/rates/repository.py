"""SQL of rates and limits."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from employer.rates.models import BaseLimit, ExemptCategory, Rate
from employer.rates.rules import Limits, MonthRates, RateValues


async def carry_limits_on(tx: AsyncSession, year: int, *, source: str) -> None:
    """Gives a year that has no limits the newest ones known."""
    if await tx.get(BaseLimit, year) is not None:
        return
    newest = (await tx.scalars(sa.select(BaseLimit).order_by(BaseLimit.year.desc()).limit(1))).one()
    row = {"year": year, "lower": newest.lower, "upper": newest.upper, "source": source}
    await tx.execute(sa.insert(BaseLimit).values(row))


async def of_month(tx: AsyncSession, kind: str, month: Month) -> MonthRates:
    """What is valid in a month for a kind of employer, as far as it is known."""
    limit = await tx.get(BaseLimit, month.year)
    valid = sa.select(Rate).where(
        Rate.employer_kind == kind,
        Rate.first_month <= month,
        sa.or_(Rate.last_month.is_(None), Rate.last_month >= month),
    )
    return MonthRates(
        month=month,
        limits=None if limit is None else Limits(limit.lower, limit.upper),
        rates={
            rate.insurance: RateValues(
                employer_rate=rate.employer_rate,
                own_rate=rate.own_rate,
                employer_fixed=rate.employer_fixed,
                own_fixed=rate.own_fixed,
            )
            for rate in await tx.scalars(valid)
        },
    )


async def is_exempt(tx: AsyncSession, person_category: str) -> bool:
    """Whether people of a category (人员类别) pay nothing."""
    return await tx.get(ExemptCategory, person_category) is not None
