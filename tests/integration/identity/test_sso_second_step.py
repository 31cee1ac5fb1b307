"""Single sign-on into an account with a second factor: the provider stands for the password, never for the code."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from identity import demo
from servicekit.db.tx import Scope, begin
from standalone.standin.people import PEOPLE
from tests.integration.identity.elsewhere import Browser, Elsewhere, connected
from tests.integration.identity.entrance import API, app_code, audited
from tests.support.databases import TestDatabases

USERNAME, CODES, STEP = "jingban01", f"{API}/account/second-factor", f"{API}/sso/arrival/second-factor"
HALF = timedelta(seconds=30)


@pytest.fixture
async def there(databases: TestDatabases) -> AsyncIterator[Elsewhere]:
    async with connected(databases) as running:
        await demo.seed(running.hall.runtime)
        yield running


async def _enrolled(there: Elsewhere) -> tuple[UUID, str, str]:
    """An agent's account with a second factor: its id, the app's secret, a recovery code. The code of now is used."""
    owner = there.browser()
    await _sent(owner, f"{API}/sessions", {"mode": "agent", "username": USERNAME, "password": demo.PASSWORD})
    await _sent(owner, f"{API}/sessions/current/step-up", {"password": demo.PASSWORD})
    secret = (await _sent(owner, f"{CODES}/enrolment"))["secret"]
    recovery = (await _sent(owner, CODES, {"code": app_code(there.hall, secret)}))["recovery_codes"][0]
    account_id = UUID((await owner.account())["id"])
    await owner.send("DELETE", f"{API}/sessions/current")
    return account_id, secret, recovery


async def _sent(browser: Browser, path: str, body: Any = None) -> Any:
    answer = await browser.send("POST", path, body)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def _arrived(there: Elsewhere) -> Browser:
    """A browser that came back from the portal as the owner, and is asked for the code."""
    browser = there.browser()
    assert await browser.through("zj-person", "linzhixia", "agent", "/hall/roster") == "/sso"
    return browser


async def _show(browser: Browser, code: str) -> httpx.Response:
    return await browser.send("POST", STEP, {"totp_code": code})


def _refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_the_code_is_asked_for_before_anybody_is_in(there: Elsewhere) -> None:
    account_id, secret, _ = await _enrolled(there)
    browser = await _arrived(there)
    arrival = await browser.arrival()
    assert (arrival["step"], arrival["mode"], arrival["name_masked"]) == ("second_factor", "agent", "林**")
    assert USERNAME not in str(arrival)
    assert not browser.signed_in
    assert "sso.linked" not in await audited(there.hall, account_id)  # nothing is left behind by half a login
    wrong = await _show(browser, app_code(there.hall, secret, ahead=9))
    assert _refused(wrong) == (401, "second_factor_wrong")
    assert not browser.signed_in
    entered = await _show(browser, app_code(there.hall, secret, ahead=1))
    assert (entered.json()["session"]["account"]["username"], entered.json()["return_to"]) == (USERNAME, "/hall/roster")
    assert (await browser.account())["id"] == str(account_id)
    assert (await audited(there.hall, account_id))[-3:] == ["session.refused", "sso.linked", "session.started"]
    assert (await browser.arrival())["step"] == "signed_in"
    assert _refused(await _show(browser, app_code(there.hall, secret, ahead=1))) == (410, "sso_arrival_gone")


async def test_it_is_asked_for_every_time(there: Elsewhere) -> None:
    """Also of an identity that is linked already; and a code that was used is worth nothing."""
    _, secret, recovery = await _enrolled(there)
    code = app_code(there.hall, secret, ahead=1)
    assert (await _show(await _arrived(there), code)).status_code == 200
    again = await _arrived(there)
    assert _refused(await _show(again, code)) == (401, "second_factor_wrong")
    assert (await _show(again, recovery)).status_code == 200
    last = await _arrived(there)
    assert _refused(await _show(last, recovery)) == (401, "second_factor_wrong")


async def test_wrong_codes_count_with_the_wrong_passwords(there: Elsewhere) -> None:
    _, secret, _ = await _enrolled(there)
    browser = await _arrived(there)
    for _ in range(3):
        assert _refused(await _show(browser, "000000")) == (401, "second_factor_wrong")
    code = app_code(there.hall, secret, ahead=1)
    assert _refused(await _show(browser, code)) == (429, "login_blocked")
    by_password = {"mode": "agent", "username": USERNAME, "password": demo.PASSWORD, "totp_code": code}
    assert _refused(await there.browser().send("POST", f"{API}/sessions", by_password)) == (429, "login_blocked")
    there.hall.clock.advance(HALF)
    assert (await _show(browser, app_code(there.hall, secret, ahead=1))).status_code == 200


async def test_who_was_signed_in_stays_so_until_the_code_is_right(there: Elsewhere) -> None:
    _, secret, _ = await _enrolled(there)
    browser = there.browser()
    await browser.through("zj-person", "fangxiaoman", "agent")
    before = browser.cookies["__Host-hall_session"]
    await browser.through("zj-person", "linzhixia", "agent")
    assert (await browser.account())["display_name"] == "方小满"
    assert (await _show(browser, app_code(there.hall, secret, ahead=1))).status_code == 200
    assert browser.cookies["__Host-hall_session"] != before
    assert (await browser.account())["display_name"] == "林知夏"


async def test_from_the_portal_first_the_person_and_then_the_code(there: Elsewhere) -> None:
    _, secret, _ = await _enrolled(there)
    browser = there.browser()
    await browser.come_back(there.standin.person.return_address(PEOPLE[0]))
    code = app_code(there.hall, secret, ahead=1)
    assert _refused(await _show(browser, code)) == (410, "sso_arrival_gone")  # they have not said that it is they
    confirmed = await _sent(browser, f"{API}/sso/arrival/confirmation", {"mode": "agent"})
    assert confirmed["session"] is None
    assert (await browser.arrival())["step"] == "second_factor"
    assert (await _show(browser, code)).status_code == 200
    assert browser.signed_in


async def test_what_waits_for_a_code_is_over_in_ten_minutes_and_when_declined(there: Elsewhere) -> None:
    _, secret, _ = await _enrolled(there)
    late, declining = await _arrived(there), await _arrived(there)
    attempt = declining.cookies["__Host-hall_sso"]
    assert (await declining.send("DELETE", f"{API}/sso/arrival")).status_code == 204
    declining.cookies["__Host-hall_sso"] = attempt
    assert _refused(await _show(declining, app_code(there.hall, secret, ahead=1))) == (410, "sso_arrival_gone")
    there.hall.clock.advance(timedelta(minutes=10))
    assert _refused(await _show(late, app_code(there.hall, secret, ahead=1))) == (410, "sso_arrival_gone")
    assert _refused(await _show(there.browser(), app_code(there.hall, secret, ahead=1))) == (410, "sso_arrival_gone")


async def test_an_account_closed_while_the_code_is_typed_stays_closed(there: Elsewhere) -> None:
    account_id, secret, _ = await _enrolled(there)
    browser = await _arrived(there)
    async with begin(there.hall.runtime, scope=Scope.system()) as tx:
        await tx.execute(text("UPDATE accounts SET closed_at = now() WHERE id = :id"), {"id": account_id})
    assert _refused(await _show(browser, app_code(there.hall, secret, ahead=1))) == (409, "sso_account_closed")
    assert not browser.signed_in
    assert (await audited(there.hall, account_id))[-1] == "sso.refused"
