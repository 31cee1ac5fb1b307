"""SQL of the register's copy."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.employer import EmployerChanged, EmployerOpened
from enrollment.employers.models import Employer
from enrollment.employers.rules import Unit
from servicekit.db.types import utc_now


async def unit(tx: AsyncSession, employer_no: str) -> Unit | None:
    """One unit, or None when no event has told of it yet."""
    row = await tx.get(Employer, employer_no)
    if row is None:
        return None
    return Unit(
        employer_no=row.employer_no,
        name=row.name,
        kind=row.kind,
        online_declaration=row.online_declaration,
        insurances=tuple(row.insurances),
        open=row.status == "open",
    )


def _state(news: EmployerOpened | EmployerChanged) -> dict[str, Any]:
    return {
        "uscc": news.uscc,
        "name": news.name,
        "kind": news.kind,
        "is_virtual": news.virtual,
        "online_declaration": news.online_declaration,
        "insurances": list(news.insurances),
        "status": news.status,
        "version": news.version,
        "updated_at": utc_now(),
    }


async def put_new(tx: AsyncSession, news: Sequence[EmployerOpened]) -> None:
    """Writes many units at once; those that are known stay as they are."""
    rows = [{"employer_no": one.employer_no, **_state(one)} for one in news]
    await tx.execute(insert(Employer).on_conflict_do_nothing(), rows)


async def put_newer(tx: AsyncSession, news: EmployerOpened | EmployerChanged) -> bool:
    """Writes the state that an event tells, unless a newer one is known. True when it was written."""
    state = _state(news)
    statement = (
        insert(Employer)
        .values(employer_no=news.employer_no, **state)
        .on_conflict_do_update(index_elements=[Employer.employer_no], set_=state, where=Employer.version < news.version)
        .returning(Employer.employer_no)
    )
    return (await tx.execute(statement)).first() is not None


async def numbers(tx: AsyncSession) -> list[str]:
    """The numbers of all units known so far, in order."""
    return list(await tx.scalars(select(Employer.employer_no).order_by(Employer.employer_no)))


async def named(tx: AsyncSession, part: str, *, most: int) -> list[str]:
    """The numbers of units with this part in their name, or with this number; not more than `most`."""
    wanted = or_(Employer.employer_no == part, Employer.name.icontains(part, autoescape=True))
    return list(await tx.scalars(select(Employer.employer_no).where(wanted).limit(most)))
