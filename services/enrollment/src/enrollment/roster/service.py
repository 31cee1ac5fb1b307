"""The roster of a unit: searching it, and one person's detail."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.coverage import repository as coverage
from enrollment.coverage.models import Coverage
from enrollment.disclosures import service as disclosures
from enrollment.disclosures.schemas import DisclosureForm, DisclosureOut
from enrollment.people import repository as people
from enrollment.people.models import Person
from enrollment.roster import repository
from enrollment.roster.repository import Wanted
from enrollment.roster.schemas import RosterSearch
from servicekit import audit
from servicekit.auth import Clerk
from servicekit.db.tx import vault_of
from servicekit.refusals import NotFound


async def search(tx: AsyncSession, clerk: Clerk, form: RosterSearch, *, month: Month) -> tuple[Sequence[Any], int]:
    """A page of the clerk's unit's people, and how many there are."""
    wanted = Wanted(
        id_number_index=None if form.id_number is None else vault_of(tx).index("id_number", form.id_number),
        name=form.name,
        status=form.status,
    )
    return await repository.search(tx, clerk.employer_no, wanted, month=month, offset=form.offset, limit=form.limit)


async def detail(tx: AsyncSession, clerk: Clerk, person_id: UUID) -> tuple[Person, list[Coverage]]:
    """A person on the unit's roster with their coverage by this unit. That it was looked at is audited.

    Raises:
        NotFound: not on this unit's roster.
    """
    person = await _person(tx, clerk, person_id)
    covers = await coverage.of_person(tx, person_id, employer_no=clerk.employer_no)
    await audit.record(tx, clerk, "person.viewed", str(person_id), chain=clerk.employer_no)
    return person, covers


async def disclose(
    tx: AsyncSession, clerk: Clerk, person_id: UUID, form: DisclosureForm, *, now: datetime
) -> DisclosureOut:
    """The full numbers of a person on the unit's roster. Audited.

    Raises:
        NotFound: not on this unit's roster.
        StepUpRequired, StepUpImpossible: see `check_stepped_up`.
    """
    person = await _person(tx, clerk, person_id)
    subject = disclosures.Subject(
        action="person.revealed",
        subject=str(person_id),
        chain=clerk.employer_no,
        sealed={"id_number": person.id_number, "mobile": person.mobile},
    )
    return await disclosures.disclose(tx, clerk, subject, form, now=now)


async def _person(tx: AsyncSession, clerk: Clerk, person_id: UUID) -> Person:
    if await repository.entry(tx, clerk.employer_no, person_id) is None:
        raise NotFound
    person = await people.get(tx, person_id)
    if person is None:
        raise NotFound
    return person
