"""An agent of 500 units beside an agent of one: `python -m tests.bench.units [rounds]`. Reported, never asserted.

What the pages ask on the way in: the login, the first page of the unit chooser, a search in it, choosing, and the swap
of the session that every later request stands on. In turns, in one run, through the service's own routes on PostgreSQL;
medians, and how many times longer it takes with 500. The password's hash (21 ms) is in the login of both.
"""

import statistics
import sys
import time
from contextlib import AsyncExitStack
from uuid import UUID

import uvloop

from employer.demo import BUREAU_UNITS
from identity.directory import service as directory
from identity.mandates import service as mandates
from servicekit.db.tx import Scope, begin
from servicekit.logs import configure
from tests.integration.identity.entrance import NAMES, UNIT, Visitor, identity_service, opened, registered
from tests.support.databases import throw_away_databases
from tests.support.harness import ServiceHarness

_STEPS = ("login", "first page", "search", "choose", "swap")
_LAST = f"3302000000000{20_000 + BUREAU_UNITS}"


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


async def _agent(hall: ServiceHarness, username: str, mobile: str, units: list[str]) -> UUID:
    account = await registered(hall, kind="agent", username=username, person_mobile=mobile)
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        for number, unit in enumerate(units):
            await directory.take_news(tx, opened(unit, name=f"示例商贸有限公司{number:03d}"))
            await mandates.grant(tx, None, account, unit, ("declare", "maintain", "query", "print"))
    return account


async def _way_in(hall: ServiceHarness, username: str, searched: str) -> list[float]:
    """Milliseconds of each step."""
    visitor, took = Visitor(hall), []

    async def timed(method: str, path: str, body: object = None) -> None:
        began = time.perf_counter()
        answer = await visitor.send(method, path, body)
        took.append((time.perf_counter() - began) * 1000)
        if answer.status_code >= 300:
            raise RuntimeError(f"{path}: {answer.status_code}")

    body = {"mode": "agent", "username": username, "password": "Qiantang-Chao-2026-xin"}
    await timed("POST", "/sessions", body)
    await timed("GET", "/units?page=1&page_size=8")
    await timed("GET", f"/units?q={searched[-6:]}&page=1&page_size=8")
    await timed("POST", "/sessions/current/unit", {"employer_no": searched})
    began = time.perf_counter()
    await visitor.swap()
    took.append((time.perf_counter() - began) * 1000)
    return took


async def main(rounds: int) -> None:
    """Measures and prints."""
    configure("bench", "ERROR")
    async with AsyncExitStack() as stack:
        databases = stack.enter_context(throw_away_databases())
        hall = await stack.enter_async_context(identity_service(databases))
        async with begin(hall.runtime, scope=Scope.system()) as tx:
            await directory.take_news(tx, opened(UNIT, name=NAMES[UNIT]))
        many = [f"3302000000000{20_000 + number}" for number in range(1, BUREAU_UNITS + 1)]
        await _agent(hall, "one_unit", "13805740011", [UNIT])
        await _agent(hall, "many_units", "13805740012", many)
        ones, manys = [], []
        for _ in range(rounds):
            ones.append(await _way_in(hall, "one_unit", UNIT))
            manys.append(await _way_in(hall, "many_units", _LAST))
        for number, step in enumerate(_STEPS):
            one, other = (statistics.median(took[number] for took in all_) for all_ in (ones, manys))
            _say(f"{step:>10}: one unit {one:6.1f} ms, {BUREAU_UNITS} units {other:6.1f} ms, ratio {other / one:.2f}")


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
