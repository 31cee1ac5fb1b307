"""Recognising insured persons' accounts: at once, later, never for the wrong one, and once however often it is told."""

import pytest
from sqlalchemy import update

from contracts.enrollment import PersonRecognised
from enrollment.people.models import Person
from enrollment.recognition.service import try_again
from servicekit.consumer import Done
from servicekit.ids import uuid7
from tests.integration.enrollment.desk import (
    API,
    UNIT,
    addition,
    audited,
    decide,
    deliver,
    events,
    insured,
    person_id_of,
    seen_by_all,
    submitted,
)
from tests.integration.enrollment.person_desk import MOBILE, NAME, account_changed, account_opened, standing
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id

OTHER_MOBILE = "13800579876"


async def recognised(hall: ServiceHarness) -> list[tuple[str, str]]:
    """Every recognition announced so far."""
    return [(str(one.account_id), str(one.person_id)) for one in await events(hall, PersonRecognised)]


async def test_number_name_and_mobile_agree(hall: ServiceHarness) -> None:
    number = resident_id()
    await insured(hall, addition(number))
    person_id, news = await person_id_of(hall, number), account_opened(number)
    assert await deliver(hall, news) == Done()
    assert await recognised(hall) == [(str(news.account_id), person_id)]
    assert await standing(hall, news.account_id) == "recognised"
    assert "person.recognised" in await audited(hall, person_id)


async def test_the_news_come_again_older_and_later(hall: ServiceHarness) -> None:
    number = resident_id()
    await insured(hall, addition(number))
    news, message = account_opened(number), uuid7()
    await deliver(hall, account_changed(news, number, version=3))
    for id in (message, message, uuid7()):
        assert isinstance(await deliver(hall, news, id=id), Done)  # older than what is known
    # Once recognised an account stays that person's, whatever it says afterwards.
    await deliver(hall, account_changed(news, number, version=4, mobile=OTHER_MOBILE))
    await try_again(hall.runtime)
    assert len(await recognised(hall)) == 1
    assert await standing(hall, news.account_id) == "recognised"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"mobile": OTHER_MOBILE}, "mobile_differs"),
        ({"mobile": None}, "mobile_differs"),
        ({"name": "沈佳禾"}, "not_found"),
        ({"name": "沈佳禾", "vouched": True}, "not_found"),
        ({"mobile": OTHER_MOBILE, "vouched": True}, "recognised"),
    ],
)
async def test_what_does_not_agree(hall: ServiceHarness, changes: dict[str, object], expected: str) -> None:
    number = resident_id()
    await insured(hall, addition(number))
    news = account_opened(number, **changes)  # type: ignore[arg-type]  # one table for all of its arguments
    await deliver(hall, news)
    assert await standing(hall, news.account_id) == expected
    assert len(await recognised(hall)) == (expected == "recognised")


async def test_an_account_that_nobody_told_of_is_still_checked(hall: ServiceHarness) -> None:
    assert await standing(hall, uuid7()) == "checking"


async def test_it_waits_until_the_person_is_there(hall: ServiceHarness) -> None:
    number = resident_id()
    news = account_opened(number)
    await deliver(hall, news)
    assert await standing(hall, news.account_id) == "not_found"
    application = await submitted(hall, addition(number))
    await try_again(hall.runtime)
    assert await standing(hall, news.account_id) == "not_found"  # an undecided declaration fixes nobody's name
    await decide(hall, application["no"])
    await try_again(hall.runtime)
    await try_again(hall.runtime)
    assert await recognised(hall) == [(str(news.account_id), await person_id_of(hall, number))]


async def test_it_is_tried_again_when_the_employer_has_corrected_the_mobile(hall: ServiceHarness) -> None:
    number = resident_id()
    await insured(hall, addition(number))
    person_id, news = await person_id_of(hall, number), account_opened(number, mobile=OTHER_MOBILE)
    await deliver(hall, news)
    await try_again(hall.runtime)
    assert await standing(hall, news.account_id) == "mobile_differs"
    version = (await hall.client.get(f"{API}/people/{person_id}", headers=hall.clerk(UNIT))).headers["ETag"]
    corrected = await hall.client.put(
        f"{API}/people/{person_id}/contact",
        json={"household_kind": "11", "contact_address": "宁波市海曙区示范路1号", "mobile": OTHER_MOBILE},
        headers=hall.clerk(UNIT) | {"If-Match": version},
    )
    assert corrected.status_code == 200, corrected.text
    await try_again(hall.runtime)
    assert await recognised(hall) == [(str(news.account_id), person_id)]


async def test_it_is_tried_again_when_the_account_has_another_mobile(hall: ServiceHarness) -> None:
    number = resident_id()
    await insured(hall, addition(number))
    news = account_opened(number, mobile=OTHER_MOBILE)
    await deliver(hall, news)
    await deliver(hall, account_changed(news, number, mobile=MOBILE, name=NAME))
    assert await standing(hall, news.account_id) == "recognised"


async def test_people_of_before_get_their_index(hall: ServiceHarness) -> None:
    numbers = [resident_id() for _ in range(3)]
    for number in numbers:
        await insured(hall, addition(number))
    async with seen_by_all(hall) as tx:
        await tx.execute(update(Person).values(link_index=None))
    news = account_opened(numbers[1])
    await deliver(hall, news)
    assert await standing(hall, news.account_id) == "not_found"
    await try_again(hall.runtime)
    assert await recognised(hall) == [(str(news.account_id), await person_id_of(hall, numbers[1]))]


async def test_nobody_sees_how_another_account_stands(hall: ServiceHarness) -> None:
    number = resident_id()
    await insured(hall, addition(number))
    news = account_opened(number)
    await deliver(hall, news)
    assert await standing(hall, uuid7()) == "checking"
    for headers in (hall.clerk(UNIT), hall.staff(), {}):
        answer = await hall.client.get(f"{API}/me/recognition", headers=headers)
        assert answer.status_code in (401, 403)
