"""Mandates of agents: granted, removed, felt in open sessions; what row level security leaves of the tables."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import get_args
from uuid import UUID

import pytest
from sqlalchemy import text

from contracts.identity import MandateGranted, MandateRemoved, Permission
from identity.directory import service as directory
from identity.mandates import service as mandates
from servicekit.auth.tokens import INTERNAL_AUDIENCE, verify
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from servicekit.refusals import NotFound
from tests.integration.identity.entrance import (
    MINUTE,
    NAMES,
    SCHOOL,
    SECOND_UNIT,
    UNIT,
    Visitor,
    announced,
    changed,
    delegation,
    deliver,
    opened,
    registered,
)
from tests.support.harness import ServiceHarness

ALL: tuple[Permission, ...] = get_args(Permission)


async def _agent(
    hall: ServiceHarness, units: Mapping[str, Sequence[Permission]] = MappingProxyType({})
) -> tuple[UUID, Visitor]:
    """A registered agent with mandates, signed in."""
    account_id = await registered(hall, kind="agent", username="jingban77", person_mobile="13805740077")
    for number, permissions in units.items():
        await _grant(hall, account_id, number, *permissions)
    return account_id, await Visitor(hall).signed_in("agent", "jingban77")


async def _grant(hall: ServiceHarness, account_id: UUID, employer_no: str, *permissions: Permission) -> None:
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await mandates.grant(tx, None, account_id, employer_no, permissions)


async def _remove(hall: ServiceHarness, account_id: UUID, employer_no: str) -> None:
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await mandates.remove(tx, None, account_id, employer_no)


async def test_an_agent_serves_several_employers_with_different_permissions(hall: ServiceHarness) -> None:
    account_id, visitor = await _agent(hall, {UNIT: ("declare", "query"), SCHOOL: ALL})
    units = (await visitor.get("/units"))["items"]
    assert [(unit["employer_no"], set(unit["permissions"])) for unit in units] == [
        (UNIT, {"declare", "query"}),
        (SCHOOL, set(ALL)),
    ]
    assert (await visitor.choose(UNIT)).json()["unit_name"] == NAMES[UNIT]
    claims = await visitor.claims()
    assert (claims.account_id, claims.employer_no, claims.permissions) == (
        account_id,
        UNIT,
        frozenset({"declare", "query"}),
    )
    assert (await visitor.choose(SECOND_UNIT)).status_code == 403  # same employer's code, but no mandate
    # The chooser still shows all units while one is chosen.
    assert (await visitor.get("/units"))["total"] == 2


async def test_granting_is_announced_once(hall: ServiceHarness) -> None:
    account_id, _ = await _agent(hall, {UNIT: ("query",)})
    await _grant(hall, account_id, UNIT, "query")
    (granted,) = await announced(hall, MandateGranted)
    assert (granted.account_id, granted.employer_no, granted.permissions) == (account_id, UNIT, ("query",))


async def test_removal_is_felt_in_the_open_session(hall: ServiceHarness) -> None:
    account_id, visitor = await _agent(hall, {UNIT: ALL, SCHOOL: ALL})
    await visitor.choose(UNIT)
    await _remove(hall, account_id, UNIT)
    (removed,) = await announced(hall, MandateRemoved)
    assert (removed.account_id, removed.employer_no) == (account_id, UNIT)
    claims = await visitor.claims()
    assert (claims.employer_no, claims.permissions) == (None, frozenset())
    session = await visitor.get("/sessions/current")
    assert (session["employer_no"], session["permissions"]) == (None, [])
    assert [unit["employer_no"] for unit in (await visitor.get("/units"))["items"]] == [SCHOOL]
    assert (await visitor.choose(UNIT)).status_code == 403
    assert (await visitor.choose(SCHOOL)).status_code == 200


async def test_a_removed_mandate_can_be_granted_again(hall: ServiceHarness) -> None:
    account_id, visitor = await _agent(hall, {UNIT: ALL})
    await _remove(hall, account_id, UNIT)
    await _grant(hall, account_id, UNIT, "print")
    assert (await visitor.choose(UNIT)).json()["permissions"] == ["print"]


async def test_removing_what_is_not_there(hall: ServiceHarness) -> None:
    account_id, _ = await _agent(hall)
    with pytest.raises(NotFound):
        await _remove(hall, account_id, UNIT)
    assert await announced(hall, MandateRemoved) == []


async def test_a_closed_unit_gives_no_authority(hall: ServiceHarness) -> None:
    account_id, visitor = await _agent(hall, {UNIT: ALL})
    await visitor.choose(UNIT)
    await deliver(hall, changed(UNIT, version=2, status="closed"))
    assert (await visitor.claims()).employer_no is None
    assert (await visitor.get("/units"))["total"] == 0
    assert (await delegation(hall, account_id=str(account_id), employer_no=UNIT, permission="print")).status_code == 403


async def test_a_mandate_granted_before_the_directory_hears_of_the_unit(hall: ServiceHarness) -> None:
    number = "330200000000000777"
    _, visitor = await _agent(hall, {number: ALL})
    assert (await visitor.get("/units"))["total"] == 0
    await deliver(hall, opened(number))
    assert (await visitor.get("/units"))["total"] == 1


async def test_five_hundred_employers(hall: ServiceHarness) -> None:
    """The payroll bureau's clerk: one page at a time, found by a part of name, number or code."""
    account_id, visitor = await _agent(hall)
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        for number in range(500):
            await directory.take_news(tx, opened(f"33020000000001{number:04d}", name=f"第{number}号单位"))
            await mandates.grant(tx, None, account_id, f"33020000000001{number:04d}", ALL)
    first = await visitor.get("/units")
    assert (len(first["items"]), first["total"]) == (20, 500)
    last = await visitor.get("/units?page=25")
    assert last["items"][-1]["employer_no"] == "330200000000010499"
    assert [unit["name"] for unit in (await visitor.get("/units?q=第321号"))["items"]] == ["第321号单位"]


