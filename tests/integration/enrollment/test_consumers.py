"""The register's copy: redelivery, news out of order, news that can't be read."""

from sqlalchemy import select

from enrollment.employers.models import Employer
from servicekit.bus.protocol import Message
from servicekit.consumer import Done, Parked, process
from servicekit.ids import uuid7
from tests.integration.enrollment.desk import deliver, opened, seen_by_all
from tests.support.harness import ServiceHarness

NEWCOMER = "330200000000000901"


async def _name(hall: ServiceHarness) -> str:
    async with seen_by_all(hall) as tx:
        statement = select(Employer.name).where(Employer.employer_no == NEWCOMER)
        return str((await tx.execute(statement)).scalar_one())


async def test_the_same_message_three_times(hall: ServiceHarness) -> None:
    message_id, news = uuid7(), opened(NEWCOMER, name="新单位")
    outcomes = [await deliver(hall, news, id=message_id) for _ in range(3)]

    assert outcomes == [Done(), Done(duplicate=True), Done(duplicate=True)]
    assert await _name(hall) == "新单位"


async def test_older_news_is_dropped_whatever_the_order(hall: ServiceHarness) -> None:
    for version in (2, 1, 4, 3):
        assert await deliver(hall, opened(NEWCOMER, name=f"第{version}版", version=version)) == Done()

    assert await _name(hall) == "第4版"


async def test_unreadable_news_is_parked(hall: ServiceHarness) -> None:
    consumers = hall.runtime.service.consumers
    assert consumers is not None
    outcome = await process(
        hall.runtime,
        consumers.subscription("enrollment.learn_of_employer"),
        Message(str(uuid7()), "employer.employer_opened.v1", b'{"not": "an envelope"}'),
    )
    assert isinstance(outcome, Parked)


async def test_every_event_listened_to_names_enrollment() -> None:
    from enrollment.consumers import consumers

    for subscription in consumers.subscriptions:
        assert all("enrollment" in event.listeners for event in subscription.events)
