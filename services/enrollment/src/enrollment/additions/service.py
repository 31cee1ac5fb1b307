"""增员 use cases: handing one in, checking it again, what its approval does. Each works in the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.additions import rules
from enrollment.additions.rules import Declared, InsuranceFacts
from enrollment.additions.schemas import AdditionForm
from enrollment.applications import repository as application_repository
from enrollment.applications import service as applications
from enrollment.applications.models import Application
from enrollment.applications.rules import Effect, NoLongerValid, check_nothing_pending
from enrollment.coverage import repository as coverage_repository
from enrollment.coverage import service as coverage
from enrollment.coverage.rules import PresentCover, check_can_join
from enrollment.dictionaries import service as dictionaries
from enrollment.employers import repository as employers
from enrollment.employers.rules import Unit, check_may_declare
from enrollment.people import repository as people_repository
from enrollment.people import service as people
from enrollment.people.rules import PersonFacts
from servicekit.auth import Clerk
from servicekit.db.tx import vault_of
from servicekit.personal import Sealed
from servicekit.refusals import InvalidFields, Refusal

_SEALED_ELSEWHERE = ("id_number", "mobile")
_AT_PERSON = "/person/id_number"


@dataclass(frozen=True)
class Inspection:
    """An addition looked at again: what was declared, how the person is insured, what an approval would run into."""

    declared: Declared | None = field(repr=False)
    covers: Sequence[PresentCover]
    unit: Unit | None
    refusal: Refusal | None


async def submit(tx: AsyncSession, clerk: Clerk, form: AdditionForm, *, today: date, now: datetime) -> Application:
    """Declares one new employee.

    Raises:
        InvalidFields: with every fault of the form.
        UnitNotRegistered, UnitClosed, OnlineDeclarationClosed, NameDiffers, AlreadyInsuredHere,
        AlreadyInsuredElsewhere, OverlapsFormerCoverage, AlreadyPending, RemovalPending.
    """
    dictionary = await dictionaries.current(tx)
    declared, faults = rules.read_addition(
        form.person.texts(), form.insurance.texts(), today=today, dictionary=dictionary
    )
    if declared is None:
        raise InvalidFields(faults)
    unit = check_may_declare(await employers.unit(tx, clerk.employer_no))
    person_id = await people.find_or_add(tx, declared.person, now=now)
    pending = await application_repository.pending_of(tx, employer_no=clerk.employer_no, person_id=person_id)
    check_nothing_pending(pending, "addition", pointer=_AT_PERSON)
    covers = await coverage_repository.present_covers(tx, person_id, seen_by=clerk.employer_no)
    check_can_join(covers, start=declared.insurance.start_month)
    vault = vault_of(tx)
    draft = draft_of(
        declared,
        unit,
        person_id,
        id_number=vault.seal("id_number", declared.person.id_number),
        mobile=vault.seal("mobile", declared.person.mobile),
    )
    return await applications.hand_in(tx, clerk, draft, pointer=_AT_PERSON, today=today, now=now)


def draft_of(
    declared: Declared, unit: Unit, person_id: UUID, *, id_number: Sealed, mobile: Sealed
) -> applications.Draft:
    """The application of a checked declaration."""
    return applications.Draft(
        kind="addition",
        employer_no=unit.employer_no,
        employer_name=unit.name,
        form=_kept(declared),
        person_id=person_id,
        person_name=declared.person.name,
        id_number=id_number,
        mobile=mobile,
        start_month=declared.insurance.start_month,
    )


def _kept(declared: Declared) -> dict[str, dict[str, str | None]]:
    """The declaration as texts, without the numbers that are sealed in columns of their own."""
    person = _as_texts(declared.person)
    for name in _SEALED_ELSEWHERE:
        del person[name]
    return {"person": person, "insurance": _as_texts(declared.insurance)}


def _as_texts(facts: PersonFacts | InsuranceFacts) -> dict[str, str | None]:
    return {name: value if value is None else str(value) for name, value in vars(facts).items()}


async def inspect(tx: AsyncSession, application: Application) -> Inspection:
    """Reads a handed-in addition again and re-checks every rule of its approval (domain rule 6).

    The start month is judged by the day it was handed in: a review that comes late is not the unit's fault.
    """
    unit = await employers.unit(tx, application.employer_no)
    if application.person_id is None:
        raise LookupError(f"addition {application.no} has no person")
    covers = await coverage_repository.present_covers(tx, application.person_id, seen_by=application.employer_no)
    declared: Declared | None = None
    try:
        declared = await _read_again(tx, application)
        check_may_declare(unit)
        check_can_join(covers, start=declared.insurance.start_month)
    except Refusal as refusal:
        return Inspection(declared, covers, unit, refusal)
    return Inspection(declared, covers, unit, None)


async def _read_again(tx: AsyncSession, application: Application) -> Declared:
    vault = vault_of(tx)
    if application.id_number is None or application.mobile is None:
        raise LookupError(f"addition {application.no} has no sealed numbers")
    fields: Mapping[str, Mapping[str, str | None]] = application.form
    declared, faults = rules.read_addition(
        {
            **fields["person"],
            "id_number": vault.open("id_number", application.id_number).reveal(),
            "mobile": vault.open("mobile", application.mobile).reveal(),
        },
        fields["insurance"],
        today=application.submitted_on,
        dictionary=await dictionaries.current(tx),
    )
    if declared is None:
        raise NoLongerValid("；".join(fault.message for fault in faults))
    return declared


async def approve(tx: AsyncSession, application: Application, *, now: datetime) -> list[Effect]:
    """What an approval does: coverage of every insurance type starts, resident and flexible coverage stops.

    Runs in a savepoint of its own: a refusal on the way leaves nothing behind.

    Raises:
        Refusal: any rule that no longer holds.
    """
    if application.person_id is None:
        raise LookupError(f"addition {application.no} has no person")
    person = await people_repository.lock(tx, application.person_id)
    inspection = await inspect(tx, application)
    if inspection.refusal is not None:
        raise inspection.refusal
    declared, unit = inspection.declared, inspection.unit
    if declared is None or unit is None:
        raise LookupError("an inspection without a refusal has both")
    by = people.ChangedBy(application.employer_no, application.submitted_by, application.no)
    await people.confirm(tx, person, declared.person, by=by, now=now)
    start: Month = declared.insurance.start_month
    former = await coverage.stop_former(tx, person, new_start=start, application_no=application.no)
    spell = coverage.NewSpell(
        employer_no=unit.employer_no,
        insurances=unit.insurances,
        person_category=declared.insurance.person_category,
        monthly_wage=declared.insurance.monthly_wage,
        start=start,
        application_no=application.no,
    )
    started = await coverage.start(tx, person, spell)
    return [
        *(Effect("coverage_stopped", cover.id, cover.insurance, cover.stop_month) for cover in former),
        *(
            Effect("coverage_started", coverage_id, insurance, start)
            for coverage_id, insurance in zip(started, unit.insurances, strict=True)
        ),
    ]
