"""Starting and stopping coverage. Works in the caller's transaction and never commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.enrollment import CoverageStarted
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
