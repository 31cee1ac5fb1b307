"""SQL of insured units."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from employer.units.models import EmployerKind, InsuranceType, Unit, UnitContact, UnitRegistration
from employer.units.rules import query_grams


async def kind(tx: AsyncSession, code: str) -> EmployerKind | None:
    """A kind of employer."""
    return await tx.get(EmployerKind, code)


async def kind_of(tx: AsyncSession, employer_no: str) -> EmployerKind | None:
    """The kind of employer that a unit is."""
    query = sa.select(EmployerKind).join(Unit, Unit.kind == EmployerKind.code).where(Unit.employer_no == employer_no)
    return (await tx.scalars(query)).one_or_none()


async def insurance_names(tx: AsyncSession) -> dict[str, str]:
    """Names of the insurance types by code."""
    rows = await tx.execute(sa.select(InsuranceType.code, InsuranceType.name).order_by(InsuranceType.code))
    return {row.code: row.name for row in rows}


async def kind_names(tx: AsyncSession) -> dict[str, str]:
    """Names of the kinds of employer by code."""
    rows = await tx.execute(sa.select(EmployerKind.code, EmployerKind.name).order_by(EmployerKind.code))
    return {row.code: row.name for row in rows}


async def insert_unit(
    tx: AsyncSession, unit: Mapping[str, Any], contact: Mapping[str, Any], registration: Mapping[str, Any]
) -> bool:
    """Adds a unit with its contact and registration data. False when its number is taken."""
    added = await tx.execute(insert(Unit).values(**unit).on_conflict_do_nothing().returning(Unit.employer_no))
    if added.first() is None:
        return False
    await tx.execute(sa.insert(UnitContact).values(employer_no=unit["employer_no"], **contact))
    await tx.execute(sa.insert(UnitRegistration).values(employer_no=unit["employer_no"], **registration))
    return True


async def insert_units(
    tx: AsyncSession, units: Sequence[tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]]
) -> None:
    """Adds many units at once, each with its contact and registration data; none of their numbers may be taken."""
    await tx.execute(sa.insert(Unit), [dict(unit) for unit, _, _ in units])
    for table, place in ((UnitContact, 1), (UnitRegistration, 2)):
        await tx.execute(sa.insert(table), [{"employer_no": one[0]["employer_no"], **one[place]} for one in units])


async def find(tx: AsyncSession, employer_no: str) -> tuple[Unit, EmployerKind, UnitContact, UnitRegistration] | None:
    """A unit with all that is kept of it."""
    query = (
        sa.select(Unit, EmployerKind, UnitContact, UnitRegistration)
        .join(EmployerKind, EmployerKind.code == Unit.kind)
        .join(UnitContact, UnitContact.employer_no == Unit.employer_no)
        .join(UnitRegistration, UnitRegistration.employer_no == Unit.employer_no)
        .where(Unit.employer_no == employer_no)
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else (row[0], row[1], row[2], row[3])


async def lock(tx: AsyncSession, employer_no: str) -> Unit | None:
    """A unit, locked."""
    return await tx.get(Unit, employer_no, with_for_update=True)


async def contact(tx: AsyncSession, employer_no: str) -> UnitContact | None:
    """A unit's contact data."""
    return await tx.get(UnitContact, employer_no)


async def lock_contact(tx: AsyncSession, employer_no: str) -> UnitContact | None:
    """The same, locked."""
    return await tx.get(UnitContact, employer_no, with_for_update=True)


async def lock_registration(tx: AsyncSession, employer_no: str) -> UnitRegistration | None:
    """A unit's registration data, locked."""
    return await tx.get(UnitRegistration, employer_no, with_for_update=True)


async def search(
    tx: AsyncSession, text: str, *, offset: int, limit: int
) -> tuple[list[tuple[Unit, EmployerKind]], int]:
    """Units whose number or code is the text, or whose name contains it, by number; all for an empty text."""
    query = sa.select(Unit, EmployerKind).join(EmployerKind, EmployerKind.code == Unit.kind)
    if text:
        query = query.where(
            sa.or_(
                Unit.employer_no == text,
                Unit.uscc == text.upper(),
                sa.and_(Unit.name_grams.contains(query_grams(text)), Unit.name.icontains(text, autoescape=True)),
            )
        )
    total = await tx.scalar(query.with_only_columns(sa.func.count()))
    rows = await tx.execute(query.order_by(Unit.employer_no).offset(offset).limit(limit))
    return [(row[0], row[1]) for row in rows.all()], total or 0
