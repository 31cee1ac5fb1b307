"""单位信息变更: from the bus into the review queue, and out again as a decision or a withdrawal."""

import asyncio
import random

import pytest
from sqlalchemy import func, select

from contracts.employer import ChangeRequested
from contracts.enrollment import ApplicationDecided, ApplicationSubmitted, ApplicationWithdrawn
from enrollment.applications.models import Application
from servicekit.consumer import Done, TryAgain
from servicekit.ids import uuid7
from tests.integration.enrollment.desk import (
    API,
    OTHER_UNIT,
    UNIT,
    audited,
    change_requested,
    change_taken_in,
    decide,
    deliver,
    events,
    opened,
    review,
    seen_by_all,
    shown,
    withdraw,
)
from tests.support.harness import ServiceHarness


async def test_a_request_becomes_an_application(hall: ServiceHarness) -> None:
    request = change_requested(fields=("name", "address"))
    no = await change_taken_in(hall, request)

    detail = await shown(hall, no)
    assert (detail["kind"], detail["status"]) == ("employer_change", "pending")
    assert detail["employer_name"] == "甬江智造科技有限公司"
    assert (detail["change_id"], detail["changed_fields"]) == (str(request.change_id), ["name", "address"])
    assert detail["submitted_at"] == "2026-03-09T08:30:00Z"
    seen = await review(hall, no)
    assert (seen["change_id"], seen["changed_fields"]) == (detail["change_id"], detail["changed_fields"])
    assert [(finding["code"], finding["level"]) for finding in seen["findings"]] == [
        ("unit", "ok"),
        ("identity_changes", "warning"),
    ]
    (news,) = await events(hall, ApplicationSubmitted)
    assert (news.change_id, news.submitted_by) == (request.change_id, request.requested_by)
    assert await audited(hall, no) == ["application.submitted", "application.viewed", "application.viewed"]


async def test_every_message_three_times_and_shuffled(hall: ServiceHarness) -> None:
    requests = [(uuid7(), change_requested(unit)) for unit in (UNIT, OTHER_UNIT) for _ in range(5)]
    again = [(uuid7(), request) for _, request in requests]  # the same request told by another message
    messages = requests * 3 + again
    random.Random(4).shuffle(messages)  # noqa: S311 - an order, no secret

    outcomes = await asyncio.gather(*(deliver(hall, request, id=id) for id, request in messages))

    assert {type(outcome) for outcome in outcomes} == {Done}
    async with seen_by_all(hall) as tx:
        kept = (await tx.execute(select(func.count(), func.count(Application.change_id.distinct())))).one()
    assert tuple(kept) == (10, 10)
    assert len(await events(hall, ApplicationSubmitted)) == 10


async def test_a_unit_nobody_has_told_of_yet(hall: ServiceHarness) -> None:
    newcomer, message_id = "330200000000000901", uuid7()
    request = change_requested(newcomer)

    assert isinstance(await deliver(hall, request, id=message_id), TryAgain)
    await deliver(hall, opened(newcomer))
    assert await deliver(hall, request, id=message_id) == Done()
    assert (await events(hall, ApplicationSubmitted))[0].employer_no == newcomer


@pytest.mark.parametrize("decision", ["approve", "reject"])
async def test_the_decision_tells_the_employer_service(hall: ServiceHarness, decision: str) -> None:
    request = change_requested()
    no = await change_taken_in(hall, request)

    answer = await decide(hall, no, decision, reason="材料不全" if decision == "reject" else None)

    assert answer.json()["status"] == ("approved" if decision == "approve" else "rejected")
    (news,) = await events(hall, ApplicationDecided)
    assert (news.change_id, news.decision) == (request.change_id, answer.json()["status"])
    released = [{"what": "change_released", "insurance": None, "month": None, "fields": ["address"]}]
    assert (await shown(hall, no))["effect"] == (released if decision == "approve" else [])


async def test_a_change_of_a_closed_unit_is_refused_at_the_desk(hall: ServiceHarness) -> None:
    no = await change_taken_in(hall)
    await deliver(hall, opened(UNIT, version=2).model_copy(update={"status": "closed"}))

    assert [finding["level"] for finding in (await review(hall, no))["findings"]] == ["refusal"]
    answer = await decide(hall, no)
    assert answer.json()["status"] == "rejected"
    assert "注销" in answer.json()["decision_reason"]


async def test_withdrawn_by_whoever_maintains_the_unit(hall: ServiceHarness) -> None:
    request = change_requested()
    no = await change_taken_in(hall, request)

    async def try_to_withdraw(*permissions: str) -> int:
        headers = hall.clerk(UNIT, permissions) | {"If-Match": '"v1"'}
        return (await hall.client.post(f"{API}/applications/{no}/withdrawal", headers=headers)).status_code

    assert await try_to_withdraw("query") == 403
    assert await try_to_withdraw("declare") == 403
    assert await try_to_withdraw("maintain") == 200
    (news,) = await events(hall, ApplicationWithdrawn)
    assert (news.change_id, news.application_no) == (request.change_id, no)


async def test_withdraw_against_approve_has_one_winner(hall: ServiceHarness) -> None:
    requests: list[ChangeRequested] = [change_requested() for _ in range(10)]
    for turn, request in enumerate(requests):
        no = await change_taken_in(hall, request)
        calls = [withdraw(hall, no), decide(hall, no)]
        answers = await asyncio.gather(*(calls if turn % 2 else reversed(calls)))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
    told = [news.change_id for news in await events(hall, ApplicationDecided, ApplicationWithdrawn)]
    assert sorted(told) == sorted(request.change_id for request in requests)
