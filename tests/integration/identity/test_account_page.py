"""The account page: password, mobile, own sessions, own security log."""

from datetime import timedelta
from typing import Any

from contracts.identity import SessionEnded
from tests.integration.identity.entrance import (
    MINUTE,
    MOBILE,
    PASSWORD,
    UNIT,
    Visitor,
    announced,
    audited,
    faults,
    identity_service,
    last_code,
    registered,
    swap,
)
from tests.support.databases import TestDatabases
from tests.support.harness import ServiceHarness

LR = "legal_representative"
NEW = "laNgEr-daNn-x7Qm2Vt9"
NEW_MOBILE = "13905740077"


async def _signed_in(hall: ServiceHarness) -> Visitor:
    await registered(hall)
    return await Visitor(hall).signed_in(LR, "yongjiang")


async def test_the_account_is_shown_masked(hall: ServiceHarness) -> None:
    clerk = await _signed_in(hall)
    profile = await clerk.get("/account")
    assert profile["mobile_masked"] == "138****0001"
    assert profile["id_number_masked"].count("*") == 8
    assert profile["password_policy"] == {
        "shortest": 15,
        "shortest_with_second_factor": 8,
        "classes": 0,
        "days": None,
    }
    assert await Visitor(hall).get("/password-policy") == profile["password_policy"]


async def test_a_new_password_ends_the_other_sessions(hall: ServiceHarness) -> None:
    clerk = await _signed_in(hall)
    others = [await Visitor(hall).signed_in(LR, "yongjiang") for _ in range(2)]
    await clerk.choose(UNIT)
    before = clerk.cookie
    answer = await clerk.post("/account/password", {"old_password": PASSWORD, "password": NEW})
    assert answer["employer_no"] == UNIT
    assert clerk.cookie != before
    assert (await clerk.swap()).status_code == 200
    assert {(await other.swap()).status_code for other in others} == {401}
    reasons = [news.reason for news in await announced(hall, SessionEnded)]
    assert reasons == ["unit_switched", "password_changed", "password_changed"]
    assert (await Visitor(hall).login(LR, "yongjiang")).status_code == 401
    await Visitor(hall).signed_in(LR, "yongjiang", NEW)


async def test_without_the_old_password_the_session_has_to_be_raised(hall: ServiceHarness) -> None:
    clerk = await _signed_in(hall)
    refused = await clerk.send("POST", "/account/password", {"password": NEW})
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    await clerk.step_up()
    await clerk.post("/account/password", {"password": NEW})
    await Visitor(hall).signed_in(LR, "yongjiang", NEW)


async def test_wrong_old_passwords_count_with_those_of_the_login(hall: ServiceHarness) -> None:
    clerk = await _signed_in(hall)
    form = {"old_password": "wrong", "password": NEW}
    refused = await clerk.send("POST", "/account/password", form)
    assert (refused.status_code, faults(refused)) == (422, {"/old_password": "step_up_wrong"})
    assert [(await clerk.send("POST", "/account/password", form)).status_code for _ in range(3)] == [422, 422, 429]
    assert (await Visitor(hall).login(LR, "yongjiang")).status_code == 429


async def test_passwords_that_will_not_do(hall: ServiceHarness) -> None:
    clerk = await _signed_in(hall)
    for password, code in (
        ("x7Qm2Vt9", "password_short"),
        ("甬江智造科技有限公司-20260310!!", "password_common"),
        (PASSWORD, "same_password"),
    ):
        refused = await clerk.send("POST", "/account/password", {"old_password": PASSWORD, "password": password})
        assert (refused.status_code, faults(refused)) == (422, {"/password": code})
    assert (await Visitor(hall).login(LR, "yongjiang")).status_code == 201


