"""参保人员名单: status, paging by number and by key, bounded totals, the detail in three modules, what the log says."""

import itertools
from typing import Any

import pytest
from sqlalchemy import select

from contracts.values.month import Month
from enrollment.coverage.rules import status_in
from enrollment.roster import repository
from servicekit import audit
from servicekit.paging import COUNTED
from tests.integration.enrollment.crowd import Spell, insure
from tests.integration.enrollment.desk import (
    API,
    OTHER_UNIT,
    UNIT,
    addition,
    audited,
    insured,
    seen_by,
    seen_by_all,
)
from tests.support.harness import ServiceHarness

_NOW = Month(2026, 3)


async def _page(hall: ServiceHarness, unit: str = UNIT, **wanted: Any) -> dict[str, Any]:
    answer = await hall.client.post(f"{API}/roster/searches", json=wanted, headers=hall.clerk(unit))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def _ids(hall: ServiceHarness, **wanted: Any) -> list[str]:
    return [item["person_id"] for item in (await _page(hall, page_size=200, **wanted))["items"]]


async def test_a_row_of_the_list(hall: ServiceHarness) -> None:
    form = addition(insurance_monthly_wage="8123.5")
    number = form["person"]["id_number"]
    await insured(hall, form)
    page = await _page(hall)
    person = page["items"][0]
    assert page == {"items": [person], "total": 1, "more_than_total": False, "next": None}
    assert person.pop("person_id")
    assert person == {
        "name": "沈嘉禾",
        "id_number_masked": f"{number[:6]}********{number[14:]}",
        "sex": form["person"]["sex"],
        "start_month": "2026-03",
        "stop_month": None,
        "status": "1",
        "insurances": ["310", "510", "330"],
        "monthly_wage": "8123.50",
    }


async def test_every_status_as_the_rule_has_it(hall: ServiceHarness) -> None:
    months = [Month(2026, month) for month in (1, 2, 3, 4, 5)]
    spells: list[Spell] = [
        (start, stop, reason if stop else None)
        for start, stop, reason in itertools.product(months, [None, *months], ["01", "05", "07", None])
        if stop is not None or reason is None
    ]
    people = dict(zip(await insure(hall, UNIT, spells), spells, strict=True))
    by_status: dict[str, set[str]] = {status: set() for status in "0124"}
    for person_id, (start, stop, reason) in people.items():
        by_status[status_in(_NOW, start=start, stop=stop, stop_reason=reason)].add(person_id)
    assert all(by_status.values())

    for status, expected in by_status.items():
        page = await _page(hall, status=status, page_size=200)
        assert {item["person_id"] for item in page["items"]} == expected
        assert {item["status"] for item in page["items"]} == {status}
        assert page["total"] == len(expected)


async def test_by_start_month(hall: ServiceHarness) -> None:
    early, middle, late = await insure(hall, UNIT, [(Month(2024, month), None, None) for month in (1, 6, 12)])
    assert await _ids(hall, started_from="2024-06") == [late, middle]
    assert await _ids(hall, started_to="2024-06") == [middle, early]
    assert await _ids(hall, started_from="2024-06", started_to="2024-06") == [middle]
    assert await _ids(hall, started_from="2024-07", started_to="2024-06") == []
    assert await _ids(hall, started_from="", started_to=None) == [late, middle, early]


@pytest.mark.parametrize("condition", [{}, {"name": "钱多"}, {"status": "2"}])
async def test_the_same_pages_by_number_and_by_key(hall: ServiceHarness, condition: dict[str, str]) -> None:
    """Many begin in the same month: the place in the list is the month and the person."""
    stop = Month(2025, 6) if "status" in condition else None
    await insure(hall, UNIT, [(Month(2024, 1 + number % 3), stop, "01" if stop else None) for number in range(47)])
    await insure(hall, OTHER_UNIT, [(Month(2024, 2), stop, "01" if stop else None)])

    by_number = [(await _page(hall, page=page, page_size=10, **condition)) for page in range(1, 7)]
    by_key = [await _page(hall, page_size=10, **condition)]
    while by_key[-1]["next"] is not None:
        by_key.append(await _page(hall, page_size=10, after=by_key[-1]["next"], **condition))

    assert [page["items"] for page in by_key] == [page["items"] for page in by_number[:5]]
    assert [page["next"] for page in by_number[:5]] == [page["next"] for page in by_key]
    assert len({item["person_id"] for page in by_key for item in page["items"]}) == 47
    assert {page["total"] for page in by_number} == {47}
    assert {(page["total"], page["more_than_total"]) for page in by_key[1:]} == {(None, None)}
    assert (by_number[5]["items"], by_number[5]["next"]) == ([], None)


async def test_a_full_last_page_leads_nowhere(hall: ServiceHarness) -> None:
    await insure(hall, UNIT, [(Month(2024, 1), None, None)] * 20)
    assert (await _page(hall, page_size=20))["next"] is None
    assert (await _page(hall, page_size=19))["next"] is not None


@pytest.mark.parametrize("after", ["", "x", "2024-01", "2024-01_x", "2024-13_018f0000-0000-7000-8000-0000000000aa", 5])
async def test_a_place_that_is_none(hall: ServiceHarness, after: Any) -> None:
    answer = await hall.client.post(f"{API}/roster/searches", json={"after": after}, headers=hall.clerk(UNIT))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/after"]
    assert "重新查询" in answer.json()["errors"][0]["message"]


