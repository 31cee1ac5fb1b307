"""Telling enrollment whose an account is, by keyed indexes, and keeping whom it recognised (ADR 0015)."""

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.enrollment import PersonRecognised
from contracts.identity import PersonAccountChanged, PersonAccountOpened, PersonLinked
from contracts.values.person_link import RESIDENT_ID, LinkKey
from identity.accounts.models import Account
from identity.accounts.service import chain_of
from identity.persons import repository
from identity.settings import IdentitySettings
from servicekit import audit, outbox
from servicekit.db.tx import Scope, begin, runtime_of, vault_of
from servicekit.runtime import Runtime
from servicekit.settings import decode_key

_BATCH = 200


async def announce(tx: AsyncSession, account: Account) -> None:
    """Tells enrollment whose an insured person's account is, as it is now. Nothing, for any other account."""
    if account.kind != "person" or account.id_number is None:
        return
    settings = runtime_of(tx).settings
    assert isinstance(settings, IdentitySettings)  # noqa: S101 - the service names this class
    link, vault = LinkKey(decode_key(settings.person_link_key)), vault_of(tx)
    person = link.person(RESIDENT_ID, vault.open("id_number", account.id_number).reveal())
    mobile = None if account.mobile is None else vault.open("mobile", account.mobile).reveal()
    news = PersonAccountChanged if account.announced_version else PersonAccountOpened
    account.announced_version = (account.announced_version or 0) + 1
    await outbox.add(
        tx,
        news(
            account_id=account.id,
            version=account.announced_version,
            person_index=person,
            registered_as=link.registered_as(person, account.display_name),
            reached_at=None if mobile is None else link.reached_at(person, mobile),
            vouched=account.vouched,
        ),
    )


async def vouch(tx: AsyncSession, account: Account) -> None:
    """Notes that an identity provider vouches for the ID number of an insured person's account."""
    if account.kind == "person" and not account.vouched:
        account.vouched = True
        await announce(tx, account)


async def take_recognition(tx: AsyncSession, event: PersonRecognised) -> None:
    """Keeps whose insurance an account may see; the same again changes nothing."""
    account = await repository.locked(tx, event.account_id)
    if account is None or account.person_id == event.person_id:
        return
    account.person_id = event.person_id
    facts = {"person_id": str(event.person_id)}
    await audit.record(tx, None, "account.recognised", str(account.id), chain=chain_of(account), facts=facts)
    await outbox.add(tx, PersonLinked(account_id=account.id, person_id=event.person_id))


async def announce_earlier(runtime: Runtime) -> None:
    """The worker's duty: accounts of before there was anything to tell are announced, some at a time."""
    announced = _BATCH
    while announced == _BATCH:
        async with begin(runtime, scope=Scope.system()) as tx:
            accounts = await repository.unannounced(tx, limit=_BATCH)
            for account in accounts:
                await announce(tx, account)
            announced = len(accounts)
