"""The review desk: its filters, many decisions at once, full numbers on demand."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.enrollment import ApplicationDecided, CoverageStarted
from enrollment.applications import search
from servicekit import audit
from servicekit.ids import uuid7
from tests.integration.enrollment.desk import (
    API,
    OTHER_UNIT,
    UNIT,
    addition,
    audited,
    change_requested,
    change_taken_in,
    decide,
    deliver,
    events,
    insured,
    opened,
    submit,
    submitted,
    withdraw,
)
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id


async def _page(hall: ServiceHarness, **wanted: Any) -> dict[str, Any]:
    body = {"state": "pending", **wanted}
    answer = await hall.client.post(f"{API}/reviews/searches", json=body, headers=hall.staff())
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def _queue(hall: ServiceHarness, **wanted: Any) -> list[str]:
    return [item["no"] for item in (await _page(hall, **wanted))["items"]]


async def test_the_queue_by_every_filter(hall: ServiceHarness) -> None:
    number = resident_id()
    wang = (await submitted(hall, addition(number, person_name="王小明")))["no"]
    li = (await submitted(hall, addition(person_name="李明华", insurance_reason="05"), unit=OTHER_UNIT))["no"]
    change = await change_taken_in(hall)
    await hall.drain()

    assert await _queue(hall) == [change, wang, li]  # oldest first: the change was asked for the day before
    assert await _queue(hall, order="newest") == [li, wang, change]
    assert await _queue(hall, kind="employer_change") == [change]
    assert await _queue(hall, employer="甬江") == [change, wang]
    assert await _queue(hall, employer=OTHER_UNIT) == [li]
    assert await _queue(hall, employer="%") == []
    assert await _queue(hall, name="明") == [wang, li]
    assert await _queue(hall, name="小明") == [wang]
    assert await _queue(hall, name="明小") == []
    assert await _queue(hall, id_number=number) == [wang]
    assert await _queue(hall, no=li.replace("-", "")) == [li]
    assert await _queue(hall, flagged=True) == [li]
    assert await _queue(hall, flagged=False) == [change, wang]
    assert await _queue(hall, min_age_days=1) == []
    flags = {item["no"]: item["flag"] for item in (await _page(hall))["items"]}
    assert flags == {change: "ok", wang: "ok", li: "warning"}

    hall.clock.advance(timedelta(days=3))
    assert await _queue(hall, min_age_days=3) == [change, wang, li]
    assert await _queue(hall, min_age_days=4) == []
    assert await _queue(hall, to_date="2026-03-09") == []
    assert {item["waiting_days"] for item in (await _page(hall))["items"]} == {3}
    assert "applications.searched" in await audited(hall, "pending")


async def test_a_word_that_too_many_units_have(hall: ServiceHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_MOST_EMPLOYERS", 2)
    body = {"state": "pending", "employer": "单位"}  # three of the four
    answer = await hall.client.post(f"{API}/reviews/searches", json=body, headers=hall.staff())
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/employer")


async def test_from_page_to_page_by_key(hall: ServiceHarness) -> None:
    numbers = [(await submitted(hall, addition()))["no"] for _ in range(5)]
    seen: list[str] = []
    place: str | None = None
    while len(seen) < 5:
        page = await _page(hall, page_size=2, after=place)
        assert (page["total"], page["more_than_total"]) == ((5, False) if place is None else (None, None))
        seen += [item["no"] for item in page["items"]]
        place = page["next"]
        assert (place is None) is (len(seen) == 5)
    assert seen == numbers
    for number in numbers:
        await withdraw(hall, number)
    first = await _page(hall, state="decided", page_size=3)
    rest = await _page(hall, state="decided", page_size=3, after=first["next"])
    assert [item["no"] for item in first["items"] + rest["items"]] == numbers[::-1]
    for nonsense in ("x", "2026-03-10_1", "2026-03-10T10:00:00_20260310-00000001"):
        body = {"state": "pending", "after": nonsense}
        answer = await hall.client.post(f"{API}/reviews/searches", json=body, headers=hall.staff())
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/after"


async def _decide_many(
    hall: ServiceHarness,
    items: list[tuple[str, int]],
    decision: str = "approve",
    *,
    reason: str | None = None,
    account_id: UUID | None = None,
) -> httpx.Response:
    body = {"decision": decision, "reason": reason, "items": [{"no": no, "version": v} for no, v in items]}
    headers = hall.staff(account_id=account_id)
    return await hall.client.post(f"{API}/reviews/decisions", json=body, headers=headers)


async def test_many_at_once_each_for_itself(hall: ServiceHarness) -> None:
    reviewer = uuid7()
    person = resident_id()
    good = (await submitted(hall, addition()))["no"]
    first = (await submitted(hall, addition(person)))["no"]
    beaten = (await submitted(hall, addition(person), unit=OTHER_UNIT))["no"]  # insured by UNIT in a moment
    gone = (await submitted(hall, addition()))["no"]
    await withdraw(hall, gone)
    own_request = change_requested().model_copy(update={"requested_by": reviewer})
    own = await change_taken_in(hall, own_request)
    last = (await submitted(hall, addition()))["no"]

    items = [(good, 1), (first, 1), (beaten, 1), (gone, 2), (own, 1), ("20260310-99999999", 1), (last, 7), (good, 1)]
    answer = await _decide_many(hall, items, account_id=reviewer)

    assert answer.status_code == 200, answer.text
    told = {one["no"]: (one["outcome"], one["code"]) for one in answer.json()["items"]}
    assert told == {
        good: ("approved", None),
        first: ("approved", None),
        beaten: ("rejected_by_rule", None),
        gone: ("not_decided", "application_final"),
        own: ("not_decided", "own_application"),
        "20260310-99999999": ("not_decided", "not_found"),
        last: ("not_decided", "stale"),
    }
    assert "已在其他单位" in next(one["detail"] for one in answer.json()["items"] if one["no"] == beaten)
    assert await _queue(hall) == [own, last]
    assert len(await events(hall, ApplicationDecided)) == 3
    again = await _decide_many(hall, [(good, 1)])
    assert again.json()["items"][0]["detail"].endswith("由经办机构审核员办结：审核通过")


async def test_many_rejected_for_one_reason(hall: ServiceHarness) -> None:
    numbers = [(await submitted(hall, addition()))["no"] for _ in range(3)]
    items = [(no, 1) for no in numbers]
    for reason in (None, "", "  "):
        refused = await _decide_many(hall, items, "reject", reason=reason)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (409, "/reason")
    answer = await _decide_many(hall, items, "reject", reason="重复申报")
    assert [one["outcome"] for one in answer.json()["items"]] == ["rejected"] * 3
    assert await events(hall, CoverageStarted) == []


async def test_one_that_breaks_takes_no_other_with_it(hall: ServiceHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [(await submitted(hall, addition()))["no"] for _ in range(3)]
    record = audit.record

    async def breaks(*arguments: Any, **named: Any) -> None:
        if arguments[3] == numbers[1]:
            raise RuntimeError("a fault nobody thought of")
        await record(*arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(audit, "record", breaks)
        answer = await _decide_many(hall, [(no, 1) for no in numbers])
    assert [one["outcome"] for one in answer.json()["items"]] == ["approved", "not_decided", "approved"]
    assert await _queue(hall) == [numbers[1]]


@pytest.mark.parametrize("count", [0, 201])
async def test_how_many_at_once(hall: ServiceHarness, count: int) -> None:
    answer = await _decide_many(hall, [(f"20260310-{number:08d}", 1) for number in range(count)])
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/items"


async def test_two_reviewers_take_the_same_many(hall: ServiceHarness) -> None:
    numbers = [(await submitted(hall, addition()))["no"] for _ in range(6)]
    items = [(no, 1) for no in numbers]
    answers = await asyncio.gather(_decide_many(hall, items), _decide_many(hall, items[::-1]))

    outcomes: dict[str, list[str]] = {no: [] for no in numbers}
    for answer in answers:
        for one in answer.json()["items"]:
            outcomes[one["no"]].append(one["outcome"])
    assert all(sorted(both) == ["approved", "not_decided"] for both in outcomes.values()), outcomes
    assert len(await events(hall, ApplicationDecided)) == 6
    assert len(await events(hall, CoverageStarted)) == 18


async def test_full_numbers_on_demand(hall: ServiceHarness) -> None:
    number = resident_id()
    no = (await submitted(hall, addition(number, person_mobile="13899990001")))["no"]
    path, body = f"{API}/reviews/{no}/disclosures", {"fields": ["id_number", "mobile"]}

    refused = await hall.client.post(path, json=body, headers=hall.staff())
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    assert "application.revealed" not in await audited(hall, no)

    headers = hall.staff(stepped_up=True)
    shown = await hall.client.post(path, json=body, headers=headers)
    assert shown.json() == {"id_number": number, "mobile": "13899990001"}
    assert shown.headers["cache-control"] == "no-store"
    assert (await audited(hall, no)).count("application.revealed") == 1
    missing = await hall.client.post(f"{API}/reviews/20260310-99999999/disclosures", json=body, headers=headers)
    assert missing.status_code == 404
    change = await change_taken_in(hall)
    nothing = await hall.client.post(f"{API}/reviews/{change}/disclosures", json=body, headers=headers)
    assert nothing.json() == {"id_number": None, "mobile": None}


async def test_reasons_to_pick_from(hall: ServiceHarness) -> None:
    tables = (await hall.client.get(f"{API}/dictionaries")).json()["tables"]
    assert len(tables["rejection_reasons"]) >= 5


async def test_names_are_found_whoever_handed_in_and_whatever_became_of_it(hall: ServiceHarness) -> None:
    await insured(hall, addition(person_name="欧阳明月"))
    await hall.drain()
    assert len(await _queue(hall, state="decided", name="阳明")) == 1
    await deliver(hall, opened(UNIT, name="改名后的单位", version=2))
    assert len(await _queue(hall, state="decided", employer="改名后")) == 1
    assert (await submit(hall, addition())).status_code == 201
    assert (await decide(hall, (await _queue(hall))[0])).json()["status"] == "approved"