async def test_a_new_mobile(hall: ServiceHarness) -> None:
    clerk = await _signed_in(hall)
    ask, change = "/account/mobile/sms-codes", "/account/mobile"
    assert (await clerk.send("POST", ask, {"mobile": NEW_MOBILE})).status_code == 403
    assert (await clerk.send("POST", change, {"mobile": NEW_MOBILE, "sms_code": "123456"})).status_code == 403
    await clerk.step_up()
    await clerk.post(ask, {"mobile": NEW_MOBILE}, 202)
    code = await last_code(hall, NEW_MOBILE)
    wrong = await clerk.send("POST", change, {"mobile": NEW_MOBILE, "sms_code": f"{(int(code) + 1) % 10**6:06d}"})
    assert (wrong.status_code, faults(wrong)) == (409, {"/sms_code": "sms_code_wrong"})
    other = await clerk.send("POST", change, {"mobile": MOBILE, "sms_code": code})
    assert other.status_code == 409  # the code of another mobile
    assert (await clerk.post(change, {"mobile": NEW_MOBILE, "sms_code": code}))["mobile_masked"] == "139****0077"
    assert (await clerk.send("POST", change, {"mobile": NEW_MOBILE, "sms_code": code})).status_code == 409
    # From now on a forgotten password is helped through the new one.
    hall.clock.advance(MINUTE)
    await Visitor(hall).post("/password-resets/sms-codes", {"username": "yongjiang", "mobile": NEW_MOBILE}, 202)
    form = {"username": "yongjiang", "mobile": NEW_MOBILE, "sms_code": await last_code(hall, NEW_MOBILE)}
    await Visitor(hall).post("/password-resets", {**form, "password": NEW}, 204)
    account_id = (await (await Visitor(hall).signed_in(LR, "yongjiang", NEW)).claims()).account_id
    actions = await audited(hall, account_id)
    assert "account.mobile_changed" in actions


async def test_guessing_burns_the_code_of_a_new_mobile(hall: ServiceHarness) -> None:
    clerk = await (await _signed_in(hall)).step_up()
    await clerk.post("/account/mobile/sms-codes", {"mobile": NEW_MOBILE}, 202)
    code = await last_code(hall, NEW_MOBILE)
    for guess in range(1, 6):
        form = {"mobile": NEW_MOBILE, "sms_code": f"{(int(code) + guess) % 10**6:06d}"}
        assert (await clerk.send("POST", "/account/mobile", form)).status_code == 409
    refused = await clerk.send("POST", "/account/mobile", {"mobile": NEW_MOBILE, "sms_code": code})
    assert refused.status_code == 409


async def test_own_sessions(hall: ServiceHarness) -> None:
    await registered(hall)
    agent = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0.0.0 Safari/537.36"}
    here, there = Visitor(hall), Visitor(hall, address="203.0.113.80")
    form = {"mode": LR, "username": "yongjiang", "password": PASSWORD}
    await here.post("/sessions", form, 201, **agent)
    hall.clock.advance(2 * MINUTE)
    await there.post("/sessions", form, 201)
    await here.choose(UNIT)
    rows = await here.get("/sessions")
    assert [(row["place"], row["device"], row["current"]) for row in rows] == [
        ("203.0.*.*", "其他设备", False),
        ("198.51.*.*", "Chrome · Windows", True),
    ]
    assert rows[1]["started_at"].startswith("2026-03-10T02:00:00")  # the choice of a unit is no new login
    cookie = there.cookie
    assert cookie is not None
    assert (await here.send("DELETE", f"/sessions/{rows[0]['id']}")).status_code == 204
    assert (await swap(hall, cookie)).status_code == 401
    assert [news.reason for news in await announced(hall, SessionEnded)][-1] == "ended_by_owner"
    again = await here.send("DELETE", f"/sessions/{rows[0]['id']}")
    assert again.status_code == 404
    assert [row["current"] for row in await here.get("/sessions")] == [True]


