"""What happens at the same moment: real transactions against each other, and exactly one wins."""

import asyncio
from collections.abc import Sequence

import httpx
import pytest

from contracts.enrollment import ApplicationDecided, ApplicationSubmitted, CoverageStarted
from tests.chaos.races import withdraw_against_approve
from tests.integration.enrollment.desk import (
    OTHER_UNIT,
    UNIT,
    addition,
    decide,
    events,
    submit,
    submitted,
)
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id

ROUNDS = 8


def _statuses(answers: Sequence[httpx.Response]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


@pytest.mark.timeout(180)
async def test_withdraw_against_approve(hall: ServiceHarness) -> None:
    """The long run has a thousand: `python -m tests.chaos.races`."""
    winners = await withdraw_against_approve(hall, 100)
    assert set(winners) == {"approved", "withdrawn"}, "races that one side always wins prove nothing"


async def test_two_reviewers_at_once(hall: ServiceHarness) -> None:
    for _ in range(ROUNDS):
        application = await submitted(hall, addition())
        answers = await asyncio.gather(
            decide(hall, application["no"]),
            decide(hall, application["no"]),
            decide(hall, application["no"], "reject", reason="材料不全"),
        )
        assert _statuses(answers) == [200, 409, 409]
    assert len(await events(hall, ApplicationDecided)) == ROUNDS


async def test_same_person_declared_twice_at_once(hall: ServiceHarness) -> None:
    form = addition()
    answers = await asyncio.gather(*(submit(hall, form) for _ in range(5)))

    assert _statuses(answers) == [201, 409, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"already_pending"}
    assert len(await events(hall, ApplicationSubmitted)) == 1


async def test_same_new_person_declared_by_two_units_at_once(hall: ServiceHarness) -> None:
    for _ in range(ROUNDS):
        form = addition(resident_id())
        first, second = await asyncio.gather(submit(hall, form), submit(hall, form, unit=OTHER_UNIT))
        assert _statuses([first, second]) == [201, 201]

        answers = await asyncio.gather(decide(hall, first.json()["no"]), decide(hall, second.json()["no"]))
        assert _statuses(answers) == [200, 200]
        assert sorted(answer.json()["status"] for answer in answers) == ["approved", "rejected"]
    assert len(await events(hall, CoverageStarted)) == 3 * ROUNDS


@pytest.mark.parametrize("repeats", [5])
async def test_one_key_many_times_at_once(hall: ServiceHarness, repeats: int) -> None:
    form, headers = addition(), hall.clerk(UNIT)
    answers = await asyncio.gather(
        *(hall.client.post("/api/enrollment/additions", json=form, headers=headers) for _ in range(repeats))
    )

    numbers = {answer.json()["no"] for answer in answers if answer.status_code == 201}
    assert len(numbers) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code != 201} <= {"request_in_progress"}
    assert len(await events(hall, ApplicationSubmitted)) == 1
