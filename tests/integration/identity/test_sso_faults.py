"""What goes wrong on the way: every fault ends at a page that says so, nobody comes in, nothing is left half-done."""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

import pytest
import structlog
from sqlalchemy import text

from contracts.identity import AccountRegistered
from identity.sso.rules import MOST_ATTEMPTS, REFUSALS
from servicekit import logs
from servicekit.db.tx import Scope, begin
from standalone.standin.people import LEGAL_PEOPLE, PEOPLE
from tests.integration.identity.elsewhere import (
    ATTEMPT,
    PUBLIC_URL,
    Browser,
    Elsewhere,
    connected,
    refusal,
)
from tests.integration.identity.entrance import API, announced, audited
from tests.support.databases import TestDatabases

CALLBACK = f"{PUBLIC_URL}/api/identity/sso"
FANG = PEOPLE[1]


@pytest.fixture
async def there(databases: TestDatabases) -> AsyncIterator[Elsewhere]:
    async with connected(databases) as running:
        yield running


async def _nobody_came_in(there: Elsewhere, *browsers: Browser) -> None:
    assert not any(browser.signed_in for browser in browsers)
    assert await announced(there.hall, AccountRegistered) == []


# -- the browser's side ------------------------------------------------------------------------------------------------


async def test_a_return_that_nobody_began(there: Elsewhere) -> None:
    browser = there.browser()
    assert refusal(await browser.come_back(f"{CALLBACK}/oidc/callback?code=x&state=y")) == "sso_state_missing"
    assert refusal(await browser.come_back(f"{CALLBACK}/oidc/callback")) == "sso_state_missing"
    assert refusal(await browser.come_back(f"{CALLBACK}/zj-person/callback")) == "sso_state_missing"
    assert refusal(await browser.come_back(f"{CALLBACK}/zj-legal/callback?ticket=x")) == "sso_state_missing"
    await _nobody_came_in(there, browser)


@pytest.mark.parametrize(("provider", "mode"), [("oidc", "agent"), ("zj-person", "agent"), ("zj-legal", None)])
async def test_a_return_that_another_browser_began(there: Elsewhere, provider: str, mode: str | None) -> None:
    """Login CSRF: the attacker's own login, finished in the victim's browser, with and without one of the victim's."""
    attacker, victim, passer_by = there.browser(), there.browser(), there.browser()
    who = "fangxiaoman" if provider != "zj-legal" else "association"
    address = await attacker.pick(await attacker.start(provider, mode), who)
    await victim.start(provider, mode)
    assert refusal(await victim.come_back(address)) == "sso_state_foreign"
    assert refusal(await passer_by.come_back(address)) == "sso_state_missing"
    await _nobody_came_in(there, victim, passer_by)


async def test_a_return_of_another_provider(there: Elsewhere) -> None:
    browser = there.browser()
    await browser.start("oidc", "agent")
    state = parse_qs(urlsplit(await browser.start("oidc", "agent")).query)["state"][0]
    sp = urlencode({"ticket": "x", "sp": f"{PUBLIC_URL}/sso?sso={state}"})
    assert refusal(await browser.come_back(f"{CALLBACK}/zj-person/callback?{sp}")) == "sso_state_foreign"


async def test_a_return_that_comes_too_late(there: Elsewhere) -> None:
    browser = there.browser()
    address = await browser.pick(await browser.start("zj-person", "agent"), "fangxiaoman")
    there.hall.clock.advance(timedelta(minutes=10))
    assert refusal(await browser.come_back(address)) == "sso_state_expired"
    await _nobody_came_in(there, browser)


@pytest.mark.parametrize(("provider", "mode"), [("oidc", "agent"), ("zj-person", "agent"), ("zj-legal", None)])
async def test_a_return_that_comes_twice(there: Elsewhere, provider: str, mode: str | None) -> None:
    browser = there.browser()
    who = "fangxiaoman" if provider != "zj-legal" else "association"
    address = await browser.pick(await browser.start(provider, mode), who)
    assert await browser.come_back(address) == "/sso"
    assert refusal(await browser.come_back(address)) == "sso_state_used"


async def test_a_return_that_comes_twice_at_once(there: Elsewhere) -> None:
    browser = there.browser()
    address = await browser.pick(await browser.start("zj-person", "agent"), "fangxiaoman")
    ends = await asyncio.gather(*(browser.come_back(address) for _ in range(5)))
    assert sorted(end == "/sso" for end in ends) == [False] * 4 + [True]
    assert {refusal(end) for end in ends if end != "/sso"} == {"sso_state_used"}