async def test_all_others_at_once(hall: ServiceHarness) -> None:
    here = await _signed_in(hall)
    others = [await Visitor(hall).signed_in(LR, "yongjiang") for _ in range(3)]
    assert await _json_of(await here.send("DELETE", "/sessions/others")) == {"ended": 3}
    assert {(await other.swap()).status_code for other in others} == {401}
    assert (await here.swap()).status_code == 200
    assert await _json_of(await here.send("DELETE", "/sessions/others")) == {"ended": 0}


async def _json_of(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_idle_sessions_are_not_listed(hall: ServiceHarness) -> None:
    here = await _signed_in(hall)
    hall.clock.advance(10 * MINUTE)
    await here.swap()
    await Visitor(hall).signed_in(LR, "yongjiang")
    hall.clock.advance(10 * MINUTE)
    await here.swap()
    hall.clock.advance(7 * MINUTE)
    assert [row["current"] for row in await here.get("/sessions")] == [True]


async def test_somebody_elses_session_is_not_there(hall: ServiceHarness) -> None:
    here = await _signed_in(hall)
    hall.clock.advance(MINUTE)
    await registered(hall, kind="agent", username="jingban88")
    stranger = await Visitor(hall).signed_in("agent", "jingban88")
    theirs = (await stranger.claims()).session_id
    assert (await here.send("DELETE", f"/sessions/{theirs}")).status_code == 404
    assert (await stranger.swap()).status_code == 200
    assert (await here.send("DELETE", "/sessions/nonsense")).status_code == 422


async def test_the_security_log_in_words_newest_first(hall: ServiceHarness) -> None:
    clerk = await _signed_in(hall)
    await Visitor(hall).login(LR, "yongjiang", "a wrong password")
    await clerk.step_up()
    log = await clerk.get("/account/security-log?page_size=3")
    assert [row["title"] for row in log["items"]] == ["再次验证身份", "登录失败", "登录"]
    assert log["items"][1]["detail"] == "法人登录 · 连续第1次"
    assert "198.51.*.*" in log["items"][2]["detail"]
    assert log["total"] == 4
    rest = await clerk.get("/account/security-log?page=2&page_size=3")
    assert [row["title"] for row in rest["items"]] == ["注册账号"]
    beyond = await clerk.get("/account/security-log?page=9&page_size=3")
    assert beyond["items"] == []


async def test_an_api_key_has_no_account_page(hall: ServiceHarness) -> None:
    headers = hall.tokens.headers(kind="agent", employer_no=UNIT, via="api_key")
    for path in ("account", "sessions", "account/security-log"):
        answer = await hall.client.get(f"/api/identity/{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_a_session"), path


async def test_under_dengbao_an_old_password_has_to_be_changed_first(databases: TestDatabases) -> None:
    from tests.integration.identity.entrance import deliver, opened

    async with identity_service(databases, password_profile="dengbao3") as hall:
        await deliver(hall, opened(UNIT))
        await registered(hall, password="x7Qm2Vt9")
        for _ in range(5):
            assert (await Visitor(hall).login(LR, "yongjiang", "wrong")).status_code == 401
        assert (await Visitor(hall).login(LR, "yongjiang", "x7Qm2Vt9")).status_code == 429
        hall.clock.advance(timedelta(days=90))
        clerk = await Visitor(hall).signed_in(LR, "yongjiang", "x7Qm2Vt9")
        assert (await clerk.get("/sessions/current"))["limited_to"] == "password"
        refused = await clerk.choose(UNIT)
        assert (refused.status_code, refused.json()["code"]) == (403, "session_limited")
        assert (await clerk.send("POST", "/account/second-factor/enrolment")).status_code == 403
        refused = await clerk.send("POST", "/account/password", {"old_password": "x7Qm2Vt9", "password": "x7qm2vt99"})
        assert faults(refused) == {"/password": "password_simple"}
        await clerk.post("/account/password", {"old_password": "x7Qm2Vt9", "password": "y8Rn3Wu0"})
        assert (await clerk.get("/sessions/current"))["limited_to"] is None
        assert (await clerk.choose(UNIT)).status_code == 200
