"""The unit's agents: listed, changed, removed by the legal representative; mandates seen and given back by agents."""

import asyncio
from typing import Any, get_args

from contracts.identity import MandateChanged, MandateRemoved, Permission
from identity.directory import service as directory
from identity.mandates import service as mandates
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from tests.integration.identity.appointing import agent, audit_of, grant, representative, signed_in_again
from tests.integration.identity.entrance import (
    MINUTE,
    NAMES,
    SCHOOL,
    SECOND_UNIT,
    UNIT,
    Visitor,
    announced,
    changed,
    deliver,
    opened,
)
from tests.support.harness import ServiceHarness

ALL: tuple[Permission, ...] = get_args(Permission)


async def _serving(hall: ServiceHarness, *permissions: Any) -> tuple[Visitor, Visitor, dict[str, Any]]:
    """A legal representative, an agent of the unit who has chosen it, and the agent as the unit sees them."""
    chief = await representative(hall)
    account_id, clerk = await agent(hall)
    await grant(hall, account_id, UNIT, *(permissions or ALL))
    await clerk.choose(UNIT)
    (listed,) = (await chief.get("/mandates"))["items"]
    return chief, clerk, listed


async def _seen(chief: Visitor, mandate_id: str) -> str:
    answer = await chief.send("GET", f"/mandates/{mandate_id}")
    assert answer.status_code == 200
    return answer.headers["etag"]


async def test_changed_permissions_are_in_the_next_token_of_the_open_session(hall: ServiceHarness) -> None:
    chief, clerk, listed = await _serving(hall)
    path = f"/mandates/{listed['mandate_id']}"
    etag = await _seen(chief, listed["mandate_id"])
    answer = await chief.send("PUT", path, {"permissions": ["print", "query"]}, **{"If-Match": etag})
    assert (answer.status_code, answer.json()["permissions"]) == (200, ["query", "print"])
    assert answer.headers["etag"] != etag
    assert (await clerk.claims()).permissions == frozenset({"query", "print"})
    (news,) = await announced(hall, MandateChanged)
    assert (news.employer_no, news.permissions) == (UNIT, ("query", "print"))
    action, facts = (await audit_of(hall, UNIT))[-1]
    assert (action, facts["before"], facts["after"]) == ("mandate.changed", list(ALL), ["query", "print"])


async def test_the_same_permissions_are_no_change(hall: ServiceHarness) -> None:
    chief, _, listed = await _serving(hall)
    etag = await _seen(chief, listed["mandate_id"])
    body = {"permissions": [*reversed(ALL), "print"]}
    answer = await chief.send("PUT", f"/mandates/{listed['mandate_id']}", body, **{"If-Match": etag})
    assert (answer.status_code, answer.headers["etag"]) == (200, etag)
    assert await announced(hall, MandateChanged) == []