async def test_a_ticket_that_was_used_is_worth_nothing(there: Elsewhere) -> None:
    """Without a state, as from the portal's own pages: only the portal knows that it was used."""
    first, second = there.browser(), there.browser()
    address = there.standin.person.return_address(FANG)
    assert await first.come_back(address) == "/sso"
    assert refusal(await second.come_back(address)) == "sso_ticket_refused"
    legal = there.standin.legal.return_address(LEGAL_PEOPLE[2])
    assert await first.come_back(legal) == "/sso"
    assert refusal(await second.come_back(legal)) == "sso_ticket_refused"
    await _nobody_came_in(there, first, second)


async def test_a_ticket_that_is_too_old_or_made_up(there: Elsewhere) -> None:
    browser = there.browser()
    address = there.standin.person.return_address(FANG)
    there.hall.clock.advance(timedelta(seconds=61))
    assert refusal(await browser.come_back(address)) == "sso_ticket_refused"
    assert refusal(await browser.come_back(f"{CALLBACK}/zj-person/callback?ticket=made-up")) == "sso_ticket_refused"
    assert refusal(await browser.come_back(f"{CALLBACK}/zj-legal/callback?ssotoken=made-up")) == "sso_ticket_refused"
    code = await browser.pick(await browser.start("oidc", "agent"), "fangxiaoman")
    there.hall.clock.advance(timedelta(seconds=61))
    assert refusal(await browser.come_back(code)) == "sso_ticket_refused"


async def test_a_code_of_another_attempt(there: Elsewhere) -> None:
    """A code that was stolen is of no use in another browser: the verifier is not there (PKCE)."""
    victim, thief = there.browser(), there.browser()
    stolen = parse_qs(urlsplit(await victim.pick(await victim.start("oidc", "agent"), "fangxiaoman")).query)["code"][0]
    state = parse_qs(urlsplit(await thief.start("oidc", "agent")).query)["state"][0]
    query = urlencode({"code": stolen, "state": state})
    assert refusal(await thief.come_back(f"{CALLBACK}/oidc/callback?{query}")) == "sso_ticket_refused"


async def test_somebody_thinks_better_of_it(there: Elsewhere) -> None:
    browser = there.browser()
    address = await browser.pick(await browser.start("oidc", "agent"), "")
    assert refusal(await browser.come_back(address)) == "sso_cancelled"


async def test_a_place_to_return_to_that_is_not_ours(there: Elsewhere) -> None:
    for wanted in ("https://evil.test/", "//evil.test", "/\\evil.test", "/api/identity/sessions", "/hall/../api", "x"):
        browser = there.browser()
        await browser.through("zj-person", "fangxiaoman", "agent", wanted)
        assert (await browser.arrival())["return_to"] is None


async def test_ways_that_are_not_offered(there: Elsewhere) -> None:
    browser = there.browser()
    assert refusal(await browser.start("nobody")) == "sso_no_such_provider"
    assert refusal(await browser.come_back(f"{CALLBACK}/nobody/callback?ticket=x")) == "sso_no_such_provider"
    assert refusal(await browser.start("zj-legal", "agent")) == "sso_mode_not_offered"
    answer = await browser.send("GET", f"{API}/sso/zj-person/start?mode=staff")
    assert answer.status_code == 422
    assert (await browser.send("GET", f"{API}/sso/arrival")).json()["code"] == "sso_arrival_gone"


async def test_too_often_from_one_address(there: Elsewhere) -> None:
    async with begin(there.hall.runtime, scope=Scope.system()) as tx:
        client = there.hall.runtime.vault.fingerprint("client", b"198.51.100.9")
        await tx.execute(
            text(
                "INSERT INTO sso_attempts (id, digest, provider, mode, purpose, client, step, began_at, expires_at) "
                "SELECT gen_random_uuid(), uuid_send(gen_random_uuid()), 'oidc', 'agent', 'login', :client, 'started', "
                ":now, :now FROM generate_series(1, :many)"
            ),
            {"client": client, "now": there.hall.clock.now(), "many": MOST_ATTEMPTS - 1},
        )
    browser = there.browser()
    await browser.through("oidc", "fangxiaoman", "agent")
    assert refusal(await browser.start("oidc", "agent")) == "sso_too_many"
    assert refusal(await browser.come_back(there.standin.person.return_address(FANG))) == "sso_too_many"
    elsewhere = there.browser()
    elsewhere.address = "198.51.100.10"
    assert await elsewhere.through("oidc", "fangxiaoman", "agent") == "/sso"
    there.hall.clock.advance(timedelta(minutes=10))
    assert await browser.through("oidc", "fangxiaoman", "agent") == "/sso"


