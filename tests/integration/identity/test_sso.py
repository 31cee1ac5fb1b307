"""Single sign-on through the stand-in, over real HTTP: whose account opens, and what nobody else gets."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from sqlalchemy import func, select

from contracts.identity import AccountRegistered, SessionEnded
from identity import demo
from identity.sso.models import SsoAttempt
from identity.sso.service import forget_old
from servicekit.db.tx import Scope, begin
from standalone.standin.people import PEOPLE
from tests.integration.identity.elsewhere import (
    FROM,
    Browser,
    Elsewhere,
    connected,
    refusal,
    under_raised_session,
)
from tests.integration.identity.entrance import API, PASSWORD, announced, audited, registered, whole_database
from tests.support.databases import TestDatabases


@pytest.fixture
async def there(databases: TestDatabases) -> AsyncIterator[Elsewhere]:
    async with connected(databases) as running:
        yield running


async def test_the_buttons(there: Elsewhere) -> None:
    answer = (await there.browser().send("GET", f"{API}/sso/providers")).json()
    assert [(one["key"], one["kind"], one["modes"]) for one in answer["items"]] == [
        ("zj-person", "zj_person", ["agent", "person"]),
        ("zj-legal", "zj_legal", ["legal_representative"]),
        ("oidc", "oidc", ["legal_representative", "agent", "person"]),
    ]
    assert answer["came_from"] is None


@pytest.mark.parametrize("mode", ["agent", "person"])
async def test_a_person_comes_first_and_again(there: Elsewhere, mode: str) -> None:
    browser = there.browser()
    assert await browser.through("zj-person", "fangxiaoman", mode, "/hall/additions") == "/sso"
    arrival = await browser.arrival()
    assert (arrival["step"], arrival["return_to"]) == ("signed_in", "/hall/additions")
    assert "方小满" not in str(arrival)
    account = await browser.account()
    assert (account["kind"], account["display_name"]) == (mode, "方小满")
    again = there.browser()
    await again.through("zj-person", "fangxiaoman", mode)
    assert (await again.account())["id"] == account["id"]
    assert len(await announced(there.hall, AccountRegistered)) == 1
    assert await audited(there.hall, UUID(account["id"])) == [
        "account.registered",
        "sso.linked",
        "session.started",
        "session.started",
    ]


async def test_one_person_has_an_account_of_each_kind(there: Elsewhere) -> None:
    agent, person = there.browser(), there.browser()
    await agent.through("zj-person", "fangxiaoman", "agent")
    await person.through("zj-person", "fangxiaoman", "person")
    assert (await agent.account())["id"] != (await person.account())["id"]


async def test_the_account_of_the_same_person_is_found(there: Elsewhere) -> None:
    await demo.seed(there.hall.runtime)
    browser = there.browser()
    await browser.through("zj-person", "linzhixia", "agent")
    assert (await browser.account())["username"] == "jingban01"


@pytest.mark.parametrize("changes", [{"person_name": "林知秋"}, {"person_mobile": "13957400007"}])
async def test_an_account_that_may_be_somebody_elses_wants_its_password_once(
    there: Elsewhere, changes: dict[str, str]
) -> None:
    """The number is the same, but not the name or the mobile: whoever registered it may have typed any number."""
    facts = {"person_name": "林知夏", "person_id_number": "330282198512310028", "person_mobile": "13800570102"}
    account_id = await registered(there.hall, kind="agent", username="linzhixia", **(facts | changes))
    browser = there.browser()
    assert await browser.through("zj-person", "linzhixia", "agent") == "/sso"
    assert (await browser.arrival())["step"] == "link"
    assert not browser.signed_in
    await _log_in(browser, "agent", "linzhixia")
    linked = await browser.send("POST", f"{API}/sso/links")
    assert linked.status_code == 200, linked.text
    again = there.browser()
    await again.through("zj-person", "linzhixia", "agent")
    assert (await again.account())["id"] == str(account_id)


async def test_an_account_registered_by_form_wants_its_password_once_where_the_provider_knows_no_mobile(
    there: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Name and number stand on an ID card: whoever has seen it can have registered the account."""
    facts = {"person_name": "林知夏", "person_id_number": "330282198512310028", "person_mobile": "13800570102"}
    account_id = await registered(there.hall, kind="agent", username="linzhixia", **facts)
    tell = there.standin.person.user_info
    monkeypatch.setattr(there.standin.person, "user_info", lambda person: tell(person) | {"mobile": ""})
    browser = there.browser()
    await browser.through("zj-person", "linzhixia", "agent")
    arrival = await browser.arrival()
    assert (arrival["step"], arrival["mode"], arrival["reason"]) == ("link", "agent", "account_exists")
    assert not browser.signed_in
    assert "sso.linked" not in await audited(there.hall, account_id)
    await _log_in(browser, "agent", "linzhixia")
    assert (await browser.send("POST", f"{API}/sso/links")).status_code == 200
    again = there.browser()
    await again.through("zj-person", "linzhixia", "agent")
    assert (await again.account())["id"] == str(account_id)


