"""Starting and stopping coverage. Works in the caller's transaction and never commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.enrollment import CoverageStarted, CoverageStopped
from contracts.values.month import Month
from enrollment.coverage import repository, rules
from enrollment.coverage.models import Coverage
from enrollment.people.models import Person
from servicekit import outbox
from servicekit.ids import uuid7


@dataclass(frozen=True)
class NewSpell:
    """An employment that is to be covered: the same months and wage for every insurance type of the unit."""

    employer_no: str
    insurances: Sequence[str]
    person_category: str
    monthly_wage: Decimal
    start: Month
    application_no: str


async def start(tx: AsyncSession, person: Person, spell: NewSpell) -> list[UUID]:
    """Starts coverage for every insurance type of the unit, puts the person on its roster, announces each start.

    Raises:
        AlreadyInsuredElsewhere: one of the insurance types is open already.
    """
    rows: list[dict[str, Any]] = [
        {
            "id": uuid7(),
            "employer_no": spell.employer_no,
            "person_id": person.id,
            "insurance": insurance,
            "person_category": spell.person_category,
            "monthly_wage": spell.monthly_wage,
            "start_month": spell.start,
            "started_by": spell.application_no,
            "version": 1,
        }
        for insurance in spell.insurances
    ]
    await repository.add(tx, rows)
    await repository.put_on_roster(tx, [roster_row(person, spell)])
    await outbox.add(tx, *(started_event(row["id"], person.id, row["insurance"], spell) for row in rows))
    return [row["id"] for row in rows]


def roster_row(person: Person, spell: NewSpell) -> dict[str, object]:
    """What the unit's roster shows of a person from this spell on."""
    return {
        "employer_no": spell.employer_no,
        "person_id": person.id,
        "name": person.name,
        "name_folded": person.name_folded,
        "sex": person.sex,
        "id_number_index": person.id_number_index,
        "id_number_masked": person.id_number_masked,
        "start_month": spell.start,
        "stop_month": None,
        "stop_reason": None,
        "insurances": list(spell.insurances),
        "person_category": spell.person_category,
        "monthly_wage": spell.monthly_wage,
    }


def started_event(coverage_id: UUID, person_id: UUID, insurance: str, spell: NewSpell) -> CoverageStarted:
    """The news of a new coverage."""
    return CoverageStarted(
        coverage_id=coverage_id,
        employer_no=spell.employer_no,
        person_id=person_id,
        insurance=insurance,
        version=1,
        month=spell.start,
        monthly_wage=spell.monthly_wage,
        person_category=spell.person_category,
    )


@dataclass(frozen=True)
class Departure:
    """An employee's leaving that is about to take effect."""

    employer_no: str
    stop: Month
    """The first month that is owed no more."""
    reason: str
    application_no: str


async def stop(tx: AsyncSession, person: Person, departure: Departure) -> None:
    """Stops every coverage of a person with a unit, gives them what takes its place, announces each stop.

    The person is locked: whoever else starts or stops coverage of theirs comes before or after.

    Raises:
        NotInsuredHere: none is open.
    """
    covers = await repository.of_person(tx, person.id)
    effect = rules.consequences(covers, employer_no=departure.employer_no, stop=departure.stop, reason=departure.reason)
    news = []
    for cover in covers:
        if month := effect.stopped.get(cover.id):
            cover.stop_month, cover.stop_reason, cover.stopped_by = month, departure.reason, departure.application_no
            cover.version += 1
            news.append(_stopped_event(cover, departure))
    await tx.flush()  # before something else opens: one coverage of a kind is open at a time
    for cover in covers:
        if cover.id in effect.given_back:
            cover.stop_month, cover.stopped_by = None, None
            cover.version += 1
    await tx.flush()
    if effect.pension_from is not None:
        await repository.add(tx, [_pension(person, effect.pension_from, departure)])
    await _follow_on_roster(tx, person, departure, [c for c in covers if c.employer_no == departure.employer_no])
    await outbox.add(tx, *news)


def _stopped_event(cover: Coverage, departure: Departure) -> CoverageStopped:
    return CoverageStopped(
        coverage_id=cover.id,
        employer_no=departure.employer_no,
        person_id=cover.person_id,
        insurance=cover.insurance,
        version=cover.version,
        month=departure.stop,
        never_started=rules.never_started(cover.start_month, cover.stop_month),
    )


def _pension(person: Person, start_month: Month, departure: Departure) -> dict[str, Any]:
    """A pensioner's own medical coverage: without an employer, and nothing is paid for it (domain rule 10)."""
    return {
        "id": uuid7(),
        "employer_no": None,
        "person_id": person.id,
        "insurance": rules.EMPLOYEE_MEDICAL,
        "person_category": rules.RETIRED,
        "start_month": start_month,
        "started_by": departure.application_no,
        "version": 1,
    }


async def _follow_on_roster(tx: AsyncSession, person: Person, departure: Departure, covers: Sequence[Coverage]) -> None:
    """Notes the stop on the roster. A cancelled start leaves the spell before it there, if there was one."""
    newest = covers[-1].start_month
    begun = [cover for cover in covers if not rules.never_started(cover.start_month, cover.stop_month)]
    if begun and begun[-1].start_month < newest:
        last = [cover for cover in begun if cover.start_month == begun[-1].start_month]
        row = roster_row(person, _spell_of(last, departure.employer_no))
        await repository.put_on_roster(
            tx, [row | {"stop_month": last[0].stop_month, "stop_reason": last[0].stop_reason}]
        )
        return
    await repository.stop_on_roster(
        tx,
        departure.employer_no,
        person.id,
        stop_month=rules.stop_in(departure.stop, start=newest),
        stop_reason=departure.reason,
    )


def _spell_of(covers: Sequence[Coverage], employer_no: str) -> NewSpell:
    """The employment that coverage rows of one start month are the cover of."""
    first = covers[0]
    return NewSpell(
        employer_no=employer_no,
        insurances=[cover.insurance for cover in covers],
        person_category=first.person_category or "",
        monthly_wage=first.monthly_wage or Decimal(0),
        start=first.start_month,
        application_no=first.started_by or "",
    )


async def stop_former(tx: AsyncSession, person: Person, *, new_start: Month, application_no: str) -> list[Coverage]:
    """Stops a person's open resident and flexible coverage because an employee coverage starts (domain rule 2).

    Nothing is announced: such coverage belongs to no unit, so no unit's billing roster knows it.
    """
    former = await repository.open_without_employer(tx, person.id)
    for cover in former:
        cover.stop_month = rules.former_stop_month(former_start=cover.start_month, new_start=new_start)
        cover.stopped_by = application_no
        cover.version += 1
    await tx.flush()
    return former
