"""SQL of rates and limits."""

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
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
        rates={rate.insurance: values_of(rate) for rate in await tx.scalars(valid)},
    )


def values_of(rate: Rate) -> RateValues:
    """What a rate says."""
    return RateValues(
        employer_rate=rate.employer_rate,
        own_rate=rate.own_rate,
        employer_fixed=rate.employer_fixed,
        own_fixed=rate.own_fixed,
        rounding=rate.rounding,
    )


async def every(tx: AsyncSession) -> list[Rate]:
    """All rates: by insurance type and kind of employer, the newest first."""
    query = sa.select(Rate).order_by(Rate.insurance, Rate.employer_kind, Rate.first_month.desc())
    return list(await tx.scalars(query))


async def every_limit(tx: AsyncSession) -> list[BaseLimit]:
    """The limits of all years, the newest first."""
    return list(await tx.scalars(sa.select(BaseLimit).order_by(BaseLimit.year.desc())))


async def of_kind(tx: AsyncSession, insurance: str, kind: str) -> list[Rate]:
    """The rates of an insurance type and a kind of employer, in order."""
    query = sa.select(Rate).where(Rate.insurance == insurance, Rate.employer_kind == kind).order_by(Rate.first_month)
    return list(await tx.scalars(query))


async def replace_periods(
    tx: AsyncSession,
    insurance: str,
    kind: str,
    periods: Sequence[tuple[Month, Month | None, RateValues, str]],
) -> None:
    """Lets these periods hold and no others: first month, last month, values, source."""
    await tx.execute(sa.delete(Rate).where(Rate.insurance == insurance, Rate.employer_kind == kind))
    for first, last, values, source in periods:
        row = {"insurance": insurance, "employer_kind": kind, "first_month": first, "last_month": last}
        await tx.execute(sa.insert(Rate).values(**row, **asdict(values), source=source))


async def limits_of(tx: AsyncSession, year: int) -> BaseLimit | None:
    """The limits of a year."""
    return await tx.get(BaseLimit, year)


async def put_limits(tx: AsyncSession, year: int, *, lower: Decimal, upper: Decimal, source: str) -> None:
    """Lets these limits hold in a year."""
    row = {"year": year, "lower": lower, "upper": upper, "source": source}
    known = {name: value for name, value in row.items() if name != "year"}
    await tx.execute(insert(BaseLimit).values(row).on_conflict_do_update(index_elements=["year"], set_=known))


# Rates change either before an assessment is asked for or after: both hold this to the end of their transaction.
_ASSESSING = sa.text("SELECT pg_advisory_xact_lock_shared(hashtext('rates'))")
_CHANGING = sa.text("SELECT pg_advisory_xact_lock(hashtext('rates'))")


async def hold_changes_off(tx: AsyncSession) -> None:
    """No rate changes while an assessment is being asked for."""
    await tx.execute(_ASSESSING)


async def hold_assessments_off(tx: AsyncSession) -> None:
    """No assessment is asked for while a rate changes."""
    await tx.execute(_CHANGING)


async def is_exempt(tx: AsyncSession, person_category: str) -> bool:
    """Whether people of a category (人员类别) pay nothing."""
    return await tx.get(ExemptCategory, person_category) is not None
