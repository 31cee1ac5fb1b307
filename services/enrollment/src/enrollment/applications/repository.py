"""SQL of applications. A broken constraint comes back as its rule's refusal."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Table,
    Text,
    TextClause,
    Uuid,
    any_,
    exists,
    func,
    insert,
    literal,
    select,
    text,
    tuple_,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.applications.models import NUMBERS, Application, ApplicationName
from enrollment.applications.rules import (
    AlreadyPending,
    Kind,
    Status,
    application_number,
    check_nothing_pending,
    read_number,
)
from enrollment.names import name_tokens, search_tokens
from servicekit.db.bulk import insert_many
from servicekit.db.types import Moment
from servicekit.paging import COUNTED

# Written out and not with parameters: the planner must see that the partial indexes fit.
_IS_PENDING, _IS_DECIDED = text("status = 'pending'"), text("status <> 'pending'")
_IS_FLAGGED = text("flag IN ('warning', 'refusal')")

_OF_EMPLOYER_CHANGES = frozenset({"change_id", "changed_fields"})

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
    Application.form["removal"]["stop_month"].astext.label("stop_month"),
    Application.submitted_at,
    Application.decided_at,
    Application.decided_by_name,
    Application.decision_reason,
    Application.decided_by,
    Application.flag,
    Application.submitted_on,
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
    """Part of the name of whom it is about."""
    employers: Collection[str] | None = None
    """Numbers of units."""
    from_date: date | None = None
    to_date: date | None = None
    flagged: bool | None = None
    """Whether the automatic checks found something to look at."""


@dataclass(frozen=True)
class Place:
    """A place in a list, by the key it is sorted by: that of the last row somebody has seen."""

    moment: datetime
    no: str


@dataclass(frozen=True)
class Order:
    """How a list is sorted: by when something was handed in or decided, and then by number."""

    by: Literal["submitted_at", "decided_at"]
    descending: bool


@dataclass(frozen=True)
class Found:
    """A page of applications."""

    rows: Sequence[Any]
    total: int | None
    """At most `COUNTED`; None where it wasn't counted again, on the way from page to page by place."""
    more_than_total: bool | None
    next: Place | None
    """Where the next page begins, if there is one."""


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


async def add_requested(tx: AsyncSession, values: Mapping[str, Any]) -> bool:
    """Adds the pending application of a change request; False when it is there already."""
    statement = upsert(Application).values(**values).on_conflict_do_nothing(index_elements=[Application.change_id])
    return (await tx.execute(statement.returning(Application.no))).first() is not None


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
    tx: AsyncSession,
    wanted: Wanted,
    order: Order,
    *,
    employer_no: str | None,
    offset: int,
    limit: int,
    after: Place | None = None,
) -> Found:
    """A page of applications, of one unit or of all for the agency. With `after`, that place is instead of the offset.

    Counted up to `COUNTED` only, so that a search which fits a million takes no longer than one which fits a few.
    """
    conditions = _conditions(wanted, employer_no)
    total: int | None = None
    if after is None:
        some = select(literal(1)).select_from(Application).where(*conditions).limit(COUNTED + 1).subquery()
        total = (await tx.execute(select(func.count()).select_from(some))).scalar_one()
        if total <= offset:
            return Found([], min(total, COUNTED), total > COUNTED, None)
    moment = Application.submitted_at if order.by == "submitted_at" else Application.decided_at
    statement: Select[*tuple[Any, ...]] = select(*LISTED).where(*conditions)
    if after is not None:
        place = tuple_(moment, Application.no)
        bound = tuple_(literal(after.moment, Moment), literal(after.no))
        statement = statement.where(place < bound if order.descending else place > bound)
        offset = 0
    if order.descending:
        statement = statement.order_by(moment.desc(), Application.no.desc())
    else:
        statement = statement.order_by(moment, Application.no)
    rows = list(await tx.execute(statement.offset(offset).limit(limit + 1)))
    last = rows[limit - 1] if len(rows) > limit else None
    following = None if last is None else Place(getattr(last, order.by), last.no)
    if total is None:
        return Found(rows[:limit], None, None, following)
    return Found(rows[:limit], min(total, COUNTED), total > COUNTED, following)


def _conditions(wanted: Wanted, employer_no: str | None) -> list[ColumnElement[bool] | TextClause]:
    found: list[ColumnElement[bool] | TextClause] = [_IS_PENDING if wanted.state == "pending" else _IS_DECIDED]
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
    if wanted.from_date is not None:
        found.append(Application.submitted_on >= wanted.from_date)
    if wanted.to_date is not None:
        found.append(Application.submitted_on <= wanted.to_date)
    return [*found, *_named(wanted), *_flagged(wanted)]


def _named(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.person_name:
        # What waits is looked through; what was ever decided is too much for that, and goes by its tokens.
        if wanted.state == "decided":
            found += [_has_token(token) for token in search_tokens(wanted.person_name)]
        found.append(Application.person_name.icontains(wanted.person_name, autoescape=True))
    if wanted.employers is not None:
        # One unit's rows come in order out of its index, several units' have to be sorted.
        one = next(iter(wanted.employers), "") if len(wanted.employers) < 2 else None
        several = any_(cast_to(list(wanted.employers), ARRAY(Text)))
        found.append(Application.employer_no == (several if one is None else one))
    return found


def _has_token(token: str) -> ColumnElement[bool]:
    return exists().where(
        ApplicationName.token == token,
        ApplicationName.employer_no == Application.employer_no,
        ApplicationName.no == Application.no,
    )


def _flagged(wanted: Wanted) -> list[ColumnElement[bool] | TextClause]:
    if wanted.flagged is None:
        return []
    return [_IS_FLAGGED if wanted.flagged else Application.flag == "ok"]


async def index_name(tx: AsyncSession, application: Application) -> None:
    """Writes under which parts of the person's name the agency finds an application."""
    if application.person_name is None:
        return
    place = {"employer_no": application.employer_no, "no": application.no}
    rows = [{"token": token, **place} for token in name_tokens(application.person_name)]
    await tx.execute(upsert(ApplicationName).on_conflict_do_nothing(), rows)


async def next_numbers(tx: AsyncSession, day: date, count: int) -> list[str]:
    """As many new application numbers, in order."""
    sequence = select(NUMBERS.next_value()).select_from(func.generate_series(1, count).alias())
    return [application_number(day, number) for number in sorted(await tx.scalars(sequence))]


async def add_many(tx: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Adds pending applications of one unit; the numbers of those that were added.

    Left out is whoever the unit has a pending application about that forbids this one.
    """
    # Sorted: two files of one unit must not wait for each other.
    ordered = sorted(rows, key=lambda row: str(row["person_id"]))
    # Only declarations of people come in files; and `insert_many` takes no arrays.
    write = partial(insert_many, tx, cast(Table, Application.__table__), ordered, besides=_OF_EMPLOYER_CHANGES)
    try:
        async with tx.begin_nested():
            await write()
    except IntegrityError:
        # Somebody was quicker, for one of them. Looking out for that takes a tenth more time, so only now.
        added = await write(ending='ON CONFLICT DO NOTHING RETURNING "no"')
        return set() if added is None else set(added.scalars())
    return {row["no"] for row in ordered}


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
