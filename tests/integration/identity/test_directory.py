"""The directory of units: redelivered and old news change nothing, closed units are not offered."""

from typing import Any

from servicekit.bus.protocol import Message
from servicekit.consumer import Done, Parked, process
from servicekit.ids import uuid7
from tests.integration.identity.entrance import NAMES, SECOND_UNIT, UNIT, USCC, Visitor, changed, deliver, opened
from tests.support.harness import ServiceHarness


async def _check(visitor: Visitor, name: str, uscc: str = USCC) -> tuple[int, list[Any]]:
    answer = await visitor.send("POST", "/registrations/unit-checks", {"uscc": uscc, "unit_name": name})
    units = answer.json().get("units", [])
    return answer.status_code, [unit["employer_no"] for unit in units]


async def test_the_same_message_twice_is_done_once(hall: ServiceHarness, visitor: Visitor) -> None:
    message_id = uuid7()
    event = changed(UNIT, version=2, name="甬江智造（宁波）科技有限公司")
    assert await deliver(hall, event, id=message_id) == Done()
    assert await deliver(hall, event, id=message_id) == Done(duplicate=True)
    assert await _check(visitor, "甬江智造（宁波）科技有限公司") == (200, [UNIT, SECOND_UNIT])


async def test_the_same_news_in_another_message_changes_nothing(hall: ServiceHarness, visitor: Visitor) -> None:
    assert await deliver(hall, opened(UNIT)) == Done()
    assert await _check(visitor, NAMES[UNIT]) == (200, [UNIT, SECOND_UNIT])


async def test_older_news_is_dropped(hall: ServiceHarness, visitor: Visitor) -> None:
    await deliver(hall, changed(UNIT, version=3, name="甬江新名科技有限公司"))
    assert await deliver(hall, changed(UNIT, version=2, name="甬江旧名科技有限公司")) == Done()
    assert (await _check(visitor, "甬江新名科技有限公司"))[0] == 200
    assert (await _check(visitor, "甬江旧名科技有限公司"))[0] == 409


async def test_a_change_that_comes_before_the_opening(hall: ServiceHarness, visitor: Visitor) -> None:
    number = "330200000000000555"
    late = {"uscc": "52330200500001234A", "name": "四明山文化交流协会"}
    await deliver(hall, changed(number, version=2, **late))
    await deliver(hall, opened(number, version=1, **{**late, "name": "旧名"}))
    assert await _check(visitor, late["name"], late["uscc"]) == (200, [number])


async def test_a_closed_unit_is_no_longer_offered(hall: ServiceHarness, visitor: Visitor) -> None:
    await deliver(hall, changed(SECOND_UNIT, version=2, status="closed"))
    assert await _check(visitor, NAMES[UNIT]) == (200, [UNIT])
    await deliver(hall, changed(UNIT, version=2, status="closed"))
    assert (await _check(visitor, NAMES[UNIT]))[0] == 409


async def test_a_unit_whose_code_changed_is_found_under_the_new_one_only(
    hall: ServiceHarness, visitor: Visitor
) -> None:
    new_code = "52330200500001234A"
    await deliver(hall, changed(SECOND_UNIT, version=2, uscc=new_code))
    assert await _check(visitor, NAMES[UNIT]) == (200, [UNIT])
    assert await _check(visitor, NAMES[SECOND_UNIT], new_code) == (200, [SECOND_UNIT])


async def test_an_unreadable_message_is_parked(hall: ServiceHarness) -> None:
    consumers = hall.runtime.service.consumers
    assert consumers is not None
    message = Message(str(uuid7()), "employer.employer_opened.v1", b"{")
    outcome = await process(hall.runtime, consumers.subscriptions[0], message)
    assert isinstance(outcome, Parked)
