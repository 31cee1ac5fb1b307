"""Insured persons' accounts: what enrollment is told of them, and what their tokens say once they are recognised."""

from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import update

from contracts.enrollment import PersonRecognised
from contracts.identity import PersonAccountChanged, PersonAccountOpened, PersonLinked
from contracts.values.person_link import LinkKey
from identity.accounts.models import Account
from identity.persons.service import announce_earlier
from servicekit import outbox
from servicekit.auth.tokens import INTERNAL_AUDIENCE, verify
from servicekit.consumer import Done
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from servicekit.settings import decode_key
from standalone.standin.people import PEOPLE
from tests.integration.identity.elsewhere import Browser, connected
from tests.integration.identity.entrance import (
    API,
    NAME,
    PASSWORD,
    REPORTING_SECRET,
    Visitor,
    announced,
    audited,
    delegation,
    deliver,
    last_code,
    registered,
)
from tests.support.databases import TestDatabases
from tests.support.harness import PERSON_LINK_KEY, ServiceHarness
from tests.support.people import resident_id

MOBILE, NEW_MOBILE = "13805740001", "13805740002"


def link_key() -> LinkKey:
    return LinkKey(decode_key(SecretStr(PERSON_LINK_KEY)))


async def person(hall: ServiceHarness, number: str | None = None, **changes: Any) -> UUID:
    """The account of an insured person, registered by form."""
    facts = {"kind": "person", "uscc": None, "unit_name": None, "username": "geren", "person_mobile": MOBILE}
    facts["person_id_number"] = number or resident_id()
    return await registered(hall, **(facts | changes))


async def recognised(hall: ServiceHarness, account_id: UUID, person_id: UUID) -> None:
    assert await deliver(hall, PersonRecognised(account_id=account_id, person_id=person_id)) == Done()


async def test_registering_tells_enrollment_keyed_indexes_only(hall: ServiceHarness) -> None:
    number, key = resident_id(), link_key()
    account_id = await person(hall, number)
    (news,) = await announced(hall, PersonAccountOpened)
    index = key.person("01", number)
    assert news == PersonAccountOpened(
        account_id=account_id,
        version=1,
        person_index=index,
        registered_as=key.registered_as(index, NAME),
        reached_at=key.reached_at(index, MOBILE),
        vouched=False,
    )
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        told = str((await tx.scalars(outbox.table.select().with_only_columns(outbox.table.c.envelope))).all())
    assert [word for word in (number, NAME, MOBILE) if word in told] == []


async def test_other_accounts_are_nobodys_insurance(hall: ServiceHarness) -> None:
    await registered(hall)
    await registered(hall, kind="agent", username="jingban", person_mobile=NEW_MOBILE)
    assert await announced(hall, PersonAccountOpened, PersonAccountChanged) == []


async def test_a_recognised_account_says_so_in_its_tokens_at_once(hall: ServiceHarness) -> None:
    account_id, person_id = await person(hall), uuid7()
    visitor = await Visitor(hall).signed_in("person", "geren")
    assert (await visitor.claims()).person_id is None
    await recognised(hall, account_id, person_id)
    assert (await visitor.claims()).person_id == person_id
    assert await announced(hall, PersonLinked) == [PersonLinked(account_id=account_id, person_id=person_id)]
    assert "account.recognised" in await audited(hall, account_id)


async def test_the_news_of_it_come_again_and_change_nothing(hall: ServiceHarness) -> None:
    account_id = await person(hall)
    event, message = PersonRecognised(account_id=account_id, person_id=uuid7()), uuid7()
    for id in (message, message, uuid7()):  # the same message, then the same news in another one
        await deliver(hall, event, id=id)
    assert len(await announced(hall, PersonLinked)) == 1
    assert (await audited(hall, account_id)).count("account.recognised") == 1


async def test_nobody_but_an_insured_person_is_recognised(hall: ServiceHarness) -> None:
    agent = await registered(hall, kind="agent", username="jingban", person_mobile=NEW_MOBILE)
    await recognised(hall, agent, uuid7())
    await recognised(hall, uuid7(), uuid7())  # an account that isn't there
    assert (await (await Visitor(hall).signed_in("agent", "jingban")).claims()).person_id is None
    assert await announced(hall, PersonLinked) == []