async def test_an_account_that_came_by_one_provider_is_found_by_another(
    there: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no password: nobody but the person whom a provider vouches for was ever in it."""
    tell = there.standin.person.user_info
    monkeypatch.setattr(there.standin.person, "user_info", lambda person: tell(person) | {"mobile": ""})
    first, operator = there.browser(), there.browser()
    await first.through("zj-person", "fangxiaoman", "agent")
    await operator.through("zj-legal", "operator")
    await operator.send("POST", f"{API}/sso/arrival/confirmation", {"mode": "legal_representative"})
    assert (await operator.account())["id"] == (await first.account())["id"]


async def test_the_page_asks_for_the_account_that_would_open(there: Elsewhere) -> None:
    """Not for the one whose button was pressed: an operator's is an agent's account, and from the portal the user says
    as what they come in."""
    facts: dict[str, Any] = {"person_name": "方小满", "person_id_number": "330203199203158244"}
    await registered(there.hall, kind="agent", username="agent_fang", person_mobile="13957400007", **facts)
    facts |= {"uscc": None, "unit_name": None}
    await registered(there.hall, kind="person", username="person_fang", person_mobile="13957400008", **facts)
    operator, walk_in = there.browser(), there.browser()
    await operator.through("zj-legal", "operator")
    await walk_in.come_back(there.standin.person.return_address(PEOPLE[1]))
    for browser, chosen, asked in ((operator, "legal_representative", "agent"), (walk_in, "person", "person")):
        answer = await browser.send("POST", f"{API}/sso/arrival/confirmation", {"mode": chosen})
        assert answer.json()["session"] is None
        arrival = await browser.arrival()
        assert (arrival["step"], arrival["mode"], arrival["reason"]) == ("link", asked, "account_exists")
        await _log_in(browser, asked, f"{asked}_fang")
        assert (await browser.send("POST", f"{API}/sso/links")).status_code == 200


async def _log_in(browser: Browser, mode: str, username: str) -> None:
    body = {"mode": mode, "username": username, "password": PASSWORD}
    answer = await browser.send("POST", f"{API}/sessions", body)
    assert answer.status_code == 201, answer.text


async def test_the_legal_representative_comes_first_and_again(there: Elsewhere) -> None:
    browser, again = there.browser(), there.browser()
    assert await browser.through("zj-legal", "association") == "/sso"
    account = await browser.account()
    assert (account["kind"], account["display_name"]) == ("legal_representative", "叶闻溪")
    units = (await browser.send("GET", f"{API}/units")).json()["items"]
    assert [unit["name"] for unit in units] == ["四明山文化交流协会"]
    await again.through("zj-legal", "association")
    assert (await again.account())["id"] == account["id"]


async def test_the_registered_account_of_the_representative_is_found(there: Elsewhere) -> None:
    await demo.seed(there.hall.runtime)
    browser = there.browser()
    await browser.through("zj-legal", "jiangyong")
    assert (await browser.account())["username"] == "yongjiang"


async def test_an_operator_of_a_legal_person_is_asked_and_becomes_an_agent_without_units(there: Elsewhere) -> None:
    await demo.seed(there.hall.runtime)
    browser = there.browser()
    assert await browser.through("zj-legal", "operator") == "/sso"
    arrival = await browser.arrival()
    assert (arrival["step"], arrival["reason"]) == ("confirm", "operator")
    assert (arrival["name_masked"], arrival["id_number_masked"]) == ("方**", "330203********8244")
    assert arrival["unit_name"] == "甬江智造科技有限公司"
    assert not browser.signed_in
    answer = await browser.send("POST", f"{API}/sso/arrival/confirmation", {"mode": "legal_representative"})
    assert answer.status_code == 200, answer.text
    account = await browser.account()
    assert (account["kind"], account["display_name"]) == ("agent", "方小满")
    assert (await browser.send("GET", f"{API}/units")).json()["total"] == 0


async def test_another_operator_of_the_same_legal_person_is_another_agent(
    there: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The portal's account is the company's, whoever uses it."""
    first, second = there.browser(), there.browser()
    tell = there.standin.legal.user_info
    await first.through("zj-legal", "operator")
    await first.send("POST", f"{API}/sso/arrival/confirmation", {"mode": "legal_representative"})
    other = {"attnName": "钱多多", "attnIDNo": "330205198806207533", "attnPhone": "13800570112"}
    monkeypatch.setattr(there.standin.legal, "user_info", lambda legal: tell(legal) | other)
    await second.through("zj-legal", "operator")
    await second.send("POST", f"{API}/sso/arrival/confirmation", {"mode": "legal_representative"})
    assert (await second.account())["display_name"] == "钱多多"
    assert (await first.account())["id"] != (await second.account())["id"]


async def test_an_account_of_another_representative_stays_shut(there: Elsewhere) -> None:
    account_id = await registered(there.hall, person_name="江涌")  # of the same name, with another ID number
    browser = there.browser()
    assert refusal(await browser.through("zj-legal", "jiangyong")) == "sso_representative_differs"
    assert not browser.signed_in
    assert (await audited(there.hall, account_id))[-1] == "sso.refused"


async def test_openid_connect_is_linked_once_by_signing_in(there: Elsewhere) -> None:
    await demo.seed(there.hall.runtime)
    browser = there.browser()
    assert await browser.through("oidc", "linzhixia", "agent", "/hall/roster") == "/sso"
    arrival = await browser.arrival()
    assert (arrival["step"], arrival["reason"], arrival["name_masked"]) == ("link", None, "林**")
    body = {"mode": "agent", "username": "jingban01", "password": demo.PASSWORD}
    await browser.send("POST", f"{API}/sessions", body)
    made = await browser.send("POST", f"{API}/sso/links")
    assert (made.status_code, made.json()["provider"]) == (200, "oidc")
    assert (await browser.arrival())["step"] == "linked"
    again = there.browser()
    await again.through("oidc", "linzhixia", "agent")
    assert (await again.account())["username"] == "jingban01"
    other_kind = there.browser()
    await other_kind.through("oidc", "linzhixia", "legal_representative")
    assert (await other_kind.arrival())["step"] == "link"


async def test_an_old_session_does_not_adopt_what_arrives(there: Elsewhere) -> None:
    """Otherwise a visit to somebody's left-open session would leave a way in behind."""
    await demo.seed(there.hall.runtime)
    browser = there.browser()
    await browser.send("POST", f"{API}/sessions", {"mode": "agent", "username": "jingban01", "password": demo.PASSWORD})
    there.hall.clock.advance(timedelta(minutes=2))
    await browser.through("oidc", "fangxiaoman", "agent")
    await browser.send("POST", f"{API}/sessions/current/unit", {"employer_no": "330200000000000101"})
    refused = await browser.send("POST", f"{API}/sso/links")
    assert (refused.status_code, refused.json()["code"]) == (403, "sso_login_needed")


async def test_who_is_signed_in_already_gets_a_new_session(there: Elsewhere) -> None:
    """No fixation: the cookie of before is worth nothing afterwards."""
    await demo.seed(there.hall.runtime)
    browser = there.browser()
    await browser.send("POST", f"{API}/sessions", {"mode": "agent", "username": "jingban01", "password": demo.PASSWORD})
    before = browser.cookies["__Host-hall_session"]
    await browser.through("zj-person", "fangxiaoman", "agent")
    assert browser.cookies["__Host-hall_session"] != before
    assert (await browser.account())["display_name"] == "方小满"
    (ended,) = await announced(there.hall, SessionEnded)
    assert ended.reason == "logout"


async def test_ten_first_logins_at_once_make_one_account(there: Elsewhere) -> None:
    browsers = [there.browser() for _ in range(10)]
    returns = [await browser.pick(await browser.start("zj-person", "agent"), "fangxiaoman") for browser in browsers]
    ends = await asyncio.gather(*(b.come_back(address) for b, address in zip(browsers, returns, strict=True)))
    assert set(ends) == {"/sso"}
    assert len({(await browser.account())["id"] for browser in browsers}) == 1
    assert len(await announced(there.hall, AccountRegistered)) == 1


async def test_the_portal_sends_somebody_who_did_not_start_here(there: Elsewhere) -> None:
    """Nobody is signed in by a link alone: it may be an attacker's ticket in a victim's browser."""
    browser = there.browser()
    person = next(one for one in PEOPLE if one.key == "fangxiaoman")
    assert await browser.come_back(there.standin.person.return_address(person)) == "/sso"
    assert not browser.signed_in
    arrival = await browser.arrival()
    assert (arrival["step"], arrival["reason"], arrival["name_masked"]) == ("confirm", "portal_entry", "方**")
    answer = await browser.send("POST", f"{API}/sso/arrival/confirmation", {"mode": "person"})
    assert answer.json()["session"]["account"]["kind"] == "person"
    assert (await browser.account())["display_name"] == "方小满"
    again = await browser.send("POST", f"{API}/sso/arrival/confirmation", {"mode": "person"})
    assert (again.status_code, again.json()["code"]) == (410, "sso_arrival_gone")


async def test_declining_forgets_what_the_provider_said(there: Elsewhere) -> None:
    browser = there.browser()
    await browser.come_back(there.standin.person.return_address(PEOPLE[1]))
    attempt = browser.cookies["__Host-hall_sso"]
    assert (await browser.send("DELETE", f"{API}/sso/arrival")).status_code == 204
    browser.cookies["__Host-hall_sso"] = attempt
    gone = await browser.send("POST", f"{API}/sso/arrival/confirmation", {"mode": "agent"})
    assert (gone.status_code, gone.json()["code"]) == (410, "sso_arrival_gone")


async def test_linking_from_the_account_page(there: Elsewhere) -> None:
    await demo.seed(there.hall.runtime)
    browser = there.browser()
    await browser.send("POST", f"{API}/sessions", {"mode": "agent", "username": "jingban01", "password": demo.PASSWORD})
    listed = (await browser.send("GET", f"{API}/sso/links")).json()
    assert listed["items"] == []
    assert [one["key"] for one in listed["linkable"]] == ["zj-person", "oidc"]
    refused = await browser.send("POST", f"{API}/sso/oidc/departures")
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    departing = await _raised(browser, "POST", f"{API}/sso/oidc/departures")
    assert await browser.come_back(await browser.pick(departing["location"], "linzhixia")) == "/sso"
    assert (await browser.arrival())["step"] == "linked"
    (link,) = (await browser.send("GET", f"{API}/sso/links")).json()["items"]
    assert (link["provider"], link["title"]) == ("oidc", "统一身份认证")
    assert (await browser.send("DELETE", f"{API}/sso/links/{link['id']}")).status_code == 204
    assert (await browser.send("DELETE", f"{API}/sso/links/{link['id']}")).status_code == 404
    assert (await browser.send("GET", f"{API}/sso/links")).json()["items"] == []


async def _raised(browser: Browser, method: str, path: str) -> Any:
    """The answer under a session that was raised."""
    answer = await under_raised_session(browser, method, path)
    assert answer.status_code == 200, answer.text
    (cookie,) = answer.headers.get_list("set-cookie")
    browser.cookies["__Host-hall_sso"] = cookie.partition(";")[0].partition("=")[2]
    return answer.json()


async def test_a_link_is_only_made_for_the_account_that_asked_for_it(there: Elsewhere) -> None:
    await demo.seed(there.hall.runtime)
    browser = there.browser()
    await browser.send("POST", f"{API}/sessions", {"mode": "agent", "username": "jingban01", "password": demo.PASSWORD})
    address = await browser.pick(
        (await _raised(browser, "POST", f"{API}/sso/oidc/departures"))["location"], "linzhixia"
    )
    await browser.send("DELETE", f"{API}/sessions/current")
    assert refusal(await browser.come_back(address)) == "sso_session_changed"


async def test_an_identity_opens_one_account_of_a_kind(there: Elsewhere) -> None:
    await demo.seed(there.hall.runtime)
    first, second = there.browser(), there.browser()
    await first.through("zj-person", "fangxiaoman", "agent")
    await second.send("POST", f"{API}/sessions", {"mode": "agent", "username": "jingban01", "password": demo.PASSWORD})
    departing = await _raised(second, "POST", f"{API}/sso/zj-person/departures")
    back = await second.come_back(await second.pick(departing["location"], "fangxiaoman"))
    assert refusal(back) == "sso_person_differs"
    departing = await _raised(second, "POST", f"{API}/sso/zj-person/departures")
    assert await second.come_back(await second.pick(departing["location"], "linzhixia")) == "/sso"


async def test_nobody_loses_the_only_way_in(there: Elsewhere) -> None:
    browser = there.browser()
    await browser.through("zj-person", "fangxiaoman", "agent")
    (link,) = (await browser.send("GET", f"{API}/sso/links")).json()["items"]
    refused = await browser.send("DELETE", f"{API}/sso/links/{link['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "sso_last_way_in")
    another = await browser.send("POST", f"{API}/sso/oidc/departures")
    assert (another.status_code, another.json()["code"]) == (409, "sso_no_password_yet")


async def test_no_password_opens_an_account_that_has_none(there: Elsewhere) -> None:
    browser = there.browser()
    await browser.through("zj-person", "fangxiaoman", "agent")
    username = (await browser.account())["username"]
    body = {"mode": "agent", "username": username, "password": "nobody's password, which nobody knows"}
    refused = await there.browser().send("POST", f"{API}/sessions", body)
    assert (refused.status_code, refused.json()["code"]) == (401, "wrong_credentials")


async def test_logging_out_elsewhere(there: Elsewhere) -> None:
    browser = there.browser()
    await browser.through("oidc", "fangxiaoman", "agent")
    assert FROM not in browser.cookies  # nobody came in
    await browser.through("zj-person", "fangxiaoman", "agent")
    offered = (await browser.send("GET", f"{API}/sso/providers")).json()
    assert offered["came_from"] == {"key": "zj-person", "title": "浙江政务服务网（个人）"}
    answer = await browser.send("GET", f"{API}/sso/zj-person/logout")
    assert answer.headers["location"] == f"{there.standin.site.base_url}/sso/logout"
    assert FROM not in browser.cookies
    answer = await browser.send("GET", f"{API}/sso/oidc/logout")
    parts = urlsplit(answer.headers["location"])
    assert parts.path == "/oidc/logout"
    assert parse_qs(parts.query) == {
        "client_id": ["demo-hall-client"],
        "post_logout_redirect_uri": ["https://hall.test/login"],
    }


async def test_nothing_personal_is_kept_readable(there: Elsewhere) -> None:
    browser, asked = there.browser(), there.browser()
    await browser.through("zj-person", "fangxiaoman", "agent")
    await asked.through("zj-legal", "operator")
    kept = await whole_database(there.hall)
    for secret in ("330203199203158244", "13800570111", "person-fangxiaoman", browser.cookies["__Host-hall_sso"]):
        assert secret not in kept


async def test_old_attempts_are_forgotten(there: Elsewhere) -> None:
    browser = there.browser()
    await browser.through("oidc", "fangxiaoman", "agent")
    there.hall.clock.advance(timedelta(minutes=10))
    await forget_old(there.hall.runtime)
    assert await _attempts(there) == 1  # still counted for the limit
    there.hall.clock.advance(timedelta(minutes=11))
    await forget_old(there.hall.runtime)
    assert await _attempts(there) == 0


async def _attempts(there: Elsewhere) -> int:
    async with begin(there.hall.runtime, scope=Scope.system()) as tx:
        return await tx.scalar(select(func.count()).select_from(SsoAttempt)) or 0
