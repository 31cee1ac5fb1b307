"""The roster of a unit beside raw asyncpg: `python -m tests.bench.roster [people [folder]]`. Reported, never asserted.

One unit has 100,000 people, the others 16 on average. Reference: asyncpg as the superuser, without row level security,
transaction or service, sending the same statement and getting the same JSON. Ours, as the app role under row level
security: the list in an open transaction; in its own transaction, whose scope is set and which is committed; with the
audit row, which goes to disk; the whole route from ASGI to ASGI with its token. In turns, on one connection each, in
the same run. Processor time of this process and the server is given beside: a busy machine spoils it less.

Then every kind of search in the large unit, and the same two-character search with a bigram GIN index, which row level
security does not let the app role use. A folder keeps the data for the next run: 5,000,000 people take a while.
"""

import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import structlog
import uvloop
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.roster import repository, service
from enrollment.roster.repository import ListedPage, Place, Wanted
from enrollment.roster.schemas import RosterSearch
from enrollment.service import SERVICE
from servicekit.auth import Clerk
from servicekit.bus.inprocess import InProcessTransport
from servicekit.clock import FixedClock
from servicekit.db import migrate
from servicekit.db.provision import app_url, migrator_url, provision
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from servicekit.runtime import Runtime, open_runtime
from servicekit.web import build_web
from standalone.postgres import EmbeddedPostgres
from tests.support.harness import random_key
from tests.support.tokens import TestKeys

_PEOPLE = 500_000
_LARGE, _LARGE_PEOPLE = "330200000000000000", 100_000
_SIZES = (2, 3, 5, 8, 10, 20, 30, 52)  # people per unit, by turns
_SMALL = "330200000000000007"  # one with 52
_SECRET = "bench"
_MONTH = Month(2026, 3)
_ROUNDS, _REQUESTS = 5, 60
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任"
_GIVEN = "".join(chr(0x4E00 + number * 37) for number in range(500))

# Skewed as names are: a few characters are frequent. The people behind the rows aren't needed for a list.
_FILL = (
    "SET session_replication_role = replica",
    "SET work_mem = '256MB'",
    """
    INSERT INTO roster (employer_no, person_id, name, name_folded, sex, id_number_index, id_number_masked, start_month,
                        stop_month, stop_reason, insurances, person_category, monthly_wage)
    SELECT employer_no, CAST('01900000-0000-7000-8000-' || lpad(to_hex(row_number() OVER ()), 12, '0') AS uuid),
           name, name, '1', sha256(CAST(CAST(chance AS text) AS bytea)), '330203********1234', start_month,
           CASE WHEN chance < 0.15 THEN start_month + interval '8 months' END,
           CASE WHEN chance < 0.01 THEN '05' WHEN chance < 0.15 THEN '01' END,
           ARRAY['310', '330', '510'], '1101', 5000 + floor(random() * 20000)
    FROM (
        SELECT '330200' || lpad(CAST(number AS text), 12, '0') AS employer_no, random() AS chance,
               CAST(date '2016-01-01' + floor((1 - random() ^ 2) * 122) * interval '1 month' AS date) AS start_month,
               substr({surnames}, 1 + CAST(floor(random() ^ 2 * {n_surnames}) AS int), 1)
               || substr({given}, 1 + CAST(floor(random() ^ 2 * 500) AS int), 1)
               || CASE WHEN random() < 0.8
                       THEN substr({given}, 1 + CAST(floor(random() ^ 2 * 500) AS int), 1) ELSE '' END AS name
        FROM generate_series(0, {units}) AS number
        CROSS JOIN LATERAL generate_series(
            1, CASE WHEN number = 0 THEN {large} ELSE (CAST('{sizes}' AS int[]))[1 + number % {n_sizes}] END)
    ) AS drawn
    """,
    """
    INSERT INTO roster_names (employer_no, token, person_id)
    SELECT employer_no, token, person_id
    FROM roster
    CROSS JOIN LATERAL (
        SELECT substr(name_folded, i, 1) AS token FROM generate_series(1, length(name_folded)) AS i
        UNION
        SELECT substr(name_folded, i, 2) FROM generate_series(1, length(name_folded) - 1) AS i
    ) AS tokens
    ORDER BY 1, 2, 3
    """,
    "VACUUM ANALYZE",
)
# What the reference is, must be safe on disk when it says so; only the filling need not be.
_DURABLE = ("fsync", "full_page_writes", "synchronous_commit", "autovacuum")
_BIGRAMS = (
    "CREATE TABLE bench_bigrams AS SELECT employer_no, person_id, array_agg(token) AS bigrams FROM roster_names"
    " WHERE employer_no = '{large}' AND length(token) = 2 GROUP BY 1, 2",
    "CREATE INDEX ON bench_bigrams USING gin (bigrams)",
    "ANALYZE bench_bigrams",
)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


