"""The desk's and the units' lists over many applications: `python -m tests.bench.review_lists [applications]`.

Every filter is asked through the service's own search, in the scope of whoever asks it (row level security in force),
and its time printed beside the time of the plain first page of the same list. Reported, never asserted. With
`HALL_EXPLAIN=1` the plan of each is printed too. A tenth of the units is large; 5 % of the applications are pending.
"""

import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import sqlalchemy as sa
import uvloop
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from enrollment.applications import repository
from enrollment.applications.repository import Found, Order, Wanted
from enrollment.employers import repository as employers
from enrollment.service import SERVICE
from servicekit.db.tx import Scope, begin
from servicekit.runtime import Runtime
from tests.support.databases import throw_away_databases
from tests.support.harness import service_harness

_APPLICATIONS = 1_000_000
_UNITS = 100_000
_TIMES = 5
LARGE = "330200000000000001"  # every twentieth application is its
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰秀珍健俊建国志海波宁晨宇轩涵子欣怡梓萱诗雨嘉禾一鸣若青思远文博雅"
)
_FILL = (
    """
    INSERT INTO employers (employer_no, uscc, name, kind, is_virtual, online_declaration, insurances, status, version,
                           updated_at)
    SELECT '330200' || lpad(n::text, 12, '0'), '91330200MA2A0B1C3J',
           '宁波市' || substr(:given, 1 + n % 50, 2) || substr(:surnames, 1 + n % 47, 2) || '第' || n || '有限公司',
           '10', false, true, '{310,510,330}', 'open', 1, now()
    FROM generate_series(1, :units) AS n
    """,
    """
    INSERT INTO applications (employer_no, no, kind, status, employer_name, person_name, id_number_index,
                              id_number_masked, start_month, form, submitted_by, submitted_on, submitted_at, decided_at,
                              decided_by_name, decision_reason, flag, change_id, version)
    SELECT unit, to_char(at, 'YYYYMMDD') || '-' || lpad(n::text, 8, '0'), kind, status, '单位' || unit,
           CASE WHEN kind <> 'employer_change' THEN
               substr(:surnames, CAST(1 + n * 7919 % 50 AS int), 1)
               || substr(:given, CAST(1 + n / 7 * 104729 % 55 AS int), 1)
               || substr(:given, CAST(1 + n / 11 * 15485863 % 55 AS int), 1) END,
           decode(md5((n % 600000)::text), 'hex'), '330203********' || lpad((n % 10000)::text, 4, '0'), '2026-03-01',
           '{}', gen_random_uuid(), CAST(at AS date), at,
           CASE WHEN status <> 'pending' THEN at + interval '6 hours' * (n % 9) END,
           CASE WHEN status <> 'pending' THEN '审核员' || n % 40 END, CASE WHEN status = 'rejected' THEN '重复申报' END,
           CASE WHEN n % 13 = 0 THEN 'warning' WHEN n % 101 = 0 THEN 'refusal' ELSE 'ok' END,
           CASE WHEN kind = 'employer_change' THEN gen_random_uuid() END, 2
    FROM (
        SELECT n,
               CASE WHEN n % 20 = 0 THEN :large ELSE '330200' || lpad((1 + n * 31 % :units)::text, 12, '0') END AS unit,
               CASE WHEN n % 499 = 0 THEN 'employer_change' WHEN n % 3 = 0 THEN 'removal' ELSE 'addition' END AS kind,
               CASE WHEN n > :applications * 0.95 THEN 'pending' WHEN n % 17 = 0 THEN 'rejected'
                    WHEN n % 29 = 0 THEN 'withdrawn' ELSE 'approved' END AS status,
               timestamptz '2026-03-10 18:00+08' - interval '1 day' * 700 * (1 - n::float / :applications) AS at
        FROM generate_series(CAST(1 AS bigint), :applications) AS n
    ) AS made
    """,
    """
    INSERT INTO application_names (token, employer_no, no)
    SELECT DISTINCT token, employer_no, no FROM applications CROSS JOIN LATERAL (
        SELECT substr(person_name, i, 1) AS token FROM generate_series(1, length(person_name)) AS i
        UNION SELECT substr(person_name, i, 2) FROM generate_series(1, length(person_name) - 1) AS i
    ) AS tokens
    WHERE person_name IS NOT NULL
    """,
)


Lists = Sequence[tuple[str, Order, Literal["pending", "decided"]]]


@dataclass(frozen=True)
class Asked:
    """A search of one list."""

    name: str
    wanted: Wanted
    order: Order
    unit: str | None = None
    offset: int = 0
    deep: bool = False
    """From a place near the end of the list."""


