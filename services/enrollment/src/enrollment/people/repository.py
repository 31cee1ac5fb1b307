"""SQL of people.

A unit sees only the people on its own roster (row level security). Whether a person is known at
all, and how they are insured elsewhere, goes through database functions that look past that wall and give back the bare
fact: `find_person` (id, and whether the name agrees) and, in the coverage feature, `present_covers`; and `find_people`
and `present_covers_of` for many at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, LargeBinary, Table, any_, func, select, text
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.people.models import Person, PersonChange
from servicekit.db.bulk import insert_many


@dataclass(frozen=True)
class Known:
    """A person that some unit or the agency has told us of."""

    id: UUID
    confirmed: bool
    name_agrees: bool


async def find(tx: AsyncSession, *, id_type: str, index: bytes, folded_name: str | None = None) -> Known | None:
    """Who has this identity document. Without a name to compare, `name_agrees` says nothing."""
    statement = text("SELECT id, confirmed, name_agrees FROM find_person(:id_type, :index, :name)")
    row = (await tx.execute(statement, {"id_type": id_type, "index": index, "name": folded_name or ""})).one_or_none()
    return None if row is None else Known(row.id, row.confirmed, row.name_agrees)


async def add(tx: AsyncSession, values: Mapping[str, Any]) -> bool:
    """Adds a person; False when somebody else added the same document a moment ago."""
    # No RETURNING and no conflict target: both would need the right to read the row, which comes with the roster.
    result = await tx.execute(insert(Person).values(**values).on_conflict_do_nothing())
    return bool(result.rowcount)  # type: ignore[attr-defined]  # SQLAlchemy types it as Result


async def find_many(tx: AsyncSession, wanted: Sequence[tuple[str, bytes, str]]) -> list[Known | None]:
    """Who has each of these identity documents: (type, index, folded name), in the same order."""
    statement = text(
        "SELECT place, id, confirmed, name_agrees "
        "FROM find_people(CAST(:types AS text[]), CAST(:indexes AS bytea[]), CAST(:names AS text[]))"
    )
    types, indexes, names = (list(column) for column in zip(*wanted, strict=True)) if wanted else ([], [], [])
    rows = await tx.execute(statement, {"types": types, "indexes": indexes, "names": names})
    found: list[Known | None] = [None] * len(wanted)
    for row in rows:
        found[row.place - 1] = Known(row.id, row.confirmed, row.name_agrees)
    return found


async def on_roster(tx: AsyncSession, documents: Sequence[tuple[str, bytes]]) -> dict[tuple[str, bytes], Person]:
    """Those of the unit's people who have one of these identity documents: (type, index)."""
    types, indexes = ({document[part] for document in documents} for part in (0, 1))
    statement = select(Person).where(
        Person.id_number_index == any_(cast_to(list(indexes), ARRAY(LargeBinary))), Person.id_type.in_(types)
    )
    return {(person.id_type, person.id_number_index): person for person in await tx.scalars(statement)}


async def add_missing(tx: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Adds those people whose documents nobody has added yet; whether that was everybody.

    Always in the same order, so that two files of the same people never wait for each other.
    """
    ordered = sorted(rows, key=lambda row: (row["id_type"], row["id_number_index"]))
    added = await insert_many(tx, cast(Table, Person.__table__), ordered, ending="ON CONFLICT DO NOTHING")
    return added is None or added.rowcount == len(rows)  # type: ignore[attr-defined]  # SQLAlchemy types it as Result


async def add_many(tx: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds many people at once."""
    await tx.execute(insert(Person), list(rows))


async def get(tx: AsyncSession, person_id: UUID) -> Person | None:
    """A person, if the asker may see them."""
    return await tx.get(Person, person_id)


async def lock(tx: AsyncSession, person_id: UUID) -> Person:
    """A person, locked: decisions about one person come one after the other."""
    statement = select(Person).where(Person.id == person_id).with_for_update().execution_options(populate_existing=True)
    return (await tx.execute(statement)).scalar_one()


async def add_change(tx: AsyncSession, values: Mapping[str, Any]) -> None:
    """Keeps what a unit changed of a person."""
    await tx.execute(insert(PersonChange).values(**values))


async def changes_of(
    tx: AsyncSession, employer_no: str, person_id: UUID, *, offset: int, limit: int
) -> tuple[list[PersonChange], int]:
    """A page of what a unit changed of a person, newest first, and how many there are."""
    conditions = PersonChange.employer_no == employer_no, PersonChange.person_id == person_id
    total = (await tx.execute(select(func.count()).select_from(PersonChange).where(*conditions))).scalar_one()
    newest = select(PersonChange).where(*conditions).order_by(PersonChange.changed_at.desc(), PersonChange.id.desc())
    return list(await tx.scalars(newest.offset(offset).limit(limit))), total


async def count_with_mobile(tx: AsyncSession, *, index: bytes, besides: UUID) -> int:
    """How many other confirmed people gave this mobile number."""
    statement = select(func.count()).where(
        Person.mobile_index == index, Person.id != besides, Person.confirmed_at.is_not(None)
    )
    return (await tx.execute(statement)).scalar_one()


async def anybody(tx: AsyncSession) -> bool:
    """Whether anybody is registered yet."""
    return (await tx.execute(select(Person.id).limit(1))).first() is not None
