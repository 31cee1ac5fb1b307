"""The roster of a unit: searching it, and one person's detail."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.coverage import repository as coverage
from enrollment.dictionaries import service as dictionaries
from enrollment.disclosures import service as disclosures
from enrollment.disclosures.schemas import DisclosureForm, DisclosureOut
from enrollment.people import repository as people
from enrollment.people.models import Person
from enrollment.roster import repository
from enrollment.roster.models import RosterEntry
from enrollment.roster.repository import Wanted
from enrollment.roster.schemas import NamedPerson, RosterDetail, RosterSearch, WhoSearch
from servicekit import audit
from servicekit.auth import Clerk
from servicekit.db.tx import vault_of
from servicekit.refusals import NotFound

_CONDITIONS = ("id_number", "name", "status", "started_from", "started_to")


async def search(tx: AsyncSession, clerk: Clerk, form: RosterSearch, *, month: Month) -> bytes:
    """A page of the clerk's unit's people, as JSON. Audited with how many were shown, never with what was typed."""
    page = await repository.listing(
        tx, clerk.employer_no, wanted_of(tx, form), month=month, offset=form.offset, limit=form.limit, after=form.after
    )
    asked = [name for name in _CONDITIONS if getattr(form, name) is not None]
    await _record_search(tx, clerk, "roster.searched", asked, shown=page.shown)
    return page.json


def wanted_of(tx: AsyncSession, form: RosterSearch) -> Wanted:
    """Whom a form looks for; an identity number by its index."""
    return Wanted(
        id_number_index=None if form.id_number is None else vault_of(tx).index("id_number", form.id_number),
        name=form.name,
        status=form.status,
        started_from=form.started_from,
        started_to=form.started_to,
    )


async def search_insured(
    tx: AsyncSession, clerk: Clerk, form: WhoSearch, action: str, *, month: Month
) -> tuple[Sequence[Any], int]:
    """A page of the people insured with the clerk's unit, and how many there are. Audited as the roster's search is."""
    index = None if form.id_number is None else vault_of(tx).index("id_number", form.id_number)
    wanted = Wanted(id_number_index=index, name=form.name, open_only=True)
    rows, total = await repository.search(
        tx, clerk.employer_no, wanted, month=month, offset=form.offset, limit=form.limit
    )
    asked = [name for name in ("id_number", "name") if getattr(form, name) is not None]
    await _record_search(tx, clerk, action, asked, shown=len(rows))
    return rows, total


async def names(tx: AsyncSession, clerk: Clerk, person_ids: Sequence[UUID]) -> list[NamedPerson]:
    """Those of these people who are or were on the unit's roster. Audited with how many were shown."""
    found = await repository.entries(tx, clerk.employer_no, person_ids)
    await _record_search(tx, clerk, "roster.searched", ["person_ids"], shown=len(found))
    return [NamedPerson.model_validate(entry) for entry in found]


async def detail(tx: AsyncSession, clerk: Clerk, person_id: UUID, *, month: Month) -> RosterDetail:
    """A person on the unit's roster with their coverage by this unit. That it was looked at is audited.

    Raises:
        NotFound: not on this unit's roster.
    """
    entry, person = await _person(tx, clerk, person_id)
    covers = await coverage.of_person(tx, person_id, employer_no=clerk.employer_no)
    dictionary = await dictionaries.current(tx)
    await audit.record(tx, clerk, "person.viewed", str(person_id), chain=clerk.employer_no)
    return RosterDetail.of(entry, person, covers[::-1], month=month, dictionary=dictionary)


async def disclose(
    tx: AsyncSession, clerk: Clerk, person_id: UUID, form: DisclosureForm, *, now: datetime
) -> DisclosureOut:
    """The full numbers of a person on the unit's roster. Audited.

    Raises:
        NotFound: not on this unit's roster.
        StepUpRequired, StepUpImpossible: see `check_stepped_up`.
    """
    _, person = await _person(tx, clerk, person_id)
    subject = disclosures.Subject(
        action="person.revealed",
        subject=str(person_id),
        chain=clerk.employer_no,
        sealed={"id_number": person.id_number, "mobile": person.mobile},
    )
    return await disclosures.disclose(tx, clerk, subject, form, now=now)


async def _record_search(tx: AsyncSession, clerk: Clerk, action: str, asked: Sequence[str], *, shown: int) -> None:
    """Audits a search among the unit's people: by which conditions, and how many were shown; never what was typed."""
    facts = {"by": list(asked), "shown": shown}
    await audit.record(tx, clerk, action, clerk.employer_no, chain=clerk.employer_no, facts=facts)


async def _person(tx: AsyncSession, clerk: Clerk, person_id: UUID) -> tuple[RosterEntry, Person]:
    entry = await repository.entry(tx, clerk.employer_no, person_id)
    person = await people.get(tx, person_id)
    if entry is None or person is None:
        raise NotFound
    return entry, person
