"""Withdrawals against approvals: `python -m tests.chaos.races [races]`. A thousand by default; the suite has a hundred.

Each race is a clerk's 撤销 and a reviewer's approval of the same application at the same moment, over HTTP and real
PostgreSQL; several races run side by side. Exactly one of the two wins, and only what it does has happened.
"""

import asyncio
import sys
from collections import Counter
from contextlib import AsyncExitStack
from datetime import date

import uvloop

from contracts.enrollment import ApplicationDecided, ApplicationWithdrawn, CoverageStarted
from enrollment.service import SERVICE
from servicekit.clock import FixedClock
from tests.integration.enrollment.desk import (
    UNIT,
    addition,
    audited,
    decide,
    deliver,
    events,
    opened,
    submitted,
    withdraw,
)
from tests.support.databases import throw_away_databases
from tests.support.harness import ServiceHarness, service_harness

_AT_ONCE = 10


async def withdraw_against_approve(hall: ServiceHarness, races: int) -> Counter[str]:
    """Runs the races; how often which of the two won. Fails where not exactly one did."""
    winners: Counter[str] = Counter()
    for first in range(0, races, _AT_ONCE):
        winners.update(
            await asyncio.gather(*(_race(hall, turn) for turn in range(first, min(first + _AT_ONCE, races))))
        )
    decided, withdrawn = await events(hall, ApplicationDecided), await events(hall, ApplicationWithdrawn)
    assert (len(decided), len(withdrawn)) == (winners["approved"], winners["withdrawn"])
    assert len(decided) + len(withdrawn) == races
    assert len(await events(hall, CoverageStarted)) == 3 * len(decided)
    return winners


async def _race(hall: ServiceHarness, turn: int) -> str:
    no = (await submitted(hall, addition()))["no"]
    calls = [withdraw(hall, no), decide(hall, no)]
    answers = await asyncio.gather(*(calls if turn % 2 else reversed(calls)))
    won = [answer for answer in answers if answer.status_code == 200]
    lost = [answer for answer in answers if answer.status_code != 200]
    assert (len(won), [answer.json()["code"] for answer in lost]) == (1, ["application_final"]), no
    status: str = won[0].json()["status"]
    ended = [
        action for action in await audited(hall, no) if action in ("application.approved", "application.withdrawn")
    ]
    assert ended == [f"application.{status}"], no
    return status


async def main(races: int) -> None:
    """Runs the races on a database of their own."""
    async with AsyncExitStack() as stack:
        databases = stack.enter_context(throw_away_databases())
        clock = FixedClock.on(date(2026, 3, 10))
        hall = await stack.enter_async_context(service_harness(SERVICE, databases, clock=clock))
        await deliver(hall, opened(UNIT))
        winners = await withdraw_against_approve(hall, races)
    print(f"{races} races: {dict(winners)}; exactly one won each")  # noqa: T201 - a command line prints


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
