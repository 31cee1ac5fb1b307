"""The billing roster: news that comes again, out of order, or too early."""

import random

import pytest

from contracts.base import Event
from servicekit.consumer import Done, Parked, TryAgain
from servicekit.ids import uuid7
from tests.integration.employer.office import (
    UNIT,
    assess,
    base_changed,
    deliver,
    ledger,
    rows,
    started,
    stopped,
)
from tests.support.harness import ServiceHarness

_ROSTER = "SELECT * FROM roster ORDER BY coverage_id"


@pytest.mark.parametrize("seed", range(3))
async def test_every_message_three_times_and_shuffled_is_one_effect(hall: ServiceHarness, seed: int) -> None:
    news: list[Event] = []
    starts = []
    for number in range(8):
        start = started(month="2025-11", wage=f"{5200 + number * 100}.00")
        starts.append(start)
        news += [start, base_changed(start, "2026-01", f"{7000 + number * 100}.00")]
        if number % 2:
            news.append(stopped(start, "2026-02", version=3))
    messages = [(uuid7(), event) for event in news] * 3
    random.Random(seed).shuffle(messages)  # noqa: S311  the same order in every run
    waiting = messages
    while waiting:  # what comes too early is delivered again, as the retry tiers do
        outcomes = [(message, await deliver(hall, message[1], id=message[0])) for message in waiting]
        assert not [outcome for _, outcome in outcomes if isinstance(outcome, Parked)]
        early = [message for message, outcome in outcomes if isinstance(outcome, TryAgain)]
        assert len(early) < len(waiting)
        waiting = early
    assert len(await rows(hall, _ROSTER)) == 8
    await assess(hall, "2026-03")
    for number, start in enumerate(starts):
        wages = {month: base for month, _, base, _, _ in await ledger(hall, start.person_id)}
        before, after = f"{5200 + number * 100}.00", f"{7000 + number * 100}.00"
        expected = {"2025-11": before, "2025-12": before, "2026-01": after}
        assert wages == expected if number % 2 else wages == {**expected, "2026-02": after, "2026-03": after}


async def test_the_same_message_again_is_a_duplicate(hall: ServiceHarness) -> None:
    message_id, start = uuid7(), started()
    assert await deliver(hall, start, id=message_id) == Done(duplicate=False)
    assert await deliver(hall, start, id=message_id) == Done(duplicate=True)


async def test_old_news_under_a_new_id_is_dropped(hall: ServiceHarness) -> None:
    start = started()
    await deliver(hall, start)
    await deliver(hall, stopped(start, "2026-03"))
    before = await rows(hall, _ROSTER)
    assert await deliver(hall, started(coverage_id=start.coverage_id, month="2025-06")) == Done()
    assert await deliver(hall, base_changed(start, "2026-01", "1.00")) == Done()
    assert await rows(hall, _ROSTER) == before


async def test_a_gap_is_retried_until_it_is_filled(hall: ServiceHarness) -> None:
    start = started()
    end = stopped(start, "2026-03", version=3)
    message_id = uuid7()
    assert isinstance(await deliver(hall, end, id=message_id), TryAgain)
    await deliver(hall, start)
    assert isinstance(await deliver(hall, end, id=message_id), TryAgain)
    await deliver(hall, base_changed(start, "2026-02", "9000.00"))
    assert await deliver(hall, end, id=message_id) == Done()
    (found,) = await rows(hall, "SELECT version, to_char(stop_month, 'YYYY-MM') AS stop, wage::text FROM roster")
    assert tuple(found) == (3, "2026-03", "9000.00")


async def test_news_of_a_unit_that_is_not_open_yet_waits(empty_hall: ServiceHarness) -> None:
    assert isinstance(await deliver(empty_hall, started(employer_no=UNIT)), TryAgain)