async def test_another_mobile_is_told(hall: ServiceHarness) -> None:
    number, key = resident_id(), link_key()
    account_id = await person(hall, number)
    visitor = await (await Visitor(hall).signed_in("person", "geren")).step_up()
    await visitor.post("/account/mobile/sms-codes", {"mobile": NEW_MOBILE}, 202)
    await visitor.post("/account/mobile", {"mobile": NEW_MOBILE, "sms_code": await last_code(hall, NEW_MOBILE)})
    (news,) = await announced(hall, PersonAccountChanged)
    assert (news.account_id, news.version, news.vouched) == (account_id, 2, False)
    assert news.reached_at == key.reached_at(key.person("01", number), NEW_MOBILE)


async def test_accounts_of_before_are_announced_once(hall: ServiceHarness) -> None:
    account_id = await person(hall)
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await tx.execute(update(Account).values(announced_version=0))
    await announce_earlier(hall.runtime)
    await announce_earlier(hall.runtime)
    assert [one.account_id for one in await announced(hall, PersonAccountOpened)] == [account_id, account_id]


async def test_reporting_may_read_for_a_recognised_person_and_no_other(hall: ServiceHarness) -> None:
    account_id, person_id = await person(hall), uuid7()
    wanted = {"account_id": str(account_id), "permission": "print"}
    refused = await delegation(hall, **wanted)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_a_person")
    await recognised(hall, account_id, person_id)
    granted = await delegation(hall, **wanted)
    assert granted.status_code == 200, granted.text
    token = granted.json()["token"]
    claims = await verify(token, hall.runtime.keys, audience=INTERNAL_AUDIENCE, now=hall.clock.now())
    assert (claims.kind, claims.person_id, claims.employer_no, claims.via) == ("person", person_id, None, "delegation")
    # A worker's token opens nothing that people use, and an agent is no insured person.
    answer = await hall.client.get(f"{API}/account", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    agent = await registered(hall, kind="agent", username="jingban", person_mobile=NEW_MOBILE)
    assert (await delegation(hall, account_id=str(agent), permission="print")).status_code == 403
    assert (await delegation(hall, REPORTING_SECRET + "x", **wanted)).status_code == 401


async def _through(browser: Browser, login: str) -> None:
    await browser.through("zj-person", login, "person")


async def test_a_provider_vouches_for_an_account_that_it_made(databases: TestDatabases) -> None:
    async with connected(databases) as there:
        await _through(there.browser(), "fangxiaoman")
        (news,) = await announced(there.hall, PersonAccountOpened, PersonAccountChanged)
        assert (news.version, news.vouched) == (1, True)


@pytest.mark.parametrize("same_mobile", [True, False])
async def test_a_provider_vouches_for_a_registered_account_that_is_no_trap(
    databases: TestDatabases, same_mobile: bool
) -> None:
    """Somebody may have registered an account with another's ID number and name, and a mobile of their own: it is not
    the true owner's before they have shown that they have its password, too."""
    true = next(one for one in PEOPLE if one.key == "fangxiaoman")
    mobile = true.mobile if same_mobile else NEW_MOBILE
    async with connected(databases) as there:
        account_id = await person(there.hall, true.id_number, person_name=true.name, person_mobile=mobile)
        browser = there.browser()
        await _through(browser, "fangxiaoman")
        if not same_mobile:
            assert await announced(there.hall, PersonAccountChanged) == []
            assert (await browser.arrival())["step"] == "link"
            body = {"mode": "person", "username": "geren", "password": PASSWORD}
            assert (await browser.send("POST", f"{API}/sessions", body)).status_code == 201
            linked = await browser.send("POST", f"{API}/sso/links")
            assert linked.status_code == 200, linked.text
        changed = await announced(there.hall, PersonAccountChanged)
        assert [(one.account_id, one.version, one.vouched) for one in changed] == [(account_id, 2, True)]
        await _through(there.browser(), "fangxiaoman")  # nothing new
        assert len(await announced(there.hall, PersonAccountChanged)) == 1
