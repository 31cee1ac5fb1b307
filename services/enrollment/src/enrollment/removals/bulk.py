"""减员 of many people at once: the facts and the writing of `service.submit`, set by set instead of one by one.

A sheet names people by their identity documents instead of by a row of the list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.applications import repository as application_repository
from enrollment.applications import service as applications
from enrollment.applications.rules import AlreadyPending, Kind, check_nothing_pending
from enrollment.coverage import repository as coverage
from enrollment.coverage.models import Coverage
from enrollment.coverage.rules import NotInsuredHere
from enrollment.dictionaries.rules import Dictionary
from enrollment.employers.rules import Unit
from enrollment.names import folded
from enrollment.people import repository as people
from enrollment.people.models import Person
from enrollment.people.rules import NameDiffers
from enrollment.removals.rules import RemovalFacts, read_removal
from enrollment.removals.service import draft_of, leaver
from servicekit.auth import Clerk
from servicekit.db.tx import vault_of
from servicekit.refusals import FieldFault, Refusal

_AT_PERSON, _AT_NAME = "/person/id_number", "/person/name"


@dataclass(frozen=True)
class Departing:
    """Whom a row names, and what it declares of them."""

    id_type: str
    id_number: str = field(repr=False)
    name: str = field(repr=False)
    removal: Mapping[str, str | None] = field(repr=False)


@dataclass(frozen=True)
class _Found:
    """A row with what the database knows about it."""

    person: Person | None
    covers: Sequence[Coverage]
    facts: RemovalFacts | None
    faults: Sequence[FieldFault]


async def faults(
    tx: AsyncSession, rows: Sequence[Departing], *, employer_no: str, today: date, dictionary: Dictionary
) -> list[Sequence[FieldFault]]:
    """Everything that stands in the way of each of these removals now; nothing is written."""
    return [one.faults for one in await _look_up(tx, rows, employer_no, today=today, dictionary=dictionary)]


async def submit_many(
    tx: AsyncSession,
    clerk: Clerk,
    unit: Unit,
    rows: Sequence[Departing],
    *,
    dictionary: Dictionary,
    today: date,
    now: datetime,
) -> list[str | Sequence[FieldFault]]:
    """Declares that these people leave: the application number of each, or what stands in its way.

    Everything is checked against the database as it is now; the same person must not come twice.
    """
    found = await _look_up(tx, rows, unit.employer_no, today=today, dictionary=dictionary)
    drafts = [
        draft_of(one.facts, unit, one.person, one.covers)
        for one in found
        if not one.faults and one.facts is not None and one.person is not None
    ]
    numbers = iter(await applications.hand_in_many(tx, clerk, drafts, today=today, now=now))
    late = _fault(AlreadyPending(pointer=_AT_PERSON))
    return [one.faults or next(numbers) or [late] for one in found]


async def _look_up(
    tx: AsyncSession, rows: Sequence[Departing], employer_no: str, *, today: date, dictionary: Dictionary
) -> list[_Found]:
    vault = vault_of(tx)
    documents = [(row.id_type, vault.index("id_number", row.id_number)) for row in rows]
    known = await people.on_roster(tx, documents)
    ids = [person.id for person in known.values()]
    covers = await coverage.open_of_unit_many(tx, ids, employer_no)
    pending = await application_repository.pending_of_many(tx, employer_no=employer_no, people=ids)
    found = []
    for row, document in zip(rows, documents, strict=True):
        person = known.get(document)
        open_covers = covers.get(person.id, ()) if person is not None else ()
        refusal = _refusal(row, person, open_covers, {} if person is None else pending.get(person.id, {}))
        facts, wrong = read_removal(
            row.removal,
            pointer="/removal",
            today=today,
            dictionary=dictionary,
            leaver=leaver(person.birth_date, open_covers) if person is not None and open_covers else None,
        )
        found.append(_Found(person, open_covers, facts, [*([_fault(refusal)] if refusal else []), *wrong]))
    return found


def _refusal(
    row: Departing, person: Person | None, covers: Sequence[Coverage], pending: Mapping[Kind, str]
) -> Refusal | None:
    """The rules of `service.submit` that look at the database, in its order; and whether it is who it is said to be."""
    if person is None:
        return NotInsuredHere("该人员不在本单位参保人员名单中，请核对证件类型和号码", pointer=_AT_PERSON)
    try:
        check_nothing_pending(pending, "removal", pointer=_AT_PERSON)
    except Refusal as refusal:
        return refusal
    if not covers:
        return NotInsuredHere("该人员目前未在本单位参保，无需办理减员", pointer=_AT_PERSON)
    if person.name_folded != folded(row.name):
        return NameDiffers("姓名与该证件号码在本单位登记的不一致，请核对", pointer=_AT_NAME)
    return None


def _fault(refusal: Refusal) -> FieldFault:
    return FieldFault(refusal.pointer or "", refusal.code, refusal.detail)
