"""SQL of applications. A broken constraint comes back as its rule's refusal."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Table, Uuid, any_, func, insert, select
from sqlalchemy import cast as cast_to
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.applications.models import NUMBERS, Application, DecisionSetting
from enrollment.applications.rules import (
    AlreadyPending,
    Kind,
    Status,
    application_number,
    check_nothing_pending,
    read_number,
)
from servicekit.db.bulk import insert_many

# A list shows these; the form and the sealed numbers stay where they are.
LISTED = (
    Application.no,
    Application.kind,
    Application.status,
    Application.employer_no,
    Application.employer_name,
    Application.person_name,
    Application.id_number_masked,
    Application.start_month,
    Application.submitted_at,
    Application.decided_at,
    Application.decided_by_name,
    Application.decision_reason,
    Application.version,
)


@dataclass(frozen=True)
class Wanted:
    """What a search asks for; None asks for nothing in particular."""

    state: Literal["pending", "decided"]
    status: Status | None = None
    kind: Kind | None = None
    no: str | None = None
    id_number_index: bytes | None = None
    person_name: str | None = None
    employer_name: str | None = None
    from_date: date | None = None
    to_date: date | None = None


async def next_number(tx: AsyncSession, day: date) -> str:
    """A new application number. Numbers of transactions that come to nothing are left out."""
    return application_number(day, (await tx.execute(select(NUMBERS.next_value()))).scalar_one())


async def add(tx: AsyncSession, values: Mapping[str, Any], *, pointer: str | None = None) -> None:
    """Adds a pending application. `pointer` is the field that names the person, where it is about one.

    Raises:
        AlreadyPending, AdditionPending, RemovalPending: another transaction was quicker.
    """
    try:
        async with tx.begin_nested():
            await tx.execute(insert(Application).values(**values))
    except IntegrityError as fault:
        if "uq_applications_one_pending" not in str(fault.orig):
            raise
        pending = await pending_of(tx, employer_no=values["employer_no"], person_id=values["person_id"])
        check_nothing_pending(pending, values["kind"], pointer=pointer)
        raise AlreadyPending(pointer=pointer) from fault  # decided in the meantime


async def get(tx: AsyncSession, no: str) -> Application | None:
    """An application by its number, with or without the dash, if the asker may see it."""
    number = read_number(no)
    if number is None:
        return None
    return (await tx.execute(select(Application).where(Application.no == number))).scalar_one_or_none()


async def lock(tx: AsyncSession, no: str) -> Application | None:
    """The same, locked until the transaction ends and as it is now: whoever decides or withdraws comes one by one."""
    number = read_number(no)
    if number is None:
        return None
    statement = (
        select(Application).where(Application.no == number).with_for_update().execution_options(populate_existing=True)
    )
    return (await tx.execute(statement)).scalar_one_or_none()


async def pending_of(tx: AsyncSession, *, employer_no: str, person_id: UUID) -> dict[Kind, str]:
    """Numbers of the unit's pending applications about a person, by kind."""
    rows = await tx.execute(
        select(Application.kind, Application.no).where(
            Application.employer_no == employer_no,
            Application.person_id == person_id,
            Application.status == "pending",
        )
    )
    return {row.kind: row.no for row in rows}


async def pending_removals(tx: AsyncSession, *, employer_no: str, people: Collection[UUID]) -> dict[UUID, str]:
    """Numbers of the unit's pending removals, by person."""
    rows = await tx.execute(
        select(Application.person_id, Application.no).where(
            Application.employer_no == employer_no,
            Application.person_id.in_(people),
            Application.kind == "removal",
            Application.status == "pending",
        )
    )
    return {row.person_id: row.no for row in rows if row.person_id is not None}


