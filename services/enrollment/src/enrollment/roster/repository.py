"""SQL of the roster. Everything here is asked for one unit, whose number leads every index.

Statements are texts put together from fixed pieces: the list is the hottest of the service, and making up the same
SQLAlchemy expression anew would cost more than the query. They go by indexes that row level security leaves usable,
those with leakproof operators (equality, order): see `RosterName`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.coverage.rules import TERMINAL_STOP_REASONS, Status
from enrollment.names import folded, search_tokens
from enrollment.roster.models import RosterEntry
from servicekit.db.types import MonthType
from servicekit.paging import COUNTED


@dataclass(frozen=True)
class Wanted:
    """What a search asks for; None asks for nothing in particular."""

    id_number_index: bytes | None = None
    name: str | None = None
    status: Status | None = None
    started_from: Month | None = None
    started_to: Month | None = None
    open_only: bool = False
    """Only people who haven't left the unit."""


@dataclass(frozen=True)
class Place:
    """A place in the list, by the key it is sorted by: that of the last row somebody has seen."""

    start_month: Month
    person_id: UUID


@dataclass(frozen=True)
class ListedPage:
    """A page of the list as JSON (`LongListing[RosterRow]`), and what the audit row says of it."""

    json: bytes
    shown: int


# As `coverage.rules.status_in` has it.
_RUNNING = "(stop_month IS NULL OR (stop_month > start_month AND stop_month >= :month))"
_STOPPED = "stop_month IS NOT NULL AND (stop_month <= start_month OR stop_month < :month)"
_STATUSES: Mapping[Status, str] = {
    "0": f"{_RUNNING} AND start_month > :month",
    "1": f"{_RUNNING} AND start_month <= :month",
    "2": f"{_STOPPED} AND (stop_reason = ANY(:terminal)) IS NOT TRUE",
    "4": f"{_STOPPED} AND stop_reason = ANY(:terminal)",
}
_CONDITIONS: Mapping[str, str] = {
    "id_number": "id_number_index = :id_number",
    "name": "strpos(name_folded, :name) > 0",
    "started_from": "start_month >= :started_from",
    "started_to": "start_month <= :started_to",
    "open_only": "stop_month IS NULL",
    **{f"status_{status}": condition for status, condition in _STATUSES.items()},
}
# Few people have such a name: they are gathered first, whatever the planner believes about how many they are. All
# tokens of the name are found by index, then their order is looked at.
_GATHERED = """
    named AS MATERIALIZED (
        SELECT person_id FROM roster_names WHERE employer_no = :employer_no AND token = ANY(:tokens)
        GROUP BY person_id HAVING count(*) = cardinality(CAST(:tokens AS text[]))
    ), matched AS MATERIALIZED (
        SELECT roster.* FROM named JOIN roster USING (person_id) WHERE {conditions}
    ),
"""
_SEARCH = """
    WITH {gathered} page AS (
        SELECT person_id, name, id_number_masked, sex, start_month, stop_month, stop_reason, insurances, monthly_wage
        FROM {source} {after}
        ORDER BY start_month DESC, person_id DESC OFFSET :offset LIMIT :limit + 1
    ), found AS (
        SELECT *, row_number() OVER (ORDER BY start_month DESC, person_id DESC) AS place FROM page
    ), counted AS (
        {counted}
    )
"""
_COUNT = "SELECT count(*) AS n FROM (SELECT FROM {source} LIMIT {bound} + 1) AS bounded"
_NOT_COUNTED = "SELECT CAST(NULL AS bigint) AS n"
_ROWS = "SELECT found.*, counted.n FROM counted LEFT JOIN found ON place <= :limit ORDER BY place"
_JSON = """
    SELECT json_build_object(
        'items', coalesce((
            SELECT json_agg(json_build_object(
                'person_id', person_id,
                'name', name,
                'id_number_masked', id_number_masked,
                'sex', sex,
                'start_month', to_char(start_month, 'YYYY-MM'),
                'stop_month', to_char(stop_month, 'YYYY-MM'),
                'status', CASE
                    WHEN {stopped} THEN CASE WHEN stop_reason = ANY(:terminal) THEN '4' ELSE '2' END
                    WHEN start_month > :month THEN '0' ELSE '1' END,
                'insurances', insurances,
                'monthly_wage', CAST(monthly_wage AS text)
            ) ORDER BY place) FROM found WHERE place <= :limit), '[]'),
        'total', CASE WHEN n > {bound} THEN {bound} ELSE n END,
        'more_than_total', n > {bound},
        'next', (
            SELECT to_char(start_month, 'YYYY-MM') || '_' || person_id FROM found
            WHERE place = :limit AND EXISTS (SELECT FROM found WHERE place > :limit))
    )::text AS listing, (SELECT count(*) FROM found WHERE place <= :limit) AS shown
    FROM counted
"""
_TERMINAL = sorted(TERMINAL_STOP_REASONS)
# Units have 2 people or 100,000. The plan that PostgreSQL keeps after a few runs is for one of average size: it sorts a
# large unit's whole roster for the first 20 of it (150 ms instead of 6). Planning each time costs half a millisecond.
_PLANNED_ANEW = text("SET LOCAL plan_cache_mode = force_custom_plan")


