"""减员 use cases: finding whom to remove, handing in, checking again, what an approval does. In the caller's tx."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.applications import repository as application_repository
from enrollment.applications import service as applications
from enrollment.applications.models import Application
from enrollment.applications.rules import NoLongerValid, check_nothing_pending
from enrollment.coverage import repository as coverage_repository
from enrollment.coverage import service as coverage
from enrollment.coverage.models import Coverage
from enrollment.coverage.rules import NotInsuredHere
from enrollment.dictionaries import service as dictionaries
from enrollment.employers import repository as employers
from enrollment.employers.rules import Unit, check_may_declare
from enrollment.people import repository as people
from enrollment.people.models import Person
from enrollment.removals import rules
from enrollment.removals.rules import Leaver, RemovalFacts
from enrollment.removals.schemas import RemovableList, RemovableRow, RemovalForm, RemovalSearch
from enrollment.roster.service import search_insured
from servicekit.auth import Clerk
from servicekit.db.tx import vault_of
from servicekit.personal import Sealed
from servicekit.refusals import InvalidFields, NotFound, Refusal

_AT_PERSON = "/person_id"


@dataclass(frozen=True)
class Inspection:
    """A removal looked at again: what was declared, about whom, and what an approval would run into."""

    declared: RemovalFacts | None
    person: Person = field(repr=False)
    refusal: Refusal | None


async def search(tx: AsyncSession, clerk: Clerk, form: RemovalSearch, *, month: Month) -> RemovableList:
    """The unit's insured people with this identity number or part of a name. Audited as the roster's search is.

    Raises:
        SearchConditionMissing: neither was given.
    """
    if form.id_number is None and form.name is None:
        raise rules.SearchConditionMissing
    rows, total = await search_insured(tx, clerk, form, "removable.searched", month=month)
    pending = await application_repository.pending_removals(
        tx, employer_no=clerk.employer_no, people=[row.person_id for row in rows]
    )
    addition = None
    if total == 0 and form.id_number is not None:
        index = vault_of(tx).index("id_number", form.id_number)
        addition = await application_repository.pending_addition_of(
            tx, employer_no=clerk.employer_no, id_number_index=index
        )
    return RemovableList(
        items=[RemovableRow.of(row, month=month, pending_no=pending.get(row.person_id)) for row in rows],
        total=total,
        stop_month=month,
        pending_addition_no=addition,
    )


async def submit(tx: AsyncSession, clerk: Clerk, form: RemovalForm, *, today: date, now: datetime) -> Application:
    """Declares that an employee leaves.

    Raises:
        UnitNotRegistered, UnitClosed, OnlineDeclarationClosed.
        NotFound: not on this unit's roster.
        AlreadyPending, AdditionPending: the unit has a pending declaration about the person.
        NotInsuredHere: no coverage with the unit is open.
        InvalidFields: with every fault of the form.
    """
    unit = check_may_declare(await employers.unit(tx, clerk.employer_no))
    person = await people.get(tx, form.person_id)
    if person is None:
        raise NotFound
    pending = await application_repository.pending_of(tx, employer_no=unit.employer_no, person_id=person.id)
    check_nothing_pending(pending, "removal", pointer=_AT_PERSON)
    covers = await coverage_repository.open_of_unit(tx, person.id, unit.employer_no)
    if not covers:
        raise NotInsuredHere(pointer=_AT_PERSON)
    facts, faults = rules.read_removal(
        form.removal.texts(),
        pointer="/removal",
        today=today,
        dictionary=await dictionaries.current(tx),
        leaver=leaver(person.birth_date, covers),
    )
    if facts is None:
        raise InvalidFields(faults)
    draft = draft_of(facts, unit, person, covers)
    return await applications.hand_in(tx, clerk, draft, pointer=_AT_PERSON, today=today, now=now)


def draft_of(facts: RemovalFacts, unit: Unit, person: Person, covers: Sequence[Coverage]) -> applications.Draft:
    """The application of a checked declaration."""
    return applications.Draft(
        kind="removal",
        employer_no=unit.employer_no,
        employer_name=unit.name,
        form={"removal": _as_texts(facts), "coverage": _shown(covers)},
        person_id=person.id,
        person_name=person.name,
        id_number=Sealed(person.id_number, person.id_number_index, person.id_number_masked),
    )


def leaver(birth_date: date, covers: Sequence[Coverage]) -> Leaver:
    """What the rules of a removal look at, from the open coverage with the unit."""
    return Leaver(birth_date=birth_date, start_month=min(cover.start_month for cover in covers))


def _as_texts(facts: RemovalFacts) -> dict[str, str | None]:
    return {name: None if value is None else str(value) for name, value in vars(facts).items()}


def _shown(covers: Sequence[Coverage]) -> dict[str, str | None]:
    """The part of 人员信息 that was shown: insurance types and since when, as they were."""
    return {
        "insurances": " ".join(cover.insurance for cover in covers),
        "start_month": str(min(cover.start_month for cover in covers)),
    }


async def inspect(tx: AsyncSession, application: Application) -> Inspection:
    """Reads a handed-in removal again and re-checks every rule of its approval (domain rule 6).

    The stop month is judged by the day it was handed in: a review that comes late is not the unit's fault.
    """
    if application.person_id is None:
        raise LookupError(f"removal {application.no} has no person")
    person = await people.get(tx, application.person_id)
    if person is None:
        raise LookupError(f"the person of removal {application.no} is not on the unit's roster")
    declared: RemovalFacts | None = None
    try:
        covers = await coverage_repository.open_of_unit(tx, person.id, application.employer_no)
        declared = await _read_again(tx, application, person, covers)
        check_may_declare(await employers.unit(tx, application.employer_no))
        if not covers:
            raise NotInsuredHere
    except Refusal as refusal:
        return Inspection(declared, person, refusal)
    return Inspection(declared, person, None)


async def _read_again(
    tx: AsyncSession, application: Application, person: Person, covers: Sequence[Coverage]
) -> RemovalFacts:
    fields: Mapping[str, str | None] = application.form["removal"]
    declared, faults = rules.read_removal(
        fields,
        pointer="/removal",
        today=application.submitted_on,
        dictionary=await dictionaries.current(tx),
        leaver=leaver(person.birth_date, covers) if covers else None,
    )
    if declared is None:
        raise NoLongerValid("；".join(fault.message for fault in faults))
    return declared


def departure(application: Application, declared: RemovalFacts) -> coverage.Departure:
    """What the approval of a removal does to the coverage."""
    return coverage.Departure(
        employer_no=application.employer_no,
        stop=rules.stop_month_of(declared),
        reason=declared.reason,
        application_no=application.no,
    )


async def approve(tx: AsyncSession, application: Application, *, now: datetime) -> None:
    """What an approval does: every coverage of the person with the unit stops.

    Runs in a savepoint of its own: a refusal on the way leaves nothing behind.

    Raises:
        Refusal: any rule that no longer holds.
    """
    if application.person_id is None:
        raise LookupError(f"removal {application.no} has no person")
    person = await people.lock(tx, application.person_id)
    inspection = await inspect(tx, application)
    if inspection.refusal is not None:
        raise inspection.refusal
    if inspection.declared is None:
        raise LookupError("an inspection without a refusal has a declaration")
    await coverage.stop(tx, person, departure(application, inspection.declared))
