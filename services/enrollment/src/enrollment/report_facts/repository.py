"""SQL of the pages for reports. The unit is always a condition, and row level security is behind it."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.applications.models import Application
from enrollment.people.models import Person
from enrollment.roster.models import RosterEntry


async def named(tx: AsyncSession, employer_no: str, people: Collection[UUID]) -> Sequence[Any]:
    """Names and identity numbers (masked, and sealed) of those of these people who are or were on a unit's roster."""
    query = (
        select(RosterEntry.person_id, RosterEntry.name, RosterEntry.id_number_masked, Person.id_number)
        .join(Person, Person.id == RosterEntry.person_id)
        .where(RosterEntry.employer_no == employer_no, RosterEntry.person_id.in_(people))
    )
    return (await tx.execute(query)).all()


async def sealed_numbers(tx: AsyncSession, employer_no: str, numbers: Collection[str]) -> dict[str, bytes | None]:
    """Sealed identity numbers of a unit's applications, by application number."""
    query = select(Application.no, Application.id_number).where(
        Application.employer_no == employer_no, Application.no.in_(numbers)
    )
    return {row.no: row.id_number for row in await tx.execute(query)}
