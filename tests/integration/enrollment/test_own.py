"""What an insured person sees of their own insurance, and that nobody sees another's."""

from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from enrollment.coverage.models import Coverage
from enrollment.employers.models import Employer
from enrollment.people.models import Person
from enrollment.recognition.models import PersonLink
from enrollment.roster.models import RosterEntry
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from tests.integration.enrollment.desk import (
    API,
    OTHER_UNIT,
    UNIT,
    addition,
    audited,
    deliver,
    insured,
    person_id_of,
    removed,
    seen_by_all,
    submitted,
)
from tests.integration.enrollment.person_desk import account_opened
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id

COVERAGE, FACTS = f"{API}/me/coverage", "/internal/me/certificate-facts"


async def two_people(hall: ServiceHarness) -> tuple[tuple[str, UUID], tuple[str, UUID]]:
    """One of UNIT and one of OTHER_UNIT: number and id."""
    mine, other = resident_id(), resident_id()
    await insured(hall, addition(mine))
    await insured(hall, addition(other, person_name="方若兰", person_mobile="13800570099"), unit=OTHER_UNIT)
    ids = await person_id_of(hall, mine), await person_id_of(hall, other, unit=OTHER_UNIT)
    return (mine, UUID(ids[0])), (other, UUID(ids[1]))


async def test_own_coverage(hall: ServiceHarness) -> None:
    (number, me), _ = await two_people(hall)
    answer = await hall.client.get(COVERAGE, headers=hall.person(me))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    items = said.pop("items")
    assert said == {
        "name": "沈嘉禾",
        "id_type_name": "居民身份证(户口簿)",
        "id_number_masked": f"{number[:6]}********{number[-4:]}",
        "mobile_masked": "138****1234",
        "month": "2026-03",
    }
    assert [(one["insurance"], one["held_by"], one["start_month"], one["status_name"]) for one in items] == [
        (insurance, "甬江智造科技有限公司", "2026-03", "正常参保") for insurance in ("310", "330", "510")
    ]
    assert number not in answer.text
    assert await audited(hall, str(me)) == ["coverage.viewed"]


async def test_a_former_unit_and_what_never_began(hall: ServiceHarness) -> None:
    number = resident_id()
    await insured(hall, addition(number))
    me = UUID(await person_id_of(hall, number))
    async with seen_by_all(hall) as tx:
        await tx.execute(text("UPDATE coverage SET start_month = '2025-01-01', stop_month = NULL"))
    await removed(hall, str(me))
    await insured(hall, addition(number, insurance_start_month="2026-04"), unit=OTHER_UNIT)
    items = (await hall.client.get(COVERAGE, headers=hall.person(me))).json()["items"]
    spells = [(one["held_by"], one["start_month"], one["stop_month"], one["status"]) for one in items[::3]]
    assert spells == [("示例单位102", "2026-04", None, "0"), ("甬江智造科技有限公司", "2025-01", "2026-03", "1")]
    # The new start is cancelled before it begins: it never was.
    await removed(hall, str(me), unit=OTHER_UNIT)
    left = (await hall.client.get(COVERAGE, headers=hall.person(me))).json()["items"]
    assert {one["employer_no"] for one in left} == {UNIT}


async def test_the_facts_of_ones_own_certificate(hall: ServiceHarness) -> None:
    (number, me), (_, other) = await two_people(hall)
    facts = (await hall.client.get(FACTS, headers=hall.person_delegate(me))).json()
    assert (facts["person_id"], facts["name"], facts["id_number"]) == (str(me), "沈嘉禾", number)
    assert facts["employers"] == [{"employer_no": UNIT, "name": "甬江智造科技有限公司"}]
    assert [(one["insurance"], one["first_month"]) for one in facts["coverages"]] == [
        ("310", "2026-03"),
        ("330", "2026-03"),
        ("510", "2026-03"),
    ]
    assert await audited(hall, str(me)) == ["person.revealed"]
    theirs = (await hall.client.get(FACTS, headers=hall.person_delegate(other))).json()
    assert theirs["name"] == "方若兰"


async def test_an_account_that_is_not_recognised_is_told_so(hall: ServiceHarness) -> None:
    answer = await hall.client.get(COVERAGE, headers=hall.person(None))
    assert (answer.status_code, answer.json()["code"]) == (403, "person_not_recognised")
    gone = await hall.client.get(COVERAGE, headers=hall.person(uuid7()))
    assert gone.status_code == 404


async def test_tokens_of_workers_and_people_open_each_their_own(hall: ServiceHarness) -> None:
    _, (_, me) = await two_people(hall)
    assert (await hall.client.get(COVERAGE, headers=hall.person_delegate(me))).status_code == 401
    assert (await hall.client.get(FACTS, headers=hall.person(me))).status_code == 401
    assert (await hall.client.get(FACTS, headers=hall.clerk(UNIT))).status_code == 401
    by_unit = f"/internal/people/{me}/certificate-facts"
    assert (await hall.client.get(by_unit, headers=hall.person_delegate(me))).status_code == 401


async def test_row_level_security_shows_a_person_what_is_theirs_and_nothing_else(hall: ServiceHarness) -> None:
    (number, me), (_, other) = await two_people(hall)
    await submitted(hall, addition())
    news = account_opened(number)
    await deliver(hall, news)
    async with begin(hall.runtime, scope=Scope("person", None, news.account_id, me)) as tx:
        assert list(await tx.scalars(select(Person.id))) == [me]
        assert set(await tx.scalars(select(Coverage.person_id))) == {me}
        assert list(await tx.scalars(select(Employer.employer_no))) == [UNIT]
        assert list(await tx.scalars(select(PersonLink.account_id))) == [news.account_id]
        assert list(await tx.scalars(select(RosterEntry.person_id))) == []
    for blind in (Scope("person", None, uuid7(), None), Scope("unit", OTHER_UNIT, None, me), Scope("none")):
        async with begin(hall.runtime, scope=blind) as tx:
            assert me not in set(await tx.scalars(select(Person.id)))
            assert me not in set(await tx.scalars(select(Coverage.person_id)))
            assert list(await tx.scalars(select(PersonLink.account_id))) == []
    assert other != me


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE people SET name = '别人'",
        "DELETE FROM coverage",
        "UPDATE person_links SET standing = 'not_found', person_id = NULL",
    ],
)
async def test_a_person_changes_nothing(hall: ServiceHarness, change: str) -> None:
    (number, me), _ = await two_people(hall)
    news = account_opened(number)
    await deliver(hall, news)
    try:
        async with begin(hall.runtime, scope=Scope("person", None, news.account_id, me)) as tx:
            assert (await tx.execute(text(change))).rowcount == 0  # type: ignore[attr-defined]  # typed as Result
    except DBAPIError as refused:
        assert "permission denied" in str(refused)  # noqa: PT017 - either the right or the row is missing
