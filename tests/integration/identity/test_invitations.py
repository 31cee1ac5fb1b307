"""Invitations: from the legal representative's words to the agent's mandate; races, enumeration, bad input."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from contracts.identity import MandateGranted
from identity.invitations.service import forget_old
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from tests.integration.identity.appointing import AGENT_MOBILE, agent, audit_of, grant, representative, signed_in_again
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
    faults,
    registered,
    whole_database,
)
from tests.support.harness import ServiceHarness

BY_NAME: dict[str, Any] = {"username": "jingban77", "permissions": ["declare", "query"]}
BY_MOBILE: dict[str, Any] = {"mobile": AGENT_MOBILE, "permissions": ["print"]}
WEEK = timedelta(days=7)


async def _received(visitor: Visitor) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await visitor.get("/invitations/mine"))["items"]
    return items


async def test_from_invitation_to_work(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    account_id, clerk = await agent(hall)
    sent = await chief.post("/invitations", {**BY_NAME, "username": "JingBan77"}, 201)
    assert (sent["username"], sent["mobile_masked"], sent["status"]) == ("jingban77", None, "pending")
    (waiting,) = await _received(clerk)
    assert (waiting["employer_no"], waiting["unit_name"]) == (UNIT, NAMES[UNIT])
    assert waiting["permissions"] == ["declare", "query"]
    assert (await clerk.get("/units"))["total"] == 0

    await clerk.post(f"/invitations/{waiting['id']}/acceptance")

    assert await _received(clerk) == []
    assert (await clerk.choose(UNIT)).json()["permissions"] == ["declare", "query"]
    (listed,) = (await chief.get("/invitations"))["items"]
    assert listed["status"] == "accepted"
    assert listed["answered_at"]
    (serving,) = (await chief.get("/mandates"))["items"]
    assert (serving["username"], serving["mobile_masked"]) == ("jingban77", "138****0077")
    (granted,) = await announced(hall, MandateGranted)
    assert (granted.account_id, granted.employer_no, granted.permissions) == (account_id, UNIT, ("declare", "query"))
    actions = [action for action, _ in await audit_of(hall, UNIT)]
    assert actions == ["invitation.sent", "mandate.granted", "invitation.accepted"]


async def test_by_mobile_before_there_is_an_account(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    sent = await chief.post("/invitations", BY_MOBILE, 201)
    assert (sent["mobile_masked"], sent["username"]) == ("138****0077", None)
    (message,) = (await Visitor(hall).post("/demo/sms-inbox", {"mobile": AGENT_MOBILE}))["messages"]
    assert NAMES[UNIT] in message["text"]
    assert "03月17日" in message["text"]
    assert message["code"] is None
    assert AGENT_MOBILE not in await whole_database(hall)
    hall.clock.advance(MINUTE)
    _, clerk = await agent(hall)
    (waiting,) = await _received(clerk)
    await clerk.post(f"/invitations/{waiting['id']}/acceptance")
    assert (await clerk.choose(UNIT)).json()["permissions"] == ["print"]


async def test_known_and_unknown_look_the_same(hall: ServiceHarness) -> None:
    """An agent, a legal representative, staff, nobody: inviting tells nothing of what accounts there are."""
    chief = await representative(hall)
    await agent(hall)
    hall.clock.advance(MINUTE)
    school = {"uscc": "12330200419500123Q", "unit_name": NAMES[SCHOOL]}
    await registered(hall, username="school_chief", person_mobile="13805740066", **school)
    for field, values in (
        ("username", ("jingban77", "school_chief", "nobody_at_all")),
        ("mobile", (AGENT_MOBILE, "13805740066", "13805740055")),
    ):
        answers = [await chief.post("/invitations", {field: v, "permissions": ["query"]}, 201) for v in values]
        shapes = [{k: v for k, v in a.items() if k not in ("id", "username", "mobile_masked")} for a in answers]
        assert shapes[0] == shapes[1] == shapes[2]
        for mobile in values if field == "mobile" else ():
            inbox = await Visitor(hall).post("/demo/sms-inbox", {"mobile": mobile})
            assert "邀请您担任经办人" in inbox["messages"][0]["text"]


async def test_only_agents_become_agents(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    hall.clock.advance(MINUTE)
    other = {"username": "school_chief", "uscc": "12330200419500123Q", "unit_name": NAMES[SCHOOL]}
    await registered(hall, person_mobile="13805740066", **other)
    sent = await chief.post("/invitations", {"username": "school_chief", "permissions": ["query"]}, 201)
    invited = await Visitor(hall).signed_in("legal_representative", "school_chief")
    for method, path in (("GET", "/invitations/mine"), ("POST", f"/invitations/{sent['id']}/acceptance")):
        refused = await invited.send(method, path)
        assert (refused.status_code, refused.json()["code"]) == (403, "agents_only")


async def test_an_agent_does_not_appoint(hall: ServiceHarness) -> None:
    account_id, clerk = await agent(hall)
    await grant(hall, account_id, UNIT, "declare", "maintain", "query", "print")
    await clerk.choose(UNIT)
    for method, path, body in (
        ("GET", "/invitations", None),
        ("POST", "/invitations", BY_MOBILE),
        ("DELETE", f"/invitations/{uuid7()}", None),
    ):
        refused = await clerk.send(method, path, body)
        assert (refused.status_code, refused.json()["code"]) == (403, "representative_only"), path


async def test_inviting_wants_the_password_once_more(hall: ServiceHarness) -> None:
    chief = await representative(hall, raised=False)
    refused = await chief.send("POST", "/invitations", BY_NAME)
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    assert (await chief.get("/invitations"))["total"] == 0


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"permissions": ["query"]}, {"/username": "addressee"}),
        ({**BY_NAME, "mobile": AGENT_MOBILE}, {"/username": "addressee"}),
        ({"username": "x", "permissions": ["query"]}, {"/username": "username_form"}),
        ({"mobile": "12345", "permissions": ["query"]}, {"/mobile": "mobile_form"}),
        ({**BY_NAME, "permissions": []}, {"/permissions": "permissions_missing"}),
    ],
)
async def test_bad_forms(hall: ServiceHarness, form: dict[str, Any], expected: dict[str, str]) -> None:
    chief = await representative(hall)
    refused = await chief.send("POST", "/invitations", form)
    assert (refused.status_code, faults(refused)) == (422, expected)


async def test_words_that_are_no_permission(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    for permissions in (["approve"], "query", [["query"]], None, [1]):
        assert (await chief.send("POST", "/invitations", {**BY_NAME, "permissions": permissions})).status_code == 422


@pytest.mark.parametrize(
    ("form", "pointer"),
    [({"username": "YONGJIANG"}, "/username"), ({"mobile": "+86 138 0574 0001"}, "/mobile")],
)
async def test_nobody_invites_themselves(hall: ServiceHarness, form: dict[str, Any], pointer: str) -> None:
    chief = await representative(hall)
    refused = await chief.send("POST", "/invitations", {**form, "permissions": ["query"]})
    assert (refused.status_code, faults(refused)) == (409, {pointer: "own_invitation"})


async def test_who_serves_the_unit_is_not_invited_again(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    account_id, _ = await agent(hall)
    await grant(hall, account_id, UNIT, "query")
    for form, pointer in ((BY_NAME, "/username"), (BY_MOBILE, "/mobile")):
        refused = await chief.send("POST", "/invitations", form)
        assert (refused.status_code, faults(refused)) == (409, {pointer: "already_serves"})
    await chief.choose(SECOND_UNIT)  # another unit of the same code is another matter
    await chief.post("/sessions/current/step-up", {"password": "Qiantang-Chao-2026-xin"})
    await chief.post("/invitations", BY_NAME, 201)


async def test_one_open_invitation_to_each(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    for form, pointer in ((BY_NAME, "/username"), (BY_MOBILE, "/mobile")):
        first = await chief.post("/invitations", form, 201)
        refused = await chief.send("POST", "/invitations", form)
        assert (refused.status_code, faults(refused)) == (409, {pointer: "already_invited"})
        assert (await chief.send("DELETE", f"/invitations/{first['id']}")).status_code == 204
        await chief.post("/invitations", form, 201)


async def test_inviting_at_the_same_moment_in_two_windows(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    windows = [chief, *[await signed_in_again(hall) for _ in range(3)]]
    answers = await asyncio.gather(*(window.send("POST", "/invitations", BY_MOBILE) for window in windows))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert len((await Visitor(hall).post("/demo/sms-inbox", {"mobile": AGENT_MOBILE}))["messages"]) == 1


async def test_a_repeated_request_is_one_invitation(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    key = {"Idempotency-Key": str(uuid7())}
    first = await chief.post("/invitations", BY_NAME, 201, **key)
    assert await chief.post("/invitations", BY_NAME, 201, **key) == first
    assert (await chief.get("/invitations"))["total"] == 1


async def test_seven_days_and_a_new_one_afterwards(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    _, clerk = await agent(hall)
    sent = await chief.post("/invitations", BY_NAME, 201)
    hall.clock.advance(WEEK)
    clerk = await Visitor(hall).signed_in("agent", "jingban77")
    assert await _received(clerk) == []
    refused = await clerk.send("POST", f"/invitations/{sent['id']}/acceptance")
    assert (refused.status_code, refused.json()["code"]) == (409, "invitation_closed")
    assert "有效期" in refused.json()["detail"]
    chief = await signed_in_again(hall)
    assert [each["status"] for each in (await chief.get("/invitations"))["items"]] == ["expired"]
    again = await chief.post("/invitations", BY_NAME, 201)
    assert [each["id"] for each in await _received(clerk)] == [again["id"]]
    assert [each["status"] for each in (await chief.get("/invitations"))["items"]] == ["pending", "expired"]


async def test_withdrawn(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    _, clerk = await agent(hall)
    sent = await chief.post("/invitations", BY_NAME, 201)
    for _ in range(2):
        assert (await chief.send("DELETE", f"/invitations/{sent['id']}")).status_code == 204
    assert await _received(clerk) == []
    for answer in ("acceptance", "refusal"):
        refused = await clerk.send("POST", f"/invitations/{sent['id']}/{answer}")
        assert (refused.status_code, refused.json()["detail"]) == (409, "单位已撤回该邀请。")
    assert [action for action, _ in await audit_of(hall, UNIT)] == ["invitation.sent", "invitation.withdrawn"]


async def test_refused(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    _, clerk = await agent(hall)
    sent = await chief.post("/invitations", BY_NAME, 201)
    for _ in range(2):
        assert (await clerk.send("POST", f"/invitations/{sent['id']}/refusal")).status_code == 204
    refused = await clerk.send("POST", f"/invitations/{sent['id']}/acceptance")
    assert (refused.status_code, refused.json()["code"]) == (409, "invitation_closed")
    assert (await chief.send("DELETE", f"/invitations/{sent['id']}")).status_code == 409
    assert await announced(hall, MandateGranted) == []
    assert [each["status"] for each in (await chief.get("/invitations"))["items"]] == ["refused"]


async def test_somebody_elses_invitation_is_not_there(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    hall.clock.advance(MINUTE)
    _, other = await agent(hall, "jingban88", "13805740088")
    sent = await chief.post("/invitations", BY_NAME, 201)
    assert await _received(other) == []
    for answer in ("acceptance", "refusal"):
        assert (await other.send("POST", f"/invitations/{sent['id']}/{answer}")).status_code == 404
        assert (await other.send("POST", f"/invitations/{uuid7()}/{answer}")).status_code == 404
    assert (await other.send("POST", "/invitations/nonsense/acceptance")).status_code == 422
    await chief.choose(SECOND_UNIT)
    assert (await chief.get("/invitations"))["total"] == 0
    assert (await chief.send("DELETE", f"/invitations/{sent['id']}")).status_code == 404


async def test_accepting_many_times_at_once_has_one_effect(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    _, clerk = await agent(hall)
    sent = await chief.post("/invitations", BY_NAME, 201)
    path = f"/invitations/{sent['id']}/acceptance"
    answers = await asyncio.gather(*(clerk.send("POST", path) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await announced(hall, MandateGranted)) == 1
    assert (await chief.get("/mandates"))["total"] == 1
    assert [action for action, _ in await audit_of(hall, UNIT)].count("invitation.accepted") == 1


async def test_two_invitations_of_one_unit_accepted_at_once(hall: ServiceHarness) -> None:
    """By username and by mobile: one of them counts, whichever is first, and the other is closed with it."""
    chief = await representative(hall)
    _, clerk = await agent(hall)
    sent = [await chief.post("/invitations", form, 201) for form in (BY_NAME, BY_MOBILE)]
    paths = [f"/invitations/{each['id']}/acceptance" for each in sent]
    answers = await asyncio.gather(*(clerk.send("POST", path) for path in paths))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await announced(hall, MandateGranted)) == 1
    statuses = {each["status"] for each in (await chief.get("/invitations"))["items"]}
    assert statuses == {"accepted", "superseded"}


async def test_withdrawing_against_accepting(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    _, clerk = await agent(hall)
    for _ in range(3):
        sent = await chief.post("/invitations", BY_NAME, 201)
        withdrawn, accepted = await asyncio.gather(
            chief.send("DELETE", f"/invitations/{sent['id']}"),
            clerk.send("POST", f"/invitations/{sent['id']}/acceptance"),
        )
        assert (withdrawn.status_code, accepted.status_code) in ((204, 409), (409, 200))
        serving = (await chief.get("/mandates"))["items"]
        assert len(serving) == (accepted.status_code == 200)
        for each in serving:
            assert (await chief.send("DELETE", f"/mandates/{each['mandate_id']}")).status_code == 204


async def test_accepted_twice_after_a_removal_does_not_bring_anybody_back(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    _, clerk = await agent(hall)
    sent = await chief.post("/invitations", BY_NAME, 201)
    path = f"/invitations/{sent['id']}/acceptance"
    await clerk.post(path)
    (serving,) = (await chief.get("/mandates"))["items"]
    await chief.send("DELETE", f"/mandates/{serving['mandate_id']}")
    await clerk.send("POST", path)
    assert (await clerk.get("/units"))["total"] == 0


async def test_already_an_agent_by_another_way(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    account_id, clerk = await agent(hall)
    sent = await chief.post("/invitations", BY_NAME, 201)
    await grant(hall, account_id, UNIT, "print")
    refused = await clerk.send("POST", f"/invitations/{sent['id']}/acceptance")
    assert (refused.status_code, refused.json()["code"]) == (409, "already_agent")
    assert (await clerk.send("POST", f"/invitations/{sent['id']}/refusal")).status_code == 204


async def test_a_closed_unit_takes_nobody(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    _, clerk = await agent(hall)
    sent = await chief.post("/invitations", BY_NAME, 201)
    await deliver(hall, changed(UNIT, version=2, status="closed"))
    assert await _received(clerk) == []
    refused = await clerk.send("POST", f"/invitations/{sent['id']}/acceptance")
    assert (refused.status_code, refused.json()["code"]) == (409, "unit_closed")


async def test_not_again_and_again(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    for _ in range(3):
        sent = await chief.post("/invitations", BY_MOBILE, 201)
        await chief.send("DELETE", f"/invitations/{sent['id']}")
    refused = await chief.send("POST", "/invitations", BY_MOBILE)
    assert (refused.status_code, faults(refused)) == (429, {"/mobile": "too_many"})
    assert len((await Visitor(hall).post("/demo/sms-inbox", {"mobile": AGENT_MOBILE}))["messages"]) == 3
    hall.clock.advance(timedelta(days=1))
    chief = await signed_in_again(hall)
    await chief.post("/invitations", BY_MOBILE, 201)


async def test_an_agent_with_a_chosen_unit_sees_invitations_of_others(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    account_id, clerk = await agent(hall)
    await grant(hall, account_id, SCHOOL, "query")
    await clerk.choose(SCHOOL)
    sent = await chief.post("/invitations", BY_NAME, 201)
    assert [each["id"] for each in await _received(clerk)] == [sent["id"]]
    await clerk.post(f"/invitations/{sent['id']}/acceptance")
    assert (await clerk.get("/units"))["total"] == 2
    assert (await clerk.claims()).employer_no == SCHOOL


async def test_an_account_without_a_mobile_gets_only_what_names_it(hall: ServiceHarness) -> None:
    """Compared with nothing, every invitation by username would be theirs."""
    chief = await representative(hall)
    account_id, clerk = await agent(hall)
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        nothing = text("UPDATE accounts SET mobile = NULL, mobile_index = NULL, mobile_masked = NULL WHERE id = :id")
        await tx.execute(nothing, {"id": account_id})
    await chief.post("/invitations", {"username": "somebody_else", "permissions": ["query"]}, 201)
    assert await _received(clerk) == []


async def test_old_invitations_are_forgotten(hall: ServiceHarness) -> None:
    chief = await representative(hall)
    await chief.post("/invitations", BY_MOBILE, 201)
    hall.clock.advance(WEEK + timedelta(days=90))
    await forget_old(hall.runtime)
    chief = await signed_in_again(hall)
    assert (await chief.get("/invitations"))["total"] == 1
    hall.clock.advance(MINUTE)
    await forget_old(hall.runtime)
    assert (await chief.get("/invitations"))["total"] == 0
