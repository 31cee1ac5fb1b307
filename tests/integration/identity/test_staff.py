"""Accounts of the staff: opened by operators or the command line, begun with a one-time code, closed."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.identity import SessionEnded
from identity import demo
from identity.staff.commands import OPEN_STAFF
from tests.integration.identity.entrance import (
    MINUTE,
    PASSWORD,
    Visitor,
    announced,
    app_code,
    audited,
    faults,
    whole_database,
    wide,
)
from tests.support.harness import ServiceHarness

FORM = {"username": "shenhe09", "display_name": "钱正清", "kind": "reviewer", "mobile": "13800570119"}


async def _operator(hall: ServiceHarness) -> Visitor:
    await demo.seed(hall.runtime)
    return await (await Visitor(hall).signed_in("staff", "guanli01", demo.PASSWORD)).step_up(demo.PASSWORD)


async def _begin(hall: ServiceHarness, code: str, **changes: Any) -> Any:
    body = {"username": "shenhe09", "code": code, "password": PASSWORD, **changes}
    return await Visitor(hall).send("POST", "/staff-beginnings", body)


async def test_from_opening_to_the_first_login(hall: ServiceHarness) -> None:
    operator = await _operator(hall)
    opened = await operator.post("/staff", FORM, 201)
    assert (opened["status"], opened["second_factor"], opened["mobile_masked"]) == ("waiting", False, "138****0119")
    assert (await Visitor(hall).login("staff", "shenhe09")).status_code == 401  # there is no initial password
    made = await operator.post(f"/staff/{opened['id']}/opening-code")
    assert made["code"] not in await whole_database(hall)
    assert (await _begin(hall, wide(made["code"].lower()))).status_code == 204
    reviewer = await Visitor(hall).signed_in("staff", "shenhe09")
    secret = (await reviewer.post("/account/second-factor/enrolment"))["secret"]
    await reviewer.post("/account/second-factor", {"code": app_code(hall, secret)})
    assert (await reviewer.claims()).kind == "reviewer"
    (row,) = (await operator.get("/staff?q=钱正"))["items"]
    assert (row["status"], row["second_factor"]) == ("open", True)
    assert {"account.registered", "staff.code_made", "staff.begun"} <= set(await audited(hall, UUID(opened["id"])))


async def test_an_eight_character_password_does_since_there_will_be_a_second_factor(hall: ServiceHarness) -> None:
    operator = await _operator(hall)
    opened = await operator.post("/staff", FORM, 201)
    code = (await operator.post(f"/staff/{opened['id']}/opening-code"))["code"]
    assert faults(await _begin(hall, code, password="x7Qm2Vt")) == {"/password": "password_short"}
    assert (await _begin(hall, code, password="x7Qm2Vt9")).status_code == 204


async def test_codes_work_once_and_only_the_newest(hall: ServiceHarness) -> None:
    operator = await _operator(hall)
    opened = await operator.post("/staff", FORM, 201)
    first, second = [(await operator.post(f"/staff/{opened['id']}/opening-code"))["code"] for _ in range(2)]
    refused = await _begin(hall, first)
    assert (refused.status_code, faults(refused)) == (422, {"/code": "opening_code_wrong"})
    assert (await _begin(hall, second)).status_code == 204
    assert (await _begin(hall, second)).status_code == 422


async def test_wrong_expired_and_foreign_codes_are_told_alike_and_counted(hall: ServiceHarness) -> None:
    operator = await _operator(hall)
    opened = await operator.post("/staff", FORM, 201)
    code = (await operator.post(f"/staff/{opened['id']}/opening-code"))["code"]
    wrong = await _begin(hall, "AAAAA-AAAAA-AAAAA-AAAAA")
    unknown = await _begin(hall, code, username="nobody_here")
    foreign = await _begin(hall, code, username="shenhe01")
    assert {**wrong.json(), "trace_id": ""} == {**unknown.json(), "trace_id": ""} == {**foreign.json(), "trace_id": ""}
    for _ in range(2):
        await _begin(hall, "x")
    assert (await _begin(hall, code)).status_code == 429
    hall.clock.advance(timedelta(hours=72))
    assert (await _begin(hall, code)).status_code == 422


async def test_only_operators_whose_session_is_raised(hall: ServiceHarness) -> None:
    await demo.seed(hall.runtime)
    operator = await Visitor(hall).signed_in("staff", "guanli01", demo.PASSWORD)
    reviewer = await (await Visitor(hall).signed_in("staff", "shenhe01", demo.PASSWORD)).step_up(demo.PASSWORD)
    target = next(str(account.id) for account in demo.ACCOUNTS if account.username == "shenhe02")
    for path, body in (("/staff", FORM), (f"/staff/{target}/opening-code", None), (f"/staff/{target}/closure", None)):
        refused = await operator.send("POST", path, body)
        assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
        refused = await reviewer.send("POST", path, body)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert (await reviewer.send("GET", "/staff")).status_code == 403
    assert [row["username"] for row in (await operator.get("/staff"))["items"]] == [
        "guanli01",
        "guanli02",
        "shenhe01",
        "shenhe02",
    ]


async def test_closing_ends_everything_at_once(hall: ServiceHarness) -> None:
    operator = await _operator(hall)
    reviewer = await Visitor(hall).signed_in("staff", "shenhe01", demo.PASSWORD)
    target = str((await reviewer.claims()).account_id)
    assert (await operator.post(f"/staff/{target}/closure"))["status"] == "closed"
    assert (await reviewer.swap()).status_code == 401
    assert [news.reason for news in await announced(hall, SessionEnded)] == ["account_closed"]
    assert (await Visitor(hall).login("staff", "shenhe01", demo.PASSWORD, totp_code="123456")).status_code == 401
    again = await operator.send("POST", f"/staff/{target}/closure")
    assert (again.status_code, again.json()["code"]) == (409, "staff_closed")
    assert (await operator.send("POST", f"/staff/{target}/opening-code")).status_code == 409
    assert (await operator.get("/staff"))["items"][-1]["status"] == "closed"


async def test_a_new_code_takes_password_and_second_factor(hall: ServiceHarness) -> None:
    operator = await _operator(hall)
    reviewer = await Visitor(hall).signed_in("staff", "shenhe01", demo.PASSWORD)
    target = str((await reviewer.claims()).account_id)
    code = (await operator.post(f"/staff/{target}/opening-code"))["code"]
    assert (await reviewer.swap()).status_code == 401
    assert (await Visitor(hall).login("staff", "shenhe01", demo.PASSWORD)).status_code == 401
    assert (await _begin(hall, code, username="shenhe01")).status_code == 204
    hall.clock.advance(MINUTE)
    anew = await Visitor(hall).send(
        "POST", "/sessions", {"mode": "staff", "username": "shenhe01", "password": PASSWORD}
    )
    assert anew.json()["limited_to"] == "second_factor"


async def test_nobody_closes_themselves_or_somebody_who_is_no_staff(hall: ServiceHarness) -> None:
    operator = await _operator(hall)
    own = str((await operator.claims()).account_id)
    for path in (f"/staff/{own}/closure", f"/staff/{own}/opening-code"):
        refused = await operator.send("POST", path)
        assert (refused.status_code, refused.json()["code"]) == (409, "own_account")
    clerk = next(str(account.id) for account in demo.ACCOUNTS if account.username == "yongjiang")
    assert (await operator.send("POST", f"/staff/{clerk}/closure")).status_code == 404
    assert (await operator.send("POST", "/staff/nonsense/closure")).status_code == 422


async def test_faulty_forms(hall: ServiceHarness) -> None:
    operator = await _operator(hall)
    refused = await operator.send("POST", "/staff", {**FORM, "username": "1", "display_name": "?"})
    assert set(faults(refused)) == {"/username", "/display_name"}
    assert set(faults(await operator.send("POST", "/staff", {**FORM, "mobile": "123"}))) == {"/mobile"}
    assert (await operator.send("POST", "/staff", {**FORM, "kind": "agent"})).status_code == 422
    taken = await operator.send("POST", "/staff", {**FORM, "username": "YongJiang"})
    assert (taken.status_code, faults(taken)) == (409, {"/username": "username_taken"})


async def _command(hall: ServiceHarness, *arguments: str) -> int:
    parser = ArgumentParser()
    OPEN_STAFF.arguments(parser)
    return await OPEN_STAFF.run(hall.runtime, parser.parse_args(arguments))


async def test_the_first_operator_comes_from_the_command_line(
    hall: ServiceHarness, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await _command(hall, "--username", "first01") == 2
    assert await _command(hall, "--username", "first01", "--name", "周立", "--mobile", "123") == 1
    assert "手机号码" in capsys.readouterr().err
    assert await _command(hall, "--username", "first01", "--name", "周立", "--mobile", "13800570120") == 0
    said = capsys.readouterr().out
    code = next(line.split()[-1] for line in said.splitlines() if line.startswith("one-time code"))
    assert "13800570120" not in said
    assert (await _begin(hall, code, username="first01")).status_code == 204
    operator = await Visitor(hall).signed_in("staff", "first01")
    assert (await operator.get("/sessions/current"))["account"]["kind"] == "operator"
    # And helps out an operator whom no other is left to help.
    assert await _command(hall, "--username", "first01") == 0
    assert (await operator.swap()).status_code == 401
