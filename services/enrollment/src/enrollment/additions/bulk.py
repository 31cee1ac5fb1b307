"""增员 of many people at once: the facts and the writing of `service.submit`, set by set instead of one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.additions.rules import Declared
from enrollment.additions.service import draft_of
from enrollment.applications import repository as application_repository
from enrollment.applications import service as applications
from enrollment.applications.rules import AlreadyPending, Kind, check_nothing_pending
from enrollment.coverage import repository as coverage
from enrollment.coverage.rules import PresentCover, check_can_join
from enrollment.employers.rules import Unit
from enrollment.names import folded
from enrollment.people import repository as people
from enrollment.people.repository import Known
from enrollment.people.service import check_name, new_person
from servicekit.auth import Clerk
from servicekit.db.tx import vault_of
from servicekit.personal import Sealed, Vault
from servicekit.refusals import Refusal

_AT_PERSON = "/person/id_number"


@dataclass(frozen=True)
class Newcomer:
    """Whom a row declares, as far as the database knows them."""

    id_type: str
    id_number: str = field(repr=False)
    name: str = field(repr=False)
    start_month: Month


@dataclass(frozen=True)
class Ready:
    """A declaration that was read, with the row of its person, sealed, in case nobody has told us of them yet."""

    declared: Declared
    person: Mapping[str, Any] = field(repr=False)


def make_ready(vault: Vault, declared: Declared, *, now: datetime) -> Ready:
    """What `submit_many` takes. Asks nothing of the database, so that it can be done while that is busy."""
    return Ready(declared, new_person(vault, declared.person, now=now))


async def refusals(tx: AsyncSession, rows: Sequence[Newcomer], *, employer_no: str) -> list[Refusal | None]:
    """What stands in the way of declaring each of these people now; nothing is written."""
    vault = vault_of(tx)
    documents = [(row.id_type, vault.index("id_number", row.id_number), folded(row.name)) for row in rows]
    known = await people.find_many(tx, documents)
    starts = [row.start_month for row in rows]
    return await _refusals(tx, known, starts, employer_no=employer_no)


async def submit_many(
    tx: AsyncSession, clerk: Clerk, unit: Unit, rows: Sequence[Ready], *, today: date, now: datetime
) -> list[str | Refusal]:
    """Declares these people: the application number of each, or what stands in its way.

    Everything is checked against the database as it is now; the same person must not come twice.
    """
    made = [row.person for row in rows]
    documents = [(row["id_type"], row["id_number_index"], row["name_folded"]) for row in made]
    known = await people.find_many(tx, documents)
    new = [row for row, person in zip(made, known, strict=True) if person is None]
    if not await people.add_missing(tx, new):  # another transaction added one of them just now
        known = await people.find_many(tx, documents)
    starts = [row.declared.insurance.start_month for row in rows]
    found = await _refusals(tx, known, starts, employer_no=unit.employer_no)
    ids = [row["id"] if person is None else person.id for row, person in zip(made, known, strict=True)]
    drafts = [
        draft_of(
            row.declared,
            unit,
            person_id,
            id_number=Sealed(person["id_number"], person["id_number_index"], person["id_number_masked"]),
            mobile=Sealed(person["mobile"], person["mobile_index"], person["mobile_masked"]),
        )
        for row, person, person_id, refusal in zip(rows, made, ids, found, strict=True)
        if refusal is None
    ]
    numbers = iter(await applications.hand_in_many(tx, clerk, drafts, today=today, now=now))
    return [refusal or next(numbers) or AlreadyPending(pointer=_AT_PERSON) for refusal in found]


async def _refusals(
    tx: AsyncSession, known: Sequence[Known | None], starts: Sequence[Month], *, employer_no: str
) -> list[Refusal | None]:
    """Nothing stands in the way of somebody whom nobody knows."""
    wanted = [person.id for person in known if person is not None]
    pending = await application_repository.pending_of_many(tx, employer_no=employer_no, people=wanted)
    covers = await coverage.present_covers_of(tx, wanted, seen_by=employer_no)
    return [
        None if person is None else _refusal(person, pending.get(person.id, {}), covers.get(person.id, ()), start=start)
        for person, start in zip(known, starts, strict=True)
    ]


def _refusal(
    person: Known, pending: Mapping[Kind, str], covers: Sequence[PresentCover], *, start: Month
) -> Refusal | None:
    """The rules of `service.submit` that look at the database, in its order."""
    try:
        check_name(person)
        check_nothing_pending(pending, "addition", pointer=_AT_PERSON)
        check_can_join(covers, start=start)
    except Refusal as refusal:
        return refusal
    return None
