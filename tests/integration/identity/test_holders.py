"""网厅账号: what operators see of the hall's accounts, and how a number that somebody else took comes free again."""

from typing import Any
from uuid import UUID

from contracts.identity import MandateRemoved, SessionEnded
from identity import demo
from tests.integration.identity.entrance import (
    PASSWORD,
    UNIT,
    Visitor,
    announced,
    audited,
    register,
    registered,
    whole_database,
)
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id


async def _operator(hall: ServiceHarness, *, raised: bool = True) -> Visitor:
    await demo.seed(hall.runtime)
    operator = await Visitor(hall).signed_in("staff", "guanli01", demo.PASSWORD)
    return await operator.step_up(demo.PASSWORD) if raised else operator


async def _found(operator: Visitor, **asked: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await operator.post("/holders/searches", asked))["items"]
    return items


async def test_a_number_that_somebody_else_took_comes_free_again(hall: ServiceHarness) -> None:
    number = resident_id()
    person = {"kind": "person", "uscc": None, "unit_name": None, "person_id_number": number}
    taken = await registered(hall, username="maoming", **person)
    thief = await Visitor(hall).signed_in("person", "maoming")
    refused = await register(hall, username="zhenzhu", person_mobile="13800572001", **person)
    assert (refused.status_code, refused.json()["code"]) == (409, "person_registered")

    operator = await _operator(hall)
    (row,) = await _found(operator, id_number=number)
    assert (row["id"], row["kind"], row["status"]) == (str(taken), "person", "open")
    assert row["id_number_masked"] == f"{number[:6]}********{number[-4:]}"
    released = await operator.post(f"/holders/{taken}/release", {"reason": "not_the_owner"})
    assert (released["status"], released["id_number_masked"]) == ("closed", None)

    assert (await thief.send("GET", "/sessions/current")).status_code == 401
    assert [news.reason for news in await announced(hall, SessionEnded)][-1] == "account_closed"
    assert (await Visitor(hall).login("person", "maoming", PASSWORD)).status_code == 401
    owner = await registered(hall, username="zhenzhu", person_mobile="13800572002", **person)
    assert {row["id"] for row in await _found(operator, id_number=number)} == {str(owner)}
    (old,) = await _found(operator, username="MaoMing")
    assert (old["status"], old["id_number_masked"]) == ("closed", None)
    assert (await audited(hall, taken))[-1] == "account.released"
    assert number not in await whole_database(hall)


async def test_an_employer_can_be_registered_again_and_mandates_end(hall: ServiceHarness) -> None:
    operator = await _operator(hall)
    (chief,) = await _found(operator, username="yongjiang")
    assert chief["uscc"] is not None
    await operator.post(f"/holders/{chief['id']}/release", {"reason": "not_the_owner"})
    await registered(hall, username="yongjiang2")

    (agent,) = await _found(operator, username="jingban01")
    await operator.post(f"/holders/{agent['id']}/release", {"reason": "owner_asked"})
    ended = {news.employer_no for news in await announced(hall, MandateRemoved) if str(news.account_id) == agent["id"]}
    assert UNIT in ended
    assert "account.released" in await audited(hall, UUID(agent["id"]))


async def test_what_is_refused(hall: ServiceHarness) -> None:
    operator = await _operator(hall, raised=False)
    (agent,) = await _found(operator, username="jingban01")
    release, reason = f"/holders/{agent['id']}/release", {"reason": "owner_asked"}
    unproven = await operator.send("POST", release, reason)
    assert (unproven.status_code, unproven.json()["code"]) == (403, "step_up_required")
    await operator.step_up(demo.PASSWORD)
    for body, status in (({}, 422), ({"reason": "because"}, 422)):
        assert (await operator.send("POST", release, body)).status_code == status
    nobody = await operator.send("POST", "/holders/searches", {})
    assert (nobody.status_code, nobody.json()["code"]) == (409, "nobody_named")
    assert await _found(operator, username="guanli02") == []  # the staff have a page of their own
    (member, *_) = (await operator.get("/staff"))["items"]
    assert (await operator.send("POST", f"/holders/{member['id']}/release", reason)).status_code == 404
    await operator.post(release, reason)
    again = await operator.send("POST", release, reason)
    assert (again.status_code, again.json()["code"]) == (409, "account_released")