async def pending_addition_of(tx: AsyncSession, *, employer_no: str, id_number_index: bytes) -> str | None:
    """Number of the unit's pending addition of whoever has this identity number."""
    statement = select(Application.no).where(
        Application.employer_no == employer_no,
        Application.id_number_index == id_number_index,
        Application.kind == "addition",
        Application.status == "pending",
    )
    return (await tx.execute(statement.limit(1))).scalar_one_or_none()


async def search(
    tx: AsyncSession, wanted: Wanted, *, employer_no: str | None, offset: int, limit: int
) -> tuple[list[Any], int]:
    """A page of applications and how many there are; of one unit, or of all for the agency.

    Pending ones come oldest first to the agency, who works them off, and newest first to the unit.
    """
    conditions = _conditions(wanted, employer_no)
    total = (await tx.execute(select(func.count()).select_from(Application).where(*conditions))).scalar_one()
    if total <= offset:
        return [], total
    statement: Select[*tuple[Any, ...]] = select(*LISTED).where(*conditions)
    if wanted.state == "decided":
        statement = statement.order_by(Application.decided_at.desc(), Application.no.desc())
    elif employer_no is None:
        statement = statement.order_by(Application.submitted_at, Application.no)
    else:
        statement = statement.order_by(Application.submitted_at.desc(), Application.no.desc())
    rows = await tx.execute(statement.offset(offset).limit(limit))
    return list(rows), total


def _conditions(wanted: Wanted, employer_no: str | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        Application.status == "pending" if wanted.state == "pending" else Application.status != "pending"
    ]
    if employer_no is not None:
        found.append(Application.employer_no == employer_no)
    if wanted.status is not None:
        found.append(Application.status == wanted.status)
    if wanted.kind is not None:
        found.append(Application.kind == wanted.kind)
    if wanted.no is not None:
        found.append(Application.no == (read_number(wanted.no) or ""))
    if wanted.id_number_index is not None:
        found.append(Application.id_number_index == wanted.id_number_index)
    if wanted.person_name:
        found.append(Application.person_name.icontains(wanted.person_name, autoescape=True))
    if wanted.employer_name:
        found.append(Application.employer_name.contains(wanted.employer_name, autoescape=True))
    if wanted.from_date is not None:
        found.append(Application.submitted_on >= wanted.from_date)
    if wanted.to_date is not None:
        found.append(Application.submitted_on <= wanted.to_date)
    return found


async def is_automatic(tx: AsyncSession, kind: Kind) -> bool:
    """Whether the agency lets this kind be decided automatically."""
    setting = await tx.get(DecisionSetting, kind)
    return setting is not None and setting.automatic


async def next_numbers(tx: AsyncSession, day: date, count: int) -> list[str]:
    """As many new application numbers, in order."""
    sequence = select(NUMBERS.next_value()).select_from(func.generate_series(1, count).alias())
    return [application_number(day, number) for number in sorted(await tx.scalars(sequence))]


async def add_many(tx: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Adds pending applications of one unit; the numbers of those that were added.

    Left out is whoever the unit has a pending application about that forbids this one.
    """
    table = cast(Table, Application.__table__)
    ordered = sorted(rows, key=lambda row: str(row["person_id"]))  # two files of one unit must not wait for each other
    added = await insert_many(tx, table, ordered, ending='ON CONFLICT DO NOTHING RETURNING "no"')
    return set() if added is None else set(added.scalars())


async def pending_of_many(
    tx: AsyncSession, *, employer_no: str, people: Collection[UUID]
) -> dict[UUID, dict[Kind, str]]:
    """Numbers of the unit's pending applications about these people, by person and kind."""
    found: dict[UUID, dict[Kind, str]] = {}
    rows = await tx.execute(
        select(Application.person_id, Application.kind, Application.no).where(
            Application.employer_no == employer_no,
            Application.person_id == any_(cast_to(list(people), ARRAY(Uuid))),
            Application.status == "pending",
        )
    )
    for person_id, kind, no in rows:
        if person_id is not None:
            found.setdefault(person_id, {})[kind] = no
    return found
