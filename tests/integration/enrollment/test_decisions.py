"""Decisions: what the checks found, what the approval did, who is told what; and the ones nobody made by hand."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select, update

from contracts.enrollment import ApplicationDecided, ApplicationSubmitted, CoverageStarted
from enrollment.applications.models import Application
from enrollment.coverage.models import Coverage
from servicekit import audit
from servicekit.consumer import Done
from servicekit.ids import uuid7
from tests.integration.enrollment.desk import (
    API,
    UNIT,
    addition,
    audited,
    change_requested,
    change_taken_in,
    decide,
    deliver,
    events,
    insured,
    review,
    seen_by_all,
    set_automatic,
    shown,
    submitted,
    withdraw,
)
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id


async def _flag(hall: ServiceHarness, no: str) -> str | None:
    async with seen_by_all(hall) as tx:
        flag: str | None = (await tx.execute(select(Application.flag).where(Application.no == no))).scalar_one()
        return flag


async def test_what_an_approval_did_is_kept(hall: ServiceHarness) -> None:
    application = await insured(hall, addition())
    effect = (await shown(hall, application["no"]))["effect"]

    assert [(one["what"], one["insurance"], one["month"]) for one in effect] == [
        ("coverage_started", code, "2026-03") for code in ("310", "510", "330")
    ]
    async with seen_by_all(hall) as tx:
        kept = (await tx.execute(select(Application.effect))).scalar_one()
        started = set(await tx.scalars(select(Coverage.id)))
    assert {one["coverage_id"] for one in kept or []} == {str(one) for one in started}


async def test_a_rejection_did_nothing(hall: ServiceHarness) -> None:
    application = await submitted(hall, addition())
    await decide(hall, application["no"], "reject", reason="材料不全")
    assert (await shown(hall, application["no"]))["effect"] == []


async def test_whoever_comes_second_hears_who_and_what(hall: ServiceHarness) -> None:
    approved = await insured(hall, addition())
    second = await decide(hall, approved["no"], "reject", reason="材料不全")
    assert second.json()["code"] == "application_final"
    assert second.json()["detail"] == "该申报已于 2026-03-10 10:00 由经办机构审核员办结：审核通过"

    withdrawn = await submitted(hall, addition())
    await withdraw(hall, withdrawn["no"])
    late = await decide(hall, withdrawn["no"])
    assert late.json()["detail"].endswith("由申报单位办结：已撤销")


async def test_a_new_mobile_that_looks_like_the_old_one_is_shown(hall: ServiceHarness) -> None:
    number = resident_id()
    await insured(hall, addition(number, person_mobile="13800571234"))
    async with seen_by_all(hall) as tx:
        await tx.execute(update(Coverage).values(stop_month=Coverage.start_month))
    again = await submitted(hall, addition(number, person_mobile="13899991234"))

    (change,) = (await review(hall, again["no"]))["changes"]
    assert (change["field"], change["before"], change["after"]) == ("mobile", "138****1234", "138****1234")
    assert "隐去的部分" in change["note"]


async def test_the_clerks_look_is_audited(hall: ServiceHarness) -> None:
    application = await submitted(hall, addition())
    await shown(hall, application["no"])
    assert await audited(hall, application["no"]) == ["application.submitted", "application.viewed"]


async def test_the_checks_run_on_whatever_is_handed_in(hall: ServiceHarness) -> None:
    clean = await submitted(hall, addition())
    odd = await submitted(hall, addition(insurance_reason="05"))  # 灵活转职工 of somebody who isn't
    assert await _flag(hall, clean["no"]) is None

    await hall.drain()

    assert await _flag(hall, clean["no"]) == "ok"
    assert await _flag(hall, odd["no"]) == "warning"
    assert (await shown(hall, clean["no"]))["version"] == 1  # the clerk's view hasn't changed


@pytest.mark.parametrize("clean", [True, False])
async def test_automatic_by_the_agencys_setting(hall: ServiceHarness, clean: bool) -> None:
    before = await submitted(hall, addition())
    assert (await set_automatic(hall, "addition")).status_code == 200
    application = await submitted(hall, addition(insurance_reason="01" if clean else "05"))
    assert application["status"] == "pending"

    await hall.drain()

    detail = await shown(hall, application["no"])
    assert detail["status"] == ("approved" if clean else "pending")
    assert detail["decided_automatically"] is clean
    if clean:
        assert detail["decided_by_name"] == "系统自动审核"
        assert len(detail["effect"]) == 3
        (news, *_) = await events(hall, ApplicationDecided)
        assert news.decided_by is None
    assert before["decided_automatically"] is False


async def test_a_change_that_touches_no_identity_is_released_automatically(hall: ServiceHarness) -> None:
    await set_automatic(hall, "employer_change")
    harmless, grave = change_requested(fields=("address",)), change_requested(fields=("uscc",))
    numbers = [await change_taken_in(hall, request) for request in (harmless, grave)]

    await hall.drain()

    assert [(await shown(hall, no))["status"] for no in numbers] == ["approved", "pending"]


async def test_an_automatic_decision_repeated_is_one_decision(hall: ServiceHarness) -> None:
    await set_automatic(hall, "addition")
    numbers = [(await submitted(hall, addition()))["no"] for _ in range(4)]
    news = {one.application_no: one for one in await events(hall, ApplicationSubmitted)}
    ids = {no: uuid7() for no in numbers}

    outcomes = await asyncio.gather(
        *(deliver(hall, news[no], id=ids[no]) for no in numbers * 3), *(deliver(hall, news[no]) for no in numbers)
    )

    assert {type(outcome) for outcome in outcomes} == {Done}
    assert len(await events(hall, ApplicationDecided)) == 4
    assert len(await events(hall, CoverageStarted)) == 12


async def test_a_worker_that_dies_while_deciding_leaves_nothing(
    hall: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_automatic(hall, "addition")
    application = await submitted(hall, addition())
    (news,) = await events(hall, ApplicationSubmitted)
    message_id, record = uuid7(), audit.record

    async def dies(*arguments: Any, **named: Any) -> None:  # after coverage, decision and events were written
        if arguments[2] == "application.approved":
            raise asyncio.CancelledError
        await record(*arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(audit, "record", dies)
        with pytest.raises(asyncio.CancelledError):
            await deliver(hall, news, id=message_id)
    assert await events(hall, ApplicationDecided, CoverageStarted) == []
    async with seen_by_all(hall) as tx:
        assert (await tx.execute(select(func.count()).select_from(Coverage))).scalar_one() == 0

    assert await deliver(hall, news, id=message_id) == Done()
    assert (await shown(hall, application["no"]))["status"] == "approved"
    assert len(await events(hall, CoverageStarted)) == 3


async def test_settings_show_who_set_them_and_refuse_the_stale(hall: ServiceHarness) -> None:
    headers = hall.staff("operator")
    listed = (await hall.client.get(f"{API}/decision-settings", headers=headers)).json()["items"]
    assert [(one["kind"], one["automatic"], one["version"]) for one in listed] == [
        (kind, False, 1) for kind in ("addition", "removal", "person_change", "employer_change")
    ]

    answer = await set_automatic(hall, "removal")
    assert (answer.json()["automatic"], answer.json()["version"]) == (True, 2)
    assert answer.json()["changed_by_name"] == "经办管理员"
    assert answer.headers["etag"] == '"v2"'
    stale = await set_automatic(hall, "removal", False)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert (await set_automatic(hall, "nonsense")).status_code == 422
    assert await audited(hall, "removal") == ["decision_setting.changed"]
    for intruder in (hall.staff("reviewer"), hall.clerk(UNIT)):
        sent = intruder | {"If-Match": '"v2"'}
        answer = await hall.client.put(f"{API}/decision-settings/removal", json={"automatic": False}, headers=sent)
        assert answer.status_code == 403