async def _ready(server: EmbeddedPostgres, people: int) -> asyncpg.Connection:
    """A connection of the superuser to the migrated and filled database."""
    await provision(server.url(), "enrollment", migrator_password=_SECRET, app_password=_SECRET)
    await migrate.upgrade(SERVICE, migrator_url(server.url(), "enrollment", _SECRET))
    admin = await asyncpg.connect(host=server.socket_dir, user="postgres", database="enrollment")
    if not await admin.fetchval("SELECT EXISTS (SELECT FROM roster)"):
        began = time.perf_counter()
        units = (people - _LARGE_PEOPLE) * len(_SIZES) // sum(_SIZES)
        words = {
            "surnames": f"'{_SURNAMES}'",
            "n_surnames": len(_SURNAMES),
            "given": f"'{_GIVEN}'",
            "units": units,
            "large": _LARGE_PEOPLE,
            "sizes": "{" + ",".join(map(str, _SIZES)) + "}",
            "n_sizes": len(_SIZES),
        }
        for statement in _FILL:
            await admin.execute(statement.format(**words))
        _say(f"filled in {time.perf_counter() - began:,.0f} s")
    for setting in _DURABLE:
        await admin.execute(f"ALTER SYSTEM SET {setting} = on")
    await admin.execute("SELECT pg_reload_conf()")
    return admin


def _raw_statement(employer_no: str, wanted: Wanted) -> tuple[str, list[Any]]:
    """The list's own statement as asyncpg wants it, and its values."""
    names, values = repository._asked(employer_no, wanted, _MONTH)
    values |= {"month": _MONTH.first_day(), "terminal": repository._TERMINAL, "offset": 0, "limit": 20}
    compiled = repository._statement(repository._JSON, names, after=False).compile(
        dialect=make_url("postgresql+asyncpg://").get_dialect()()
    )
    return str(compiled), [values[name] for name in compiled.positiontup or ()]


@dataclass
class _Cost:
    """What requests have cost so far, in seconds."""

    wall: float = 0
    processor: float = 0


async def _costs(server: EmbeddedPostgres, requests: Mapping[str, Callable[[], Awaitable[object]]]) -> dict[str, _Cost]:
    """The cost of one request of each kind, measured in turns."""
    costs = {name: _Cost() for name in requests}
    for round_ in range(_ROUNDS + 1):
        for name, request in requests.items():
            wall, processor = time.perf_counter(), time.process_time() + _server_time(server)
            for _ in range(_REQUESTS):
                await request()
            if round_:  # the first one warms up
                costs[name].wall += (time.perf_counter() - wall) / (_ROUNDS * _REQUESTS)
                spent = time.process_time() + _server_time(server) - processor
                costs[name].processor += spent / (_ROUNDS * _REQUESTS)
    return costs


def _server_time(server: EmbeddedPostgres) -> float:
    """Seconds of processor that the server's processes have used."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # a process that has just ended
            fields = stat.read_text().rpartition(")")[2].split()
            if fields[1] == str(server.pid):
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _asgi_request(app: Any, headers: Mapping[str, str]) -> Callable[[], Awaitable[bytes]]:
    """The route without a client's costs: the scope in, the body out."""
    body = b"{}"
    sent = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    sent += [(b"content-type", b"application/json"), (b"content-length", b"2"), (b"host", b"hall.test")]
    path = "/api/enrollment/roster/searches"

    async def request() -> bytes:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": sent,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        answered: list[Mapping[str, Any]] = []

        async def receive() -> Mapping[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Mapping[str, Any]) -> None:
            answered.append(message)

        await app(scope, receive, send)
        assert answered[0]["status"] == 200, answered
        return b"".join(message.get("body", b"") for message in answered[1:])

    return request