async def test_delegation(hall: ServiceHarness) -> None:
    account_id, _ = await _agent(hall, {UNIT: ("print",)})
    ask = {"account_id": str(account_id), "employer_no": UNIT, "permission": "print"}
    answer = await delegation(hall, **ask)
    assert answer.status_code == 200
    assert answer.json()["expires_in"] == 60
    claims = await verify(answer.json()["token"], hall.runtime.keys, audience=INTERNAL_AUDIENCE, now=hall.clock.now())
    assert (claims.account_id, claims.employer_no, claims.permissions) == (account_id, UNIT, frozenset({"print"}))
    assert claims.via == "delegation"
    # It opens nothing that people use.
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert (await hall.client.get("/api/identity/units", headers=headers)).status_code == 401


@pytest.mark.parametrize(
    "change", [{"permission": "query"}, {"employer_no": SCHOOL}, {"employer_no": "x"}, {"account_id": str(uuid7())}]
)
async def test_delegation_refused(hall: ServiceHarness, change: dict[str, str]) -> None:
    account_id, _ = await _agent(hall, {UNIT: ("print",)})
    ask = {"account_id": str(account_id), "employer_no": UNIT, "permission": "print", **change}
    assert (await delegation(hall, **ask)).status_code == 403


async def test_delegation_ends_with_the_mandate(hall: ServiceHarness) -> None:
    account_id, _ = await _agent(hall, {UNIT: ALL})
    ask = {"account_id": str(account_id), "employer_no": UNIT, "permission": "print"}
    assert (await delegation(hall, **ask)).status_code == 200
    await _remove(hall, account_id, UNIT)
    assert (await delegation(hall, **ask)).status_code == 403


async def test_only_reporting_may_ask_for_delegation(hall: ServiceHarness) -> None:
    account_id, _ = await _agent(hall, {UNIT: ALL})
    ask = {"account_id": str(account_id), "employer_no": UNIT, "permission": "print"}
    for secret in ("", "wrong", "the gateway's word in these tests"):
        assert (await delegation(hall, secret=secret, **ask)).status_code == 401
    assert (await delegation(hall, **{**ask, "permission": "declare"})).status_code == 422


async def test_row_level_security_alone_shows_each_only_their_own(hall: ServiceHarness) -> None:
    agent, _ = await _agent(hall, {UNIT: ALL})
    hall.clock.advance(MINUTE)
    other = await registered(hall)
    counts = {
        "nobody": await _visible(hall, Scope.none()),
        "the agent": await _visible(hall, Scope("person", None, agent)),
        "the agent at the unit": await _visible(hall, Scope.unit(UNIT, agent)),
        "another at the unit": await _visible(hall, Scope.unit(UNIT, other)),
        "another elsewhere": await _visible(hall, Scope.unit(SCHOOL, other)),
        "a reviewer": await _visible(hall, Scope("agency", None, uuid7())),
    }
    # accounts, sessions, mandates, codes, messages, attempts
    assert counts == {
        "nobody": (0, 0, 0, 0, 0, 0),
        "the agent": (1, 1, 1, 0, 0, 0),
        "the agent at the unit": (1, 1, 1, 0, 0, 0),
        "another at the unit": (2, 0, 1, 0, 0, 0),  # a unit knows who its agents are
        "another elsewhere": (1, 0, 0, 0, 0, 0),
        "a reviewer": (0, 0, 0, 0, 0, 0),
    }


async def _visible(hall: ServiceHarness, scope: Scope) -> tuple[int, ...]:
    tables = ("accounts", "sessions", "mandates", "sms_codes", "sms_messages", "login_attempts")
    async with begin(hall.runtime, scope=scope) as tx:
        counts = [await tx.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables]  # noqa: S608 - ours
    return tuple(counts)
