"""SQL of coverage and of the roster that goes with it. A broken constraint comes back as its rule's refusal."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, cast, delete, insert, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.coverage.models import Coverage
from enrollment.coverage.rules import AlreadyInsuredElsewhere, PresentCover
from enrollment.names import name_tokens
from enrollment.roster.models import RosterEntry, RosterName
from servicekit.db.taken import unless_taken

_ONE_OPEN = ("uq_coverage_open_per_insurance", "uq_coverage_open_employee_medical")


async def present_covers(tx: AsyncSession, person_id: UUID, *, seen_by: str) -> list[PresentCover]:
    """Every coverage of a person as unit `seen_by` may know of it: never whose it is, only that it is another's."""
    statement = text(
        "SELECT holder, insurance, start_month, stop_month, by_death FROM present_covers(:person_id, :seen_by)"
    )
    rows = await tx.execute(statement, {"person_id": person_id, "seen_by": seen_by})
    return [_present(row) for row in rows]


async def present_covers_of(
    tx: AsyncSession, people: Collection[UUID], *, seen_by: str
) -> dict[UUID, list[PresentCover]]:
    """The same for many people at once; whoever has no coverage is left out."""
    statement = text(
        "SELECT person_id, holder, insurance, start_month, stop_month, by_death "
        "FROM present_covers_of(CAST(:people AS uuid[]), :seen_by)"
    )
    found: dict[UUID, list[PresentCover]] = {}
    for row in await tx.execute(statement, {"people": list(people), "seen_by": seen_by}):
        found.setdefault(row.person_id, []).append(_present(row))
    return found


def _present(row: Any) -> PresentCover:
    return PresentCover(
        holder=row.holder,
        insurance=row.insurance,
        start=Month.of(row.start_month),
        stop=None if row.stop_month is None else Month.of(row.stop_month),
        by_death=row.by_death,
    )


async def of_person(tx: AsyncSession, person_id: UUID, *, employer_no: str | None = None) -> list[Coverage]:
    """The coverage rows of a person, oldest first; of one unit when given."""
    statement = select(Coverage).where(Coverage.person_id == person_id)
    if employer_no is not None:
        statement = statement.where(Coverage.employer_no == employer_no)
    statement = statement.order_by(Coverage.start_month, Coverage.insurance, Coverage.id)
    return list(await tx.scalars(statement))


async def open_without_employer(tx: AsyncSession, person_id: UUID) -> list[Coverage]:
    """A person's open resident and flexible coverage, locked."""
    statement = (
        select(Coverage)
        .where(Coverage.person_id == person_id, Coverage.employer_no.is_(None), Coverage.stop_month.is_(None))
        .order_by(Coverage.id)
        .with_for_update()
    )
    return list(await tx.scalars(statement))


async def open_of_unit(tx: AsyncSession, person_id: UUID, employer_no: str) -> list[Coverage]:
    """The open coverage rows of a person with a unit."""
    statement = select(Coverage).where(
        Coverage.person_id == person_id, Coverage.employer_no == employer_no, Coverage.stop_month.is_(None)
    )
    return list(await tx.scalars(statement.order_by(Coverage.insurance)))


async def open_of_unit_many(tx: AsyncSession, people: Collection[UUID], employer_no: str) -> dict[UUID, list[Coverage]]:
    """The open coverage rows of many people with a unit; whoever has none is left out."""
    statement = select(Coverage).where(
        Coverage.person_id == any_(cast(list(people), ARRAY(Uuid))),
        Coverage.employer_no == employer_no,
        Coverage.stop_month.is_(None),
    )
    found: dict[UUID, list[Coverage]] = {}
    for cover in await tx.scalars(statement.order_by(Coverage.insurance)):
        found.setdefault(cover.person_id, []).append(cover)
    return found


async def add(tx: AsyncSession, rows: Iterable[Mapping[str, Any]]) -> None:
    """Adds coverage rows.

    Raises:
        AlreadyInsuredElsewhere: one of them is open already; another transaction was quicker.
    """
    async with unless_taken(tx, dict.fromkeys(_ONE_OPEN, AlreadyInsuredElsewhere("该人员已有有效的同险种参保关系"))):
        await tx.execute(insert(Coverage), list(rows))


async def stop_on_roster(
    tx: AsyncSession, employer_no: str, person_id: UUID, *, stop_month: Month, stop_reason: str | None
) -> None:
    """Notes on the unit's roster that a person's newest spell there ends."""
    await tx.execute(
        update(RosterEntry)
        .where(RosterEntry.employer_no == employer_no, RosterEntry.person_id == person_id)
        .values(stop_month=stop_month, stop_reason=stop_reason)
    )


async def put_on_roster(tx: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes the newest spell of people onto their units' rosters, with the tokens of their names."""
    statement = upsert(RosterEntry)
    changed = {
        column.name: statement.excluded[column.name]
        for column in RosterEntry.__table__.columns
        if not column.primary_key
    }
    statement = statement.on_conflict_do_update(
        index_elements=[RosterEntry.employer_no, RosterEntry.person_id], set_=changed
    )
    await tx.execute(statement, list(rows))
    await _index_names(tx, rows)


async def _index_names(tx: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    places = [(row["employer_no"], row["person_id"]) for row in rows]
    await tx.execute(delete(RosterName).where(tuple_(RosterName.employer_no, RosterName.person_id).in_(places)))
    tokens = [
        {"employer_no": row["employer_no"], "person_id": row["person_id"], "token": token}
        for row in rows
        for token in name_tokens(row["name"])
    ]
    await tx.execute(insert(RosterName), tokens)