async def _hot_list(
    server: EmbeddedPostgres, runtime: Runtime, admin: asyncpg.Connection, keys: TestKeys, employer_no: str
) -> None:
    statement, values = _raw_statement(employer_no, Wanted())
    clerk = Clerk(account_id=uuid7(), session_id="bench", kind="agent", employer_no=employer_no)
    through_asgi = _asgi_request(build_web(runtime), keys.headers(employer_no=employer_no))

    async def raw() -> bytes:
        return str((await admin.fetchrow(statement, *values))["listing"]).encode()

    async def transaction() -> bytes:
        async with begin(runtime, scope=Scope.of(clerk)) as tx:
            page = await repository.listing(tx, employer_no, Wanted(), month=_MONTH, offset=0, limit=20)
        return page.json

    async def audited() -> bytes:
        async with begin(runtime, scope=Scope.of(clerk)) as tx:
            return await service.search(tx, clerk, RosterSearch(), month=_MONTH)

    async with begin(runtime, scope=Scope.of(clerk)) as open_tx:

        async def listed() -> bytes:
            page = await repository.listing(open_tx, employer_no, Wanted(), month=_MONTH, offset=0, limit=20)
            return page.json

        requests = {
            "raw asyncpg": raw,
            "the list": listed,
            "in its transaction": transaction,
            "with its audit row": audited,
            "whole route": through_asgi,
        }
        answers = [json.loads(await request()) for request in requests.values()]
        assert all(answer == answers[0] for answer in answers), "they must answer the same"
        costs = await _costs(server, requests)
    reference = costs["raw asyncpg"]
    for name, cost in costs.items():
        _say(
            f"  {name:20} {1 / cost.wall:7,.0f}/s, ratio {reference.wall / cost.wall:.2f};"
            f" processor {cost.processor * 1000:5.2f} ms, ratio {reference.processor / cost.processor:.2f}"
        )


