"""SQL of the directory."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.employer import EmployerChanged, EmployerOpened
from identity.directory.models import Unit


def _state(news: EmployerOpened | EmployerChanged) -> dict[str, Any]:
    return {
        "uscc": news.uscc,
        "name": news.name,
        "kind": news.kind,
        "is_virtual": news.virtual,
        "status": news.status,
        "version": news.version,
    }


async def put_new(tx: AsyncSession, news: Sequence[EmployerOpened]) -> None:
    """Writes many units at once; those that are known stay as they are."""
    rows = [{"employer_no": one.employer_no, **_state(one)} for one in news]
    await tx.execute(insert(Unit).on_conflict_do_nothing(), rows)


async def put_newer(tx: AsyncSession, news: EmployerOpened | EmployerChanged) -> bool:
    """Writes the state that an event tells, unless a newer one is known. True when it was written."""
    state = _state(news)
    statement = (
        insert(Unit)
        .values(employer_no=news.employer_no, **state)
        .on_conflict_do_update(index_elements=[Unit.employer_no], set_=state, where=Unit.version < news.version)
        .returning(Unit.employer_no)
    )
    return (await tx.execute(statement)).first() is not None


async def open_units_of(tx: AsyncSession, uscc: str) -> list[Unit]:
    """The open units of a code, by number."""
    query = select(Unit).where(Unit.uscc == uscc, Unit.status == "open").order_by(Unit.employer_no)
    return list(await tx.scalars(query))


async def unit(tx: AsyncSession, employer_no: str) -> Unit | None:
    """One unit, open or closed."""
    return await tx.get(Unit, employer_no)