def _asked(number_index: bytes) -> Iterator[Asked]:
    oldest, newest = Order("submitted_at", descending=False), Order("submitted_at", descending=True)
    latest = Order("decided_at", descending=True)
    many = [f"330200{number:012d}" for number in range(1, 1001)]
    march: dict[str, Any] = {"from_date": date(2025, 3, 1), "to_date": date(2025, 3, 7)}
    desk: Lists = (("queue", oldest, "pending"), ("decided", latest, "decided"))
    for name, order, state in desk:
        yield Asked(f"agency {name}", Wanted(state), order)
        yield Asked(f"agency {name}, kind common", Wanted(state, kind="removal"), order)
        yield Asked(f"agency {name}, kind rare", Wanted(state, kind="employer_change"), order)
        yield Asked(f"agency {name}, person 1 character", Wanted(state, person_name="王"), order)
        yield Asked(f"agency {name}, person 2 characters", Wanted(state, person_name="王嘉"), order)
        yield Asked(f"agency {name}, person nobody", Wanted(state, person_name="丐丐"), order)
        yield Asked(f"agency {name}, one unit", Wanted(state, employers=["330200000000004711"]), order)
        yield Asked(f"agency {name}, the large unit", Wanted(state, employers=[LARGE]), order)
        yield Asked(f"agency {name}, 1000 units", Wanted(state, employers=many), order)
        yield Asked(f"agency {name}, ID number", Wanted(state, id_number_index=number_index), order)
        yield Asked(f"agency {name}, a week of last year", Wanted(state, **march), order)
        yield Asked(f"agency {name}, page 400", Wanted(state), order, offset=7980)
        yield Asked(f"agency {name}, last page by key", Wanted(state), order, deep=True)
    yield Asked("agency queue, newest first", Wanted("pending"), newest)
    yield Asked("agency queue, flagged", Wanted("pending", flagged=True), oldest)
    yield Asked("agency queue, older than 30 days", Wanted("pending", to_date=date(2026, 2, 8)), oldest)
    yield Asked("agency decided, rejected", Wanted("decided", status="rejected"), latest)
    of_unit: Lists = (("pending", newest, "pending"), ("decided", latest, "decided"))
    for name, order, state in of_unit:
        yield Asked(f"large unit {name}", Wanted(state), order, LARGE)
        yield Asked(f"large unit {name}, kind rare", Wanted(state, kind="employer_change"), order, LARGE)
        yield Asked(f"large unit {name}, name", Wanted(state, person_name="王嘉"), order, LARGE)
        yield Asked(f"large unit {name}, nobody", Wanted(state, person_name="丐丐"), order, LARGE)
        yield Asked(f"large unit {name}, ID number", Wanted(state, id_number_index=number_index), order, LARGE)
        yield Asked(f"large unit {name}, a week of last year", Wanted(state, **march), order, LARGE)
        yield Asked(f"small unit {name}", Wanted(state), order, "330200000000004711")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


async def _fill(connection: AsyncConnection, applications: int) -> None:
    values: dict[str, Any] = {"applications": applications, "units": _UNITS, "large": LARGE}
    values |= {"surnames": _SURNAMES, "given": _GIVEN}
    for statement in _FILL:
        named = {name: value for name, value in values.items() if f":{name}" in statement}
        await connection.execute(sa.text(statement), named)
    await connection.commit()
    for table in ("applications", "application_names", "employers"):
        await connection.execute(sa.text(f"VACUUM ANALYZE {table}"))


async def _search(runtime: Runtime, asked: Asked, after: repository.Place | None = None) -> tuple[Found, float]:
    scope = Scope("agency") if asked.unit is None else Scope.unit(asked.unit)
    async with begin(runtime, scope=scope) as tx:
        await tx.execute(sa.text("SELECT 1"))  # a connection is there, and knows its scope
        began = time.perf_counter()
        found = await repository.search(
            tx, asked.wanted, asked.order, employer_no=asked.unit, offset=asked.offset, limit=20, after=after
        )
        return found, (time.perf_counter() - began) * 1000


async def _measure(runtime: Runtime, asked: Asked) -> None:
    after = None
    if asked.deep:
        last = Order(asked.order.by, descending=not asked.order.descending)
        end, _ = await _search(runtime, Asked(asked.name, asked.wanted, last, asked.unit))
        after = end.next
    taken = []
    for _ in range(_TIMES):
        found, milliseconds = await _search(runtime, asked, after)
        taken.append(milliseconds)
    total = "uncounted" if found.total is None else f"> {found.total}" if found.more_than_total else str(found.total)
    _say(f"{asked.name:45} {statistics.median(taken):8.1f} ms   {total:>9} found, {len(found.rows)} shown")


async def main(applications: int) -> None:
    """Fills, measures, prints."""
    async with AsyncExitStack() as stack:
        databases = stack.enter_context(throw_away_databases())
        hall = await stack.enter_async_context(service_harness(SERVICE, databases))
        admin = create_async_engine(databases.server.url(hall.database.name), isolation_level="AUTOCOMMIT")
        stack.push_async_callback(admin.dispose)
        began = time.perf_counter()
        async with admin.connect() as connection:
            await _fill(connection, applications)
            index = (await connection.execute(sa.text("SELECT decode(md5('4711'), 'hex')"))).scalar_one()
        _say(f"{applications} applications of {_UNITS} units, filled in {time.perf_counter() - began:.0f} s")
        if os.environ.get("HALL_EXPLAIN"):
            sa.event.listen(hall.runtime.engine.sync_engine, "before_cursor_execute", _explain, retval=True)
        async with begin(hall.runtime, scope=Scope("agency")) as tx:
            for part in ("第4711有限", "有限公司"):
                began = time.perf_counter()
                found = await employers.named(tx, part, most=1001)
                took = (time.perf_counter() - began) * 1000
                _say(f"units with a part of a name in {took:.0f} ms: {len(found)}")
        for asked in _asked(index):
            await _measure(hall.runtime, asked)


def _explain(
    connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
) -> tuple[str, Any]:
    if "FROM applications" in statement:
        cursor.execute("EXPLAIN (ANALYZE, COSTS OFF) " + statement, parameters)
        _say("\n".join("    " + row[0] for row in cursor.fetchall()))
    return statement, parameters


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else _APPLICATIONS))
