"""SQL of the billing roster."""

from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from employer.assessments.models import BillingPosition
from employer.rates.models import ExemptCategory
from employer.roster.models import Coverage, FormerWage
from employer.units.models import Unit


class Position(NamedTuple):
    """Where the billing of a unit stands."""

    billed_from: Month
    assessed_through: Month


async def hold_position(tx: AsyncSession, employer_no: str) -> Position | None:
    """Where the billing of a unit stands, and goes on standing to the end of the transaction; None for an unknown unit.

    Others may hold it too; an assessment of the unit waits for them, or is waited for. Held before a coverage is
    locked, as the assessment does it.
    """
    query = (
        sa.select(Unit.billed_from, BillingPosition.assessed_through)
        .join(Unit, Unit.employer_no == BillingPosition.employer_no)
        .where(BillingPosition.employer_no == employer_no)
        .with_for_update(read=True, of=BillingPosition)
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else Position(row[0], row[1])


async def lock(tx: AsyncSession, employer_no: str, coverage_id: UUID) -> Coverage | None:
    """A coverage as it is known, locked; None for an unknown one."""
    key = (employer_no, coverage_id)
    found: Coverage | None = await tx.get(Coverage, key, with_for_update=True, populate_existing=True)
    return found


async def insert(tx: AsyncSession, coverage: Coverage) -> None:
    """Adds a coverage."""
    tx.add(coverage)
    await tx.flush()


async def left_before(tx: AsyncSession, employer_no: str, person_id: UUID, insurance: str) -> bool:
    """Whether the person was covered by the unit for this insurance type before and left."""
    query = sa.select(Coverage.coverage_id).where(
        Coverage.employer_no == employer_no,
        Coverage.person_id == person_id,
        Coverage.insurance == insurance,
        Coverage.stop_month.is_not(None),
    )
    return (await tx.execute(query.limit(1))).first() is not None


async def insert_former_wage(tx: AsyncSession, coverage: Coverage) -> None:
    """Keeps the present wage for months assessed late."""
    row = {
        "employer_no": coverage.employer_no,
        "coverage_id": coverage.coverage_id,
        "first_month": coverage.wage_from,
        "wage": coverage.wage,
    }
    await tx.execute(sa.insert(FormerWage).values(row))


async def forget_wages_from(tx: AsyncSession, coverage: Coverage, month: Month) -> None:
    """Drops former wages that a change reaching further back replaces."""
    await tx.execute(
        sa.delete(FormerWage).where(
            FormerWage.employer_no == coverage.employer_no,
            FormerWage.coverage_id == coverage.coverage_id,
            FormerWage.first_month >= month,
        )
    )


async def knows_person(tx: AsyncSession, employer_no: str, person_id: UUID) -> bool:
    """Whether a person is or was on the unit's roster."""
    query = sa.select(Coverage.coverage_id).where(Coverage.employer_no == employer_no, Coverage.person_id == person_id)
    return (await tx.execute(query.limit(1))).first() is not None


async def people_going_on(tx: AsyncSession, employer_no: str, month: Month) -> int:
    """How many people of a unit are insured, or will be, beyond a month."""
    query = sa.select(sa.func.count(Coverage.person_id.distinct())).where(
        Coverage.employer_no == employer_no,
        sa.or_(
            Coverage.stop_month.is_(None),
            sa.and_(Coverage.stop_month > month, Coverage.stop_month > Coverage.start_month),
        ),
    )
    return await tx.scalar(query) or 0


async def people_insured(tx: AsyncSession, employer_no: str, month: Month) -> int:
    """How many people of a unit are insured in a month (在保人数); benefits last to the end of the stop month."""
    query = sa.select(sa.func.count(Coverage.person_id.distinct())).where(
        Coverage.employer_no == employer_no,
        Coverage.start_month <= month,
        sa.or_(
            Coverage.stop_month.is_(None),
            sa.and_(Coverage.stop_month >= month, Coverage.stop_month > Coverage.start_month),
        ),
    )
    return await tx.scalar(query) or 0


async def wages_in(tx: AsyncSession, employer_no: str, people: Collection[UUID], month: Month) -> dict[UUID, Decimal]:
    """The declared wages of those people of a unit who owe a contribution in a month."""
    query = (
        sa.select(Coverage.person_id, sa.func.max(Coverage.wage))
        .where(
            Coverage.employer_no == employer_no,
            Coverage.person_id.in_(people),
            Coverage.start_month <= month,
            sa.or_(Coverage.stop_month.is_(None), Coverage.stop_month > month),
            Coverage.person_category.not_in(sa.select(ExemptCategory.code)),
        )
        .group_by(Coverage.person_id)
    )
    return {row[0]: row[1] for row in await tx.execute(query)}