async def search(
    tx: AsyncSession, employer_no: str, wanted: Wanted, *, month: Month, offset: int, limit: int
) -> tuple[Sequence[Any], int]:
    """A page of a unit's people, newest start first, and how many there are; more than `COUNTED` are not counted.

    `month` decides what status they show.
    """
    names, values = _asked(employer_no, wanted, month)
    statement = _statement(_ROWS, names, after=False).columns(start_month=MonthType, stop_month=MonthType)
    await tx.execute(_PLANNED_ANEW)
    rows = (await tx.execute(statement, values | {"offset": offset, "limit": limit})).all()
    return [row for row in rows if row.place is not None], min(rows[0].n, COUNTED)


async def listing(
    tx: AsyncSession,
    employer_no: str,
    wanted: Wanted,
    *,
    month: Month,
    offset: int,
    limit: int,
    after: Place | None = None,
) -> ListedPage:
    """The same page as the JSON that the list answers with.

    With `after` it begins behind that place instead of at the offset, and how many there are is not counted again.
    """
    names, values = _asked(employer_no, wanted, month)
    values |= {"month": month.first_day(), "terminal": _TERMINAL, "limit": limit}
    values["offset"] = offset if after is None else 0
    if after is not None:
        values |= {"after_month": after.start_month.first_day(), "after_person": after.person_id}
    await tx.execute(_PLANNED_ANEW)
    row = (await tx.execute(_statement(_JSON, names, after=after is not None), values)).one()
    return ListedPage(row.listing.encode(), row.shown)


def _asked(employer_no: str, wanted: Wanted, month: Month) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The names of the conditions asked for, and the values of all of them."""
    values: dict[str, Any] = {"employer_no": employer_no}
    names: list[str] = []
    if wanted.id_number_index is not None:
        names.append("id_number")
        values["id_number"] = wanted.id_number_index
    if wanted.name:
        names.append("name")
        values |= {"name": folded(wanted.name), "tokens": search_tokens(wanted.name)}
    for bound in ("started_from", "started_to"):
        month_asked: Month | None = getattr(wanted, bound)
        if month_asked is not None:
            names.append(bound)
            values[bound] = month_asked.first_day()
    if wanted.open_only:
        names.append("open_only")
    if wanted.status is not None:
        names.append(f"status_{wanted.status}")
        values |= {"month": month.first_day(), "terminal": _TERMINAL}
    return tuple(names), values


@cache
def _statement(shape: str, names: tuple[str, ...], *, after: bool) -> TextClause:
    """The statement for these conditions; there are a few dozen of them at most."""
    conditions = " AND ".join(["employer_no = :employer_no", *(_CONDITIONS[name] for name in names)])
    by_name = "name" in names
    source = "matched" if by_name else f"roster WHERE {conditions}"
    place = "(start_month, person_id) < (:after_month, :after_person)" if after else ""
    pieces = {
        "gathered": _GATHERED.format(conditions=conditions) if by_name else "",
        "source": source,
        "after": f"{'WHERE' if by_name else 'AND'} {place}" if after else "",
        "counted": _NOT_COUNTED if after else _COUNT.format(source=source, bound=COUNTED),
        "bound": COUNTED,
        "stopped": _STOPPED,
    }
    return text((_SEARCH + shape).format(**pieces))


async def entries(tx: AsyncSession, employer_no: str, person_ids: Sequence[UUID]) -> list[RosterEntry]:
    """These people, as far as they are on a unit's roster."""
    query = select(RosterEntry).where(RosterEntry.employer_no == employer_no, RosterEntry.person_id.in_(person_ids))
    return list(await tx.scalars(query))


async def entry(tx: AsyncSession, employer_no: str, person_id: UUID) -> RosterEntry | None:
    """One person on a unit's roster."""
    return await tx.get(RosterEntry, (employer_no, person_id))


async def anybody(tx: AsyncSession, employer_no: str) -> bool:
    """Whether the unit has or had people."""
    found = await tx.execute(select(RosterEntry.person_id).where(RosterEntry.employer_no == employer_no).limit(1))
    return found.first() is not None
