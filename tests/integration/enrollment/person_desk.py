"""What the tests about insured persons' accounts share: identity's news of an account, and asking as its holder."""

from typing import Any
from uuid import UUID

from pydantic import SecretStr

from contracts.identity import PersonAccountChanged, PersonAccountOpened
from contracts.values.person_link import LinkKey
from servicekit.ids import uuid7
from servicekit.settings import decode_key
from tests.integration.enrollment.desk import API
from tests.support.harness import PERSON_LINK_KEY, ServiceHarness

NAME, MOBILE = "沈嘉禾", "13800571234"
"""As `desk.addition` declares people."""
KEY = LinkKey(decode_key(SecretStr(PERSON_LINK_KEY)))


def account_opened(
    number: str,
    *,
    name: str = NAME,
    mobile: str | None = MOBILE,
    vouched: bool = False,
    account_id: UUID | None = None,
) -> PersonAccountOpened:
    """News of an account whose holder says that they are this person."""
    index = KEY.person("01", number)
    return PersonAccountOpened(
        account_id=account_id or uuid7(),
        version=1,
        person_index=index,
        registered_as=KEY.registered_as(index, name),
        reached_at=None if mobile is None else KEY.reached_at(index, mobile),
        vouched=vouched,
    )


def account_changed(
    news: PersonAccountOpened, number: str, *, version: int = 2, **changes: Any
) -> PersonAccountChanged:
    """News that the account says something else by now."""
    told = account_opened(number, account_id=news.account_id, **changes)
    return PersonAccountChanged.model_validate({**told.model_dump(), "version": version})


async def standing(hall: ServiceHarness, account_id: UUID) -> str:
    """How an account stands, as its holder is told."""
    answer = await hall.client.get(f"{API}/me/recognition", headers=hall.person(None, account_id=account_id))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["standing"])