async def test_who_changed_it_meanwhile_is_not_overwritten(hall: ServiceHarness) -> None:
    chief, _, listed = await _serving(hall)
    path, etag = f"/mandates/{listed['mandate_id']}", await _seen(chief, listed["mandate_id"])
    windows = [chief, *[await signed_in_again(hall) for _ in range(2)]]
    wanted = (["declare"], ["query"], ["print"])
    answers = await asyncio.gather(
        *(
            window.send("PUT", path, {"permissions": permissions}, **{"If-Match": etag})
            for window, permissions in zip(windows, wanted, strict=True)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]
    assert len(await announced(hall, MandateChanged)) == 1
    assert (await chief.send("PUT", path, {"permissions": ["query"]})).status_code == 428


async def test_changing_wants_the_password_once_more_and_a_permission(hall: ServiceHarness) -> None:
    chief, _, listed = await _serving(hall)
    path, etag = f"/mandates/{listed['mandate_id']}", {"If-Match": await _seen(chief, listed["mandate_id"])}
    assert (await chief.send("PUT", path, {"permissions": []}, **etag)).status_code == 422
    other = await signed_in_again(hall, raised=False)
    refused = await other.send("PUT", path, {"permissions": ["query"]}, **etag)
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")


async def test_removal_ends_the_authority_and_the_token_says_which_unit_was_lost(hall: ServiceHarness) -> None:
    chief, clerk, listed = await _serving(hall)
    path = f"/mandates/{listed['mandate_id']}"
    assert (await chief.send("DELETE", path)).status_code == 204
    claims = await clerk.claims()
    assert (claims.employer_no, claims.permissions, claims.lost_unit) == (None, frozenset(), UNIT)
    assert (await chief.send("DELETE", path)).status_code == 404
    (news,) = await announced(hall, MandateRemoved)
    assert str(news.mandate_id) == listed["mandate_id"]
    assert (await clerk.choose(UNIT)).json()["code"] == "no_mandate"
    assert [action for action, _ in await audit_of(hall, UNIT)] == ["mandate.granted", "mandate.removed"]


async def test_removing_at_the_same_moment_in_two_windows(hall: ServiceHarness) -> None:
    chief, _, listed = await _serving(hall)
    windows = [chief, await signed_in_again(hall, raised=False)]
    answers = await asyncio.gather(*(each.send("DELETE", f"/mandates/{listed['mandate_id']}") for each in windows))
    assert sorted(answer.status_code for answer in answers) == [204, 404]
    assert len(await announced(hall, MandateRemoved)) == 1


async def test_a_unit_sees_its_own_agents_only(hall: ServiceHarness) -> None:
    chief, clerk, listed = await _serving(hall)
    account_id = (await clerk.claims()).account_id
    await grant(hall, account_id, SCHOOL, "query")
    await chief.choose(SECOND_UNIT)
    assert (await chief.get("/mandates"))["total"] == 0
    for method in ("GET", "DELETE"):
        assert (await chief.send(method, f"/mandates/{listed['mandate_id']}")).status_code == 404
        assert (await chief.send(method, f"/mandates/{uuid7()}")).status_code == 404


async def test_agents_are_found_by_name_and_username_page_by_page(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    for number, name in enumerate(("林知夏", "沈青禾", "陆知秋")):
        hall.clock.advance(MINUTE)
        account_id, _ = await agent(hall, f"jingban8{number}", f"1380574008{number}", name)
        await grant(hall, account_id, UNIT, "query")
    found = await chief.get("/mandates?q=知")
    assert [each["display_name"] for each in found["items"]] == ["林知夏", "陆知秋"]
    assert (await chief.get("/mandates?q=JINGBAN81"))["items"][0]["display_name"] == "沈青禾"
    second = await chief.get("/mandates?page=2&page_size=2")
    assert (second["total"], [each["username"] for each in second["items"]]) == (3, ["jingban82"])
    assert (await chief.get("/mandates?q=%25"))["total"] == 0


async def test_an_agent_does_not_see_or_change_the_others(hall: ServiceHarness) -> None:
    chief, clerk, listed = await _serving(hall)
    path = f"/mandates/{listed['mandate_id']}"
    for method, target, body in (
        ("GET", "/mandates", None),
        ("GET", path, None),
        ("PUT", path, {"permissions": ["query"]}),
        ("DELETE", path, None),
    ):
        refused = await clerk.send(method, target, body, **{"If-Match": '"v1"'})
        assert (refused.status_code, refused.json()["code"]) == (403, "representative_only"), method
    assert (await chief.get("/mandates"))["total"] == 1


async def test_an_agent_gives_a_mandate_back(hall: ServiceHarness) -> None:
    chief, clerk, listed = await _serving(hall)
    account_id = (await clerk.claims()).account_id
    await grant(hall, account_id, SCHOOL, "query")
    mine = (await clerk.get("/mandates/mine"))["items"]
    assert [(each["employer_no"], each["unit_name"], each["unit_open"]) for each in mine] == [
        (UNIT, NAMES[UNIT], True),
        (SCHOOL, NAMES[SCHOOL], True),
    ]
    assert (await clerk.get("/mandates/mine?q=小学"))["total"] == 1
    path = f"/mandates/mine/{listed['mandate_id']}"
    assert (await clerk.send("DELETE", path)).status_code == 204
    assert (await clerk.send("DELETE", path)).status_code == 404
    assert (await clerk.claims()).lost_unit == UNIT
    assert [each["employer_no"] for each in (await clerk.get("/mandates/mine"))["items"]] == [SCHOOL]
    assert (await chief.get("/mandates"))["total"] == 0
    refused = await chief.send("GET", "/mandates/mine")
    assert (refused.status_code, refused.json()["code"]) == (403, "agents_only")


async def test_nobody_gives_back_what_is_anothers(hall: ServiceHarness) -> None:
    chief, _, listed = await _serving(hall)
    hall.clock.advance(MINUTE)
    other_id, other = await agent(hall, "jingban88", "13805740088")
    await grant(hall, other_id, UNIT, "query")
    await other.choose(UNIT)
    assert (await other.send("DELETE", f"/mandates/mine/{listed['mandate_id']}")).status_code == 404
    assert (await chief.get("/mandates"))["total"] == 2


async def test_a_closed_unit_can_still_be_left(hall: ServiceHarness) -> None:
    _, clerk, listed = await _serving(hall)
    await deliver(hall, changed(UNIT, version=2, status="closed"))
    (mine,) = (await clerk.get("/mandates/mine"))["items"]
    assert not mine["unit_open"]
    assert (await clerk.send("DELETE", f"/mandates/mine/{listed['mandate_id']}")).status_code == 204


async def test_five_hundred_employers(hall: ServiceHarness) -> None:
    """The payroll bureau's clerk: one page at a time, found by a part of name or number; each unit sees one agent."""
    account_id, clerk = await agent(hall)
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        for number in range(500):
            employer_no = f"33020000000001{number:04d}"
            await directory.take_news(
                tx, opened(employer_no, name=f"第{number}号单位", uscc=f"9133020000000{number:05d}")
            )
            await mandates.grant(tx, None, account_id, employer_no, ALL)
    first = await clerk.get("/mandates/mine")
    assert (len(first["items"]), first["total"]) == (20, 500)
    assert [each["unit_name"] for each in (await clerk.get("/mandates/mine?q=第321号"))["items"]] == ["第321号单位"]
    for number in (0, 499, 250):  # to and fro without signing in again
        assert (await clerk.choose(f"33020000000001{number:04d}")).json()["unit_name"] == f"第{number}号单位"