async def _median_ms(request: Callable[[], Awaitable[Any]], times: int = 15) -> tuple[Any, float]:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        answer = await request()
        took.append(time.perf_counter() - began)
    return answer, sorted(took)[times // 2] * 1000


async def _searches(runtime: Runtime, admin: asyncpg.Connection) -> None:
    frequent = "SELECT token FROM roster_names WHERE employer_no = $1 AND length(token) = $2 GROUP BY 1"
    pair = await admin.fetchval(f"{frequent} ORDER BY count(*) DESC, 1 LIMIT 1", _LARGE, 2)
    usual = await admin.fetchval(f"{frequent} HAVING count(*) BETWEEN 15 AND 25 ORDER BY 1 LIMIT 1", _LARGE, 2)
    single = await admin.fetchval(f"{frequent} ORDER BY count(*) DESC, 1 LIMIT 1", _LARGE, 1)
    one = await admin.fetchrow(
        "SELECT start_month, person_id, name, id_number_index FROM roster WHERE employer_no = $1"
        " ORDER BY start_month DESC, person_id DESC OFFSET 98000 LIMIT 1",
        _LARGE,
    )
    place = Place(Month.of(one["start_month"]), one["person_id"])
    asked: Sequence[tuple[str, Wanted, dict[str, Any]]] = (
        ("everybody, first page", Wanted(), {}),
        ("everybody, row 9,980 by number", Wanted(), {"offset": 9_980}),
        ("everybody, row 98,000 by number", Wanted(), {"offset": 98_000}),
        ("everybody, row 98,000 by key", Wanted(), {"after": place}),
        ("two characters, the most frequent", Wanted(name=pair), {}),
        ("two characters, as usual", Wanted(name=usual), {}),
        ("whole name", Wanted(name=one["name"]), {}),
        ("nobody's name", Wanted(name="犇犇"), {}),
        ("one character, the most frequent", Wanted(name=single), {}),
        ("identity number", Wanted(id_number_index=one["id_number_index"]), {}),
        ("insured", Wanted(status="1"), {}),
        ("left", Wanted(status="2"), {}),
        ("ended for good", Wanted(status="4"), {}),
        ("begun in three months", Wanted(started_from=Month(2020, 1), started_to=Month(2020, 3)), {}),
    )
    async with begin(runtime, scope=Scope.unit(_LARGE)) as tx:
        for title, wanted, where in asked:
            page, ms = await _median_ms(_listing(tx, wanted, where))
            found = json.loads(page.json)
            count = "not counted" if found["total"] is None else f"{found['total']:,} people"
            _say(f"  {title:38} {ms:8.2f} ms  {'more than ' if found['more_than_total'] else ''}{count}")
    for statement in _BIGRAMS:
        await admin.execute(statement.format(large=_LARGE))
    by_gin = "SELECT count(*) FROM bench_bigrams WHERE employer_no = $1 AND bigrams @> ARRAY[$2]"
    by_tokens = "SELECT count(*) FROM roster_names WHERE employer_no = $1 AND token = $2"
    for word in (pair, usual):
        _, gin = await _median_ms(lambda word=word: admin.fetchval(by_gin, _LARGE, word))  # type: ignore[misc]
        _, tokens = await _median_ms(lambda word=word: admin.fetchval(by_tokens, _LARGE, word))  # type: ignore[misc]
        _say(f"  finding the people of two characters: tokens under a B-tree {tokens:.2f} ms, bigram GIN {gin:.2f} ms")
    await admin.execute("DROP TABLE bench_bigrams")


def _listing(tx: AsyncSession, wanted: Wanted, where: Mapping[str, Any]) -> Callable[[], Awaitable[ListedPage]]:
    place = {"offset": 0, **where}
    return lambda: repository.listing(tx, _LARGE, wanted, month=_MONTH, limit=20, **place)


async def main(people: int, folder: Path) -> None:
    """Measures and prints."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    async with AsyncExitStack() as stack:
        folder.chmod(0o755)
        server = EmbeddedPostgres(folder / "pg", throw_away=True).start()
        stack.callback(server.stop)
        admin = await _ready(server, people)
        stack.push_async_callback(admin.close)
        clock = FixedClock.on(date(2026, 3, 10))
        keys = TestKeys(clock=clock)
        settings = SERVICE.settings(
            profile="standalone",
            database_url=app_url(server.url(), "enrollment", _SECRET),
            migration_database_url=migrator_url(server.url(), "enrollment", _SECRET),
            personal_keys={"k1": random_key()},
            personal_key_id="k1",
            blind_index_key=random_key(),
            person_link_key=random_key(),
        )
        opened = open_runtime(SERVICE, settings, transport=InProcessTransport(), clock=clock, keys=keys.keys)
        runtime = await stack.enter_async_context(opened)
        rows, size = await admin.fetchrow(
            "SELECT (SELECT count(*) FROM roster), pg_size_pretty(pg_total_relation_size('roster')"
            " + pg_total_relation_size('roster_names'))"
        )
        _say(f"{rows:,} people, roster and names {size}")
        for employer_no, title in ((_SMALL, "52"), (_LARGE, f"{_LARGE_PEOPLE:,}")):
            _say(f"first page of 20 in a unit of {title} people:")
            await _hot_list(server, runtime, admin, keys, employer_no)
        _say(f"in the unit of {_LARGE_PEOPLE:,} people, median:")
        await _searches(runtime, admin)


if __name__ == "__main__":
    asked_people = int(sys.argv[1]) if len(sys.argv) > 1 else _PEOPLE
    if len(sys.argv) > 2:
        uvloop.run(main(asked_people, Path(sys.argv[2])))
    else:
        with tempfile.TemporaryDirectory(prefix="hall-bench-") as made:
            uvloop.run(main(asked_people, Path(made)))
