"""站内消息: what is new to whom, and how it reaches an open page."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.reporting import ReportFailed, ReportFinished
from enrollment.notices.service import forget_old_reports
from enrollment.service import SERVICE
from servicekit.consumer import Done
from servicekit.ids import uuid7
from tests.integration.enrollment.desk import (
    API,
    OTHER_UNIT,
    UNIT,
    addition,
    decide,
    deliver,
    opened,
    submitted,
    withdraw,
)
from tests.support.databases import TestDatabases
from tests.support.harness import ServiceHarness, service_harness
from tests.support.waiting import until


async def _notices(hall: ServiceHarness, headers: dict[str, str]) -> dict[str, Any]:
    answer = await hall.client.get(f"{API}/notices", headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_what_is_new_to_whom(hall: ServiceHarness) -> None:
    numbers = [(await submitted(hall, addition()))["no"] for _ in range(4)]
    await decide(hall, numbers[0])
    await decide(hall, numbers[1], "reject", reason="材料不全")
    await withdraw(hall, numbers[2])  # their own doing: no news
    one, other = hall.clerk(UNIT, account_id=uuid7()), hall.clerk(UNIT, account_id=uuid7())

    seen = await _notices(hall, one)
    assert (seen["pending"], seen["unseen"], seen["employer_no"]) == (1, 2, UNIT)
    assert [item["no"] for item in seen["items"]] == [numbers[1], numbers[0]]
    newest = seen["items"][0]["decided_at"]
    answer = await hall.client.post(f"{API}/notices/seen", json={"seen_to": newest}, headers=one)
    assert (answer.json()["unseen"], len(answer.json()["items"])) == (0, 2)
    old = {"seen_to": "2020-01-01T00:00:00Z"}
    assert (await hall.client.post(f"{API}/notices/seen", json=old, headers=one)).json()["unseen"] == 0  # never back
    assert (await _notices(hall, other))["unseen"] == 2
    elsewhere = await _notices(hall, hall.clerk(OTHER_UNIT))
    assert (elsewhere["pending"], elsewhere["unseen"], elsewhere["items"]) == (0, 0, [])


def _ended(account_id: UUID, *, took: float = 25.0, unit: str = UNIT) -> ReportFinished:
    return ReportFinished(
        job_id=uuid7(), employer_no=unit, requested_by=account_id, title="参保人员花名册", took_seconds=took
    )


async def test_the_end_of_a_long_report_is_told_to_whoever_asked_for_it(hall: ServiceHarness) -> None:
    me = uuid7()
    one, other = hall.clerk(UNIT, account_id=me), hall.clerk(UNIT, account_id=uuid7())
    ended, message = _ended(me), uuid7()
    for id in (message, message, uuid7()):  # the same message, and the same news once more
        assert isinstance(await deliver(hall, ended, id=id), Done)
    failed = ReportFailed(**dict(_ended(me)), code="source_faulty")
    await deliver(hall, failed)
    await deliver(hall, _ended(me, took=9.9))  # it came while they looked
    await deliver(hall, _ended(me, unit=OTHER_UNIT))  # of another unit of theirs

    seen = await _notices(hall, one)
    assert (seen["unseen"], seen["items"]) == (2, [])
    assert {(each["job_id"], each["failed"]) for each in seen["reports"]} == {
        (str(ended.job_id), False),
        (str(failed.job_id), True),
    }
    assert {each["title"] for each in seen["reports"]} == {"参保人员花名册"}
    newest = {"seen_to": seen["reports"][0]["told_at"]}
    assert (await hall.client.post(f"{API}/notices/seen", json=newest, headers=one)).json()["unseen"] == 0
    theirs = await _notices(hall, other)
    assert (theirs["unseen"], theirs["reports"]) == (0, [])


async def test_old_reports_are_no_news(hall: ServiceHarness) -> None:
    me = uuid7()
    await deliver(hall, _ended(me))
    await forget_old_reports(hall.runtime)
    assert len((await _notices(hall, hall.clerk(UNIT, account_id=me)))["reports"]) == 1
    hall.clock.advance(timedelta(days=30, seconds=1))
    await forget_old_reports(hall.runtime)
    assert (await _notices(hall, hall.clerk(UNIT, account_id=me)))["reports"] == []


@pytest.mark.parametrize("seen_to", ["", "2026-03-10", "2026-03-10T10:00:00", 1, None])
async def test_moments_that_are_none(hall: ServiceHarness, seen_to: Any) -> None:
    answer = await hall.client.post(f"{API}/notices/seen", json={"seen_to": seen_to}, headers=hall.clerk(UNIT))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/seen_to"


@pytest.fixture
async def patient_hall(databases: TestDatabases) -> AsyncIterator[ServiceHarness]:
    """One whose streams last long enough for something to happen meanwhile."""
    async with service_harness(SERVICE, databases, settings={"stream_seconds": 3}) as running:
        for unit in (UNIT, OTHER_UNIT):
            await deliver(running, opened(unit))
        yield running


async def test_a_decision_reaches_the_open_page(patient_hall: ServiceHarness) -> None:
    hall = patient_hall
    application = await submitted(hall, addition())
    watching = asyncio.create_task(hall.client.get(f"{API}/applications/events", headers=hall.clerk(UNIT)))

    async def being_watched() -> bool:
        return bool(hall.runtime.wakeup._subscriptions)

    await until(being_watched)
    await decide(hall, application["no"])
    await submitted(hall, addition(), unit=OTHER_UNIT)  # none of this unit's business
    answer = await watching

    assert answer.headers["content-type"].startswith("text/event-stream")
    told = [json.loads(line.removeprefix("data: ")) for line in answer.text.splitlines() if line.startswith("data: ")]
    assert [(one["pending"], one["unseen"]) for one in told][-1] == (0, 1)
    assert told[-1]["items"][0]["no"] == application["no"]
    assert {one["employer_no"] for one in told} == {UNIT}
