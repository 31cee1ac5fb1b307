"""The second factor: enrolling, signing in with codes, recovery codes, turning off; staff do nothing without it."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from identity import demo
from servicekit.auth.tokens import verify
from tests.integration.identity.entrance import (
    API,
    MINUTE,
    PASSWORD,
    UNIT,
    Visitor,
    app_code,
    audited,
    faults,
    registered,
    swap,
    whole_database,
)
from tests.support.harness import ServiceHarness

HALF = timedelta(seconds=30)
LR = "legal_representative"
CODES = "/account/second-factor"


async def _signed_in(hall: ServiceHarness) -> Visitor:
    await registered(hall)
    return await Visitor(hall).signed_in(LR, "yongjiang")


async def _enrolled(hall: ServiceHarness) -> tuple[Visitor, str, list[str]]:
    """A clerk with a second factor, its secret and the recovery codes; the code of now is used."""
    clerk = await (await _signed_in(hall)).step_up()
    secret = (await clerk.post(f"{CODES}/enrolment"))["secret"]
    codes = (await clerk.post(CODES, {"code": app_code(hall, secret)}))["recovery_codes"]
    return clerk, secret, codes


async def _login(hall: ServiceHarness, code: str | None = None, **more: Any) -> Any:
    if code is not None:
        more["totp_code"] = code
    return await Visitor(hall).login(LR, "yongjiang", **more)


async def test_enrolling_needs_a_raised_session_and_a_code_of_the_app(hall: ServiceHarness) -> None:
    clerk = await _signed_in(hall)
    refused = await clerk.send("POST", f"{CODES}/enrolment")
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    await clerk.step_up()
    enrolment = await clerk.post(f"{CODES}/enrolment")
    assert enrolment["qr"].startswith("data:image/svg+xml")
    assert enrolment["secret"] in enrolment["uri"]
    wrong = await clerk.send("POST", CODES, {"code": app_code(hall, enrolment["secret"], ahead=5)})
    assert (wrong.status_code, faults(wrong)) == (409, {"/code": "enrolment_code_wrong"})
    assert (await clerk.get("/account"))["second_factor"] is None
    assert (await _login(hall)).status_code == 201  # nothing is asked for before it is confirmed
    await clerk.post(CODES, {"code": app_code(hall, enrolment["secret"])})
    profile = await clerk.get("/account")
    assert profile["second_factor"] == {"since": "2026-03-10T02:00:00Z", "recovery_codes_left": 10}
    assert (await clerk.get("/sessions/current"))["account"]["second_factor"] is True
    assert enrolment["secret"] not in await whole_database(hall)
    assert "second_factor.enrolled" in await audited(hall, UUID(profile["id"]))


async def test_an_enrolment_that_nobody_began_or_that_took_too_long(hall: ServiceHarness) -> None:
    clerk = await (await _signed_in(hall)).step_up()
    refused = await clerk.send("POST", CODES, {"code": "123456"})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_enrolment")
    secret = (await clerk.post(f"{CODES}/enrolment"))["secret"]
    hall.clock.advance(14 * MINUTE)
    await clerk.swap()
    hall.clock.advance(MINUTE)
    await clerk.step_up()
    refused = await clerk.send("POST", CODES, {"code": app_code(hall, secret)})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_enrolment")


async def test_the_login_asks_for_the_code_once_the_password_is_right(hall: ServiceHarness) -> None:
    _, secret, _ = await _enrolled(hall)
    asked = await _login(hall)
    assert (asked.status_code, asked.json()["code"]) == (401, "second_factor_required")
    assert "set-cookie" not in asked.headers
    wrong_password = await _login(hall, app_code(hall, secret, ahead=1), password="Qiantang-Chao-2026-cuo")
    assert (wrong_password.status_code, wrong_password.json()["code"]) == (401, "wrong_credentials")
    assert (await _login(hall, app_code(hall, secret, ahead=1))).status_code == 201


async def test_a_code_works_once(hall: ServiceHarness) -> None:
    _, secret, _ = await _enrolled(hall)
    replayed = await _login(hall, app_code(hall, secret))  # the one that confirmed the enrolment
    assert (replayed.status_code, replayed.json()["code"]) == (401, "second_factor_wrong")
    hall.clock.advance(HALF)
    code = app_code(hall, secret)
    assert (await _login(hall, code)).status_code == 201
    assert (await _login(hall, code)).status_code == 401
    hall.clock.advance(HALF)
    assert (await _login(hall, code)).status_code == 401  # still within the steps that are accepted


async def test_one_code_shown_at_the_same_moment_opens_one_session(hall: ServiceHarness) -> None:
    _, secret, _ = await _enrolled(hall)
    hall.clock.advance(HALF)
    code = app_code(hall, secret)
    answers = await asyncio.gather(*(_login(hall, code) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401]


async def test_guessed_codes_count_with_the_wrong_passwords(hall: ServiceHarness) -> None:
    _, secret, _ = await _enrolled(hall)
    wrong = app_code(hall, secret, ahead=9)
    assert [(await _login(hall, wrong)).status_code for _ in range(4)] == [401, 401, 401, 429]
    assert (await _login(hall)).status_code == 429  # asking without a code must not begin the count anew
    hall.clock.advance(MINUTE)
    assert (await _login(hall)).status_code == 401
    assert (await _login(hall, app_code(hall, secret, ahead=9))).status_code == 401
    assert (await _login(hall, app_code(hall, secret))).status_code == 429
    hall.clock.advance(MINUTE)
    assert (await _login(hall, app_code(hall, secret))).status_code == 201


async def test_recovery_codes_stand_in_once_each(hall: ServiceHarness) -> None:
    clerk, _, codes = await _enrolled(hall)
    assert len(codes) == 10
    assert (await _login(hall, codes[0].lower())).status_code == 201
    assert (await _login(hall, codes[0])).status_code == 401
    assert (await _login(hall, codes[1].replace("-", " "))).status_code == 201
    assert (await clerk.get("/account"))["second_factor"]["recovery_codes_left"] == 8
    stored = await whole_database(hall)
    assert all(code not in stored and code.replace("-", "") not in stored for code in codes)
    fresh = (await clerk.post(f"{CODES}/recovery-codes"))["recovery_codes"]
    assert (await _login(hall, codes[2])).status_code == 401
    assert (await _login(hall, fresh[0])).status_code == 201


async def test_a_dynamic_code_raises_the_session_too(hall: ServiceHarness) -> None:
    clerk, secret, _ = await _enrolled(hall)
    path = "/sessions/current/step-up"
    refused = await clerk.send("POST", path, {"totp_code": app_code(hall, secret)})
    assert (refused.status_code, faults(refused)) == (422, {"/totp_code": "step_up_wrong"})
    hall.clock.advance(6 * MINUTE)
    answer = await clerk.post(path, {"totp_code": app_code(hall, secret)})
    assert answer["step_up_until"].startswith("2026-03-10T02:11:00")
    both = {"totp_code": "123456", "password": PASSWORD}
    assert (await clerk.send("POST", path, both)).status_code == 422


async def test_a_dynamic_code_of_somebody_who_has_none(hall: ServiceHarness) -> None:
    clerk = await _signed_in(hall)
    refused = await clerk.send("POST", "/sessions/current/step-up", {"totp_code": "123456"})
    assert (refused.status_code, faults(refused)) == (409, {"/totp_code": "second_factor_missing"})


async def test_turning_off(hall: ServiceHarness) -> None:
    clerk, _, codes = await _enrolled(hall)
    hall.clock.advance(6 * MINUTE)
    assert (await clerk.send("DELETE", CODES)).status_code == 403
    await clerk.step_up()
    assert (await clerk.send("DELETE", CODES)).status_code == 204
    assert (await _login(hall)).status_code == 201
    assert (await _login(hall, codes[0])).status_code == 201  # nothing is asked for, so nothing is looked at
    again = await clerk.send("DELETE", CODES)
    assert (again.status_code, again.json()["code"]) == (409, "second_factor_missing")
    assert (await clerk.send("POST", f"{CODES}/recovery-codes")).status_code == 409


async def test_with_a_short_password_it_cannot_be_turned_off(hall: ServiceHarness) -> None:
    clerk, _, _ = await _enrolled(hall)
    await clerk.post("/account/password", {"password": "x7Qm2Vt9"})
    refused = await clerk.send("DELETE", CODES)
    assert (refused.status_code, refused.json()["code"]) == (409, "password_too_short_alone")
    await clerk.post("/account/password", {"password": "x7Qm2Vt9-laNgEr-daNn"})
    assert (await clerk.send("DELETE", CODES)).status_code == 204


async def test_another_app_in_place_of_the_first(hall: ServiceHarness) -> None:
    clerk, first, _ = await _enrolled(hall)
    second = (await clerk.post(f"{CODES}/enrolment"))["secret"]
    hall.clock.advance(HALF)
    assert (await _login(hall, app_code(hall, first))).status_code == 201  # until the second is confirmed
    await clerk.post(CODES, {"code": app_code(hall, second)})
    hall.clock.advance(HALF)
    assert (await _login(hall, app_code(hall, first))).status_code == 401
    assert (await _login(hall, app_code(hall, second))).status_code == 201


# Staff


async def _staff_without(hall: ServiceHarness, username: str = "shenhe09") -> Visitor:
    """Somebody of the staff who has just begun with the one-time code, signed in for the first time."""
    await demo.seed(hall.runtime)
    operator = await (await Visitor(hall).signed_in("staff", "guanli01", demo.PASSWORD)).step_up(demo.PASSWORD)
    form = {"username": username, "display_name": "钱正清", "kind": "reviewer", "mobile": "13800570119"}
    opened = await operator.post("/staff", form, 201)
    code = (await operator.post(f"/staff/{opened['id']}/opening-code"))["code"]
    await Visitor(hall).post("/staff-beginnings", {"username": username, "code": code, "password": PASSWORD}, 204)
    return await Visitor(hall).signed_in("staff", username)


async def test_staff_without_a_second_factor_can_do_nothing_but_enrol(hall: ServiceHarness) -> None:
    reviewer = await _staff_without(hall)
    session = await reviewer.get("/sessions/current")
    assert (session["limited_to"], session["account"]["kind"]) == ("second_factor", "reviewer")
    assert (await reviewer.claims()).limited_to == "second_factor"
    for method, path, body in (
        ("GET", "/units", None),
        ("GET", "/sessions", None),
        ("POST", "/sessions/current/step-up", {"password": PASSWORD}),
        ("POST", "/account/password", {"old_password": PASSWORD, "password": "x7Qm2Vt9-laNgEr-daNn"}),
        ("GET", "/account/security-log", None),
        ("DELETE", CODES, None),
        ("GET", "/staff", None),
    ):
        answer = await reviewer.send(method, path, body)
        assert answer.status_code == 403, path
    enrolment = await reviewer.post(f"{CODES}/enrolment")
    before = reviewer.cookie
    await reviewer.post(CODES, {"code": app_code(hall, enrolment["secret"])})
    assert before is not None
    assert (await swap(hall, before)).status_code == 401  # worth more from now on: under a new cookie
    assert (await reviewer.get("/sessions/current"))["limited_to"] is None
    token = (await reviewer.swap()).json()["token"]
    claims = await verify(token, hall.runtime.keys, now=hall.clock.now())
    assert (claims.kind, claims.limited_to, claims.display_name) == ("reviewer", None, "钱正清")
    assert (await Visitor(hall).login("staff", "shenhe09")).status_code == 401


async def test_whoever_knew_the_password_only_is_thrown_out_by_the_enrolment(hall: ServiceHarness) -> None:
    owner = await _staff_without(hall)
    thief = await Visitor(hall).signed_in("staff", "shenhe09")
    enrolment = await owner.post(f"{CODES}/enrolment")
    await owner.post(CODES, {"code": app_code(hall, enrolment["secret"])})
    assert (await thief.swap()).status_code == 401


async def test_staff_cannot_turn_it_off(hall: ServiceHarness) -> None:
    await demo.seed(hall.runtime)
    reviewer = await Visitor(hall).signed_in("staff", "shenhe01", demo.PASSWORD)
    await reviewer.step_up(demo.PASSWORD)
    refused = await reviewer.send("DELETE", CODES)
    assert (refused.status_code, refused.json()["code"]) == (409, "second_factor_needed")


async def test_the_demo_shows_codes_that_were_not_used(hall: ServiceHarness) -> None:
    await demo.seed(hall.runtime)
    visitor = Visitor(hall)
    codes = []
    for _ in range(2):
        codes.append((await visitor.post("/demo/totp-codes", {"username": "shenhe01"}))["code"])
        await Visitor(hall).signed_in("staff", "shenhe01", demo.PASSWORD)
    assert None not in codes
    assert (await visitor.post("/demo/totp-codes", {"username": "shenhe01"}))["code"] is None
    hall.clock.advance(MINUTE)
    assert (await visitor.post("/demo/totp-codes", {"username": "ShenHe01"}))["code"]
    for username in ("yongjiang", "nobody_here"):
        assert (await visitor.post("/demo/totp-codes", {"username": username}))["code"] is None


async def test_a_limited_token_opens_no_business(hall: ServiceHarness) -> None:
    reviewer = await _staff_without(hall)
    token = (await reviewer.swap()).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    refused = await hall.client.get(f"{API}/staff", headers=headers)
    assert (refused.status_code, refused.json()["code"]) in ((403, "session_limited"), (403, "forbidden"))
    assert (await reviewer.choose(UNIT)).json()["code"] == "session_limited"