async def test_a_place_in_another_units_list_shows_nothing_of_it(hall: ServiceHarness) -> None:
    await insure(hall, OTHER_UNIT, [(Month(2024, 1), None, None)] * 3)
    theirs = (await _page(hall, OTHER_UNIT, page_size=1))["next"]
    assert (await _page(hall, after=theirs))["items"] == []


async def test_more_than_are_counted(hall: ServiceHarness) -> None:
    await insure(hall, UNIT, [(Month(2024, 1), None, None)] * COUNTED)
    page = await _page(hall)
    assert (page["total"], page["more_than_total"]) == (COUNTED, False)
    await insure(hall, UNIT, [(Month(2024, 2), None, None)])
    for condition in ({}, {"name": "多"}, {"status": "1"}):
        page = await _page(hall, **condition)
        assert (page["total"], page["more_than_total"], len(page["items"])) == (COUNTED, True, 20)
        assert page["items"][0]["start_month"] == "2024-02"
    deep = await _page(hall, page=COUNTED // 200 + 1, page_size=200)
    assert (len(deep["items"]), deep["next"]) == (1, None)


async def test_rows_for_other_features_are_those_of_the_list(hall: ServiceHarness) -> None:
    await insure(hall, UNIT, [(Month(2024, month), None, None) for month in (1, 2, 3)])
    shown = await _page(hall, page=2, page_size=2)
    async with seen_by(hall, UNIT) as tx:
        rows, total = await repository.search(tx, UNIT, repository.Wanted(name="多多"), month=_NOW, offset=2, limit=2)
        nobody = await repository.search(tx, UNIT, repository.Wanted(name="无"), month=_NOW, offset=0, limit=2)
    assert [str(row.person_id) for row in rows] == [item["person_id"] for item in shown["items"]]
    assert [row.start_month for row in rows] == [Month(2024, 1)]
    assert (total, nobody) == (3, ([], 0))


async def test_row_level_security_alone_keeps_the_list_apart(hall: ServiceHarness) -> None:
    """Asked for another unit's list, as if the unit had not come from the token."""
    await insure(hall, OTHER_UNIT, [(Month(2024, 1), None, None)] * 3)
    for wanted in (repository.Wanted(), repository.Wanted(name="钱多"), repository.Wanted(status="1")):
        async with seen_by(hall, UNIT) as tx:
            page = await repository.listing(tx, OTHER_UNIT, wanted, month=_NOW, offset=0, limit=20)
            rows = await repository.search(tx, OTHER_UNIT, wanted, month=_NOW, offset=0, limit=20)
        assert (page.shown, rows) == (0, ([], 0))


async def test_what_the_log_says_of_a_search(hall: ServiceHarness) -> None:
    form = addition()
    number = form["person"]["id_number"]
    await insured(hall, form)
    await _page(hall, id_number=number, name="沈嘉", status="1")
    await _page(hall, page=3)
    log = audit.AUDIT_LOG
    async with seen_by_all(hall) as tx:
        rows = await tx.scalars(select(log.c.facts).where(log.c.action == "roster.searched").order_by(log.c.position))
        facts = rows.all()
    assert facts == [{"by": ["id_number", "name", "status"], "shown": 1}, {"by": [], "shown": 0}]


@pytest.mark.parametrize(
    ("path", "action"), [("removals/searches", "removable.searched"), ("people/searches", "people.searched")]
)
async def test_the_other_searches_among_the_units_people_are_in_the_log_too(
    hall: ServiceHarness, path: str, action: str
) -> None:
    form = addition()
    await insured(hall, form)
    body = {"id_number": form["person"]["id_number"]}
    assert (await hall.client.post(f"{API}/{path}", json=body, headers=hall.clerk(UNIT))).status_code == 200
    log = audit.AUDIT_LOG
    async with seen_by_all(hall) as tx:
        facts = (await tx.scalars(select(log.c.facts).where(log.c.action == action))).one()
    assert facts == {"by": ["id_number"], "shown": 1}


async def test_the_detail_in_three_modules(hall: ServiceHarness) -> None:
    form = addition(person_mobile="13877770001", person_postal_code="315000")
    application = await insured(hall, form)
    person_id = (await _ids(hall))[0]
    answer = await hall.client.get(f"{API}/roster/{person_id}", headers=hall.clerk(UNIT))
    detail = answer.json()
    assert (detail["basic"]["name"], detail["basic"]["nationality"]) == ("沈嘉禾", "01")
    assert detail["contact"] == {
        "mobile_masked": "138****0001",
        "landline": None,
        "email": None,
        "contact_address": "宁波市海曙区示范路1号",
        "postal_code": "315000",
    }
    assert detail["spell"] == {
        "status": "1",
        "start_month": "2026-03",
        "stop_month": None,
        "stop_reason": None,
        "insurances": ["310", "510", "330"],
        "person_category": "1101",
        "monthly_wage": "8000.00",
    }
    assert {(cover["insurance"], cover["started_by"], cover["stopped_by"]) for cover in detail["coverage"]} == {
        (insurance, application["no"], None) for insurance in ("310", "510", "330")
    }
    assert form["person"]["id_number"] not in answer.text
    assert "13877770001" not in answer.text
    assert (await audited(hall, person_id)).count("person.viewed") == 1
