"""SQL of recognising accounts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.people.models import Person
from enrollment.recognition.models import PersonLink


async def put_newer(tx: AsyncSession, values: Mapping[str, Any]) -> bool:
    """Writes what an event tells of an account, unless newer news is known. True when it was written."""
    statement = insert(PersonLink).values(standing="not_found", **values)
    told = ("version", "person_index", "registered_as", "reached_at", "vouched", "updated_at")
    statement = statement.on_conflict_do_update(
        index_elements=[PersonLink.account_id],
        set_={name: statement.excluded[name] for name in told},
        where=PersonLink.version < statement.excluded.version,
    )
    return (await tx.execute(statement.returning(PersonLink.account_id))).first() is not None


async def locked(tx: AsyncSession, account_id: UUID) -> PersonLink:
    """An account that is known to be there; nobody else decides on it before this transaction ends."""
    query = select(PersonLink).where(PersonLink.account_id == account_id).with_for_update()
    return (await tx.scalars(query, execution_options={"populate_existing": True})).one()


async def of_account(tx: AsyncSession, account_id: UUID) -> PersonLink | None:
    """How an account stands."""
    return await tx.get(PersonLink, account_id)


async def person_with(tx: AsyncSession, index: bytes) -> Person | None:
    """The registered person with this index; nobody whom only an undecided declaration has told of."""
    query = select(Person).where(Person.link_index == index, Person.confirmed_at.is_not(None))
    return (await tx.scalars(query)).one_or_none()


async def due(tx: AsyncSession, *, limit: int) -> Sequence[tuple[PersonLink, Person]]:
    """Waiting accounts whose person is there, and was not compared as it is now. Left to whoever else is at them."""
    query = (
        select(PersonLink, Person)
        .join(Person, Person.link_index == PersonLink.person_index)
        .where(
            PersonLink.standing != "recognised",
            Person.confirmed_at.is_not(None),
            or_(PersonLink.person_version.is_(None), PersonLink.person_version != Person.version),
        )
        .limit(limit)
        .with_for_update(skip_locked=True, of=PersonLink)
    )
    return [(link, person) for link, person in (await tx.execute(query)).all()]


async def without_index(tx: AsyncSession, *, limit: int) -> Sequence[tuple[UUID, str, bytes]]:
    """People who were registered before there was an index: id, document type, sealed number."""
    query = select(Person.id, Person.id_type, Person.id_number).where(Person.link_index.is_(None)).limit(limit)
    return [(row.id, row.id_type, row.id_number) for row in await tx.execute(query)]


async def set_indexes(tx: AsyncSession, indexes: Sequence[tuple[UUID, bytes]]) -> None:
    """Gives people their index. Nothing about them has changed, so their version stays."""
    people = cast("Table", Person.__table__)
    statement = update(people).where(people.c.id == bindparam("person")).values(link_index=bindparam("index"))
    await tx.execute(statement, [{"person": person, "index": index} for person, index in indexes])


def now_stands(link: PersonLink, person: Person | None, standing: Any, *, now: datetime) -> None:
    """Notes what a comparison has found."""
    link.standing = standing
    link.person_id = person.id if person is not None and standing == "recognised" else None
    link.person_version = None if person is None else person.version
    link.updated_at = now