# -- who may not come in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "who", "code"),
    [
        ("zj-person", "qianduoduo", "sso_level_low"),
        ("zj-person", "anderson", "sso_document_unsupported"),
        ("zj-legal", "lowlevel", "sso_level_low"),
        ("zj-legal", "stranger", "sso_unit_unknown"),
    ],
)
async def test_who_may_not_come_in(there: Elsewhere, provider: str, who: str, code: str) -> None:
    browser = there.browser()
    assert refusal(await browser.through(provider, who)) == code
    await _nobody_came_in(there, browser)


async def test_a_closed_account_stays_closed(there: Elsewhere) -> None:
    """Neither its link nor its person's number opens it again, nor makes another one."""
    browser = there.browser()
    await browser.through("zj-person", "fangxiaoman", "agent")
    account_id = UUID((await browser.account())["id"])
    async with begin(there.hall.runtime, scope=Scope.system()) as tx:
        await tx.execute(text("UPDATE accounts SET closed_at = now()"))
    assert refusal(await there.browser().through("zj-person", "fangxiaoman", "agent")) == "sso_account_closed"
    async with begin(there.hall.runtime, scope=Scope.system()) as tx:
        await tx.execute(text("DELETE FROM sso_links"))
    assert refusal(await there.browser().through("zj-person", "fangxiaoman", "agent")) == "sso_account_closed"
    assert (await audited(there.hall, account_id))[-2:] == ["sso.refused", "sso.refused"]


async def test_a_subject_that_became_somebody_else(there: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    tell = there.standin.person.user_info
    await there.browser().through("zj-person", "fangxiaoman", "agent")
    other = {"username": "钱多多", "idnum": "330205198806207533"}
    monkeypatch.setattr(there.standin.person, "user_info", lambda person: tell(person) | other)
    assert refusal(await there.browser().through("zj-person", "fangxiaoman", "agent")) == "sso_person_differs"


# -- what is told, and what is not -------------------------------------------------------------------------------------


async def test_every_refusal_has_words(there: Elsewhere) -> None:
    for code in REFUSALS:
        answer = await there.browser().send("GET", f"{API}/sso/refusals/{code}")
        body = answer.json()
        assert answer.status_code == 200
        assert body["code"] == code
        assert body["title"]
        assert len(body["detail"]) > 10
        assert body["ways"]
    assert (await there.browser().send("GET", f"{API}/sso/refusals/sso_made_up")).status_code == 404


async def test_no_ticket_and_nobody_is_in_the_logs(there: Elsewhere) -> None:
    before = structlog.get_config()
    lines = io.StringIO()
    logs.configure("identity", "DEBUG", stream=lines)
    try:
        browser = there.browser()
        ticket = await browser.pick(await browser.start("zj-person", "agent"), "fangxiaoman")
        code = await browser.pick(await browser.start("oidc", "agent"), "fangxiaoman")
        cookie = browser.cookies[ATTEMPT]
        await browser.come_back(code)
        await browser.come_back(ticket)
        await browser.come_back(there.standin.person.return_address(PEOPLE[2]))
        await browser.come_back(there.standin.legal.return_address(LEGAL_PEOPLE[1]))
    finally:
        structlog.configure(**before)
    said = lines.getvalue()
    assert "single sign-on refused" in said
    queries = [parse_qs(urlsplit(address).query) for address in (ticket, code)]
    values = [value for query in queries for found in query.values() for value in found]
    people = [FANG.name, FANG.id_number, FANG.mobile, FANG.subject, PEOPLE[2].name, LEGAL_PEOPLE[1].subject]
    secrets = [value for value in values if len(value) > 12 and not value.startswith("http")]
    assert len(secrets) >= 3
    for private in (*secrets, *people, cookie, "demo-service-secret", "demo-client-secret"):
        assert private not in said


async def test_without_providers_there_is_nothing(databases: TestDatabases) -> None:
    async with connected(databases, sso_providers=[]) as there:
        browser = there.browser()
        answer = (await browser.send("GET", f"{API}/sso/providers")).json()
        assert answer == {"items": [], "came_from": None}
        assert refusal(await browser.start("zj-person")) == "sso_no_such_provider"
