"""SQL of kinds of employer."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from employer.units.models import EmployerKind, Unit
from servicekit.jobs import JobRow


async def every(tx: AsyncSession) -> list[tuple[EmployerKind, int]]:
    """All kinds, each with how many units are of it."""
    units = sa.select(Unit.kind, sa.func.count().label("units")).group_by(Unit.kind).subquery()
    query = (
        sa.select(EmployerKind, sa.func.coalesce(units.c.units, 0))
        .outerjoin(units, units.c.kind == EmployerKind.code)
        .order_by(EmployerKind.code)
    )
    return [(row[0], row[1]) for row in (await tx.execute(query)).all()]


async def lock(tx: AsyncSession, code: str) -> EmployerKind | None:
    """A kind, locked."""
    found: EmployerKind | None = await tx.get(EmployerKind, code, with_for_update=True, populate_existing=True)
    return found


async def is_announcing(tx: AsyncSession, job_kind: str, code: str) -> bool:
    """Whether the units of a kind are still being told of a change."""
    query = sa.select(JobRow.id).where(
        JobRow.kind == job_kind, JobRow.status.in_(("queued", "running")), JobRow.payload["code"].astext == code
    )
    return (await tx.execute(query.limit(1))).first() is not None


async def units_behind(tx: AsyncSession, code: str, after: str, *, limit: int) -> list[Unit]:
    """Units of a kind behind a number, in order, locked."""
    query = (
        sa.select(Unit)
        .where(Unit.kind == code, Unit.employer_no > after)
        .order_by(Unit.employer_no)
        .limit(limit)
        .with_for_update()
    )
    return list(await tx.scalars(query))


async def count_units(tx: AsyncSession, code: str) -> int:
    """How many units are of a kind."""
    return await tx.scalar(sa.select(sa.func.count()).select_from(Unit).where(Unit.kind == code)) or 0
