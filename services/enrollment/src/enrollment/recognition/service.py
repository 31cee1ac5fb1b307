"""Recognising accounts: by what identity tells of them, and again when the register changes (ADR 0015)."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.enrollment import PersonRecognised
from contracts.identity import PersonAccountChanged, PersonAccountOpened
from enrollment.people.models import Person
from enrollment.recognition import repository, rules
from enrollment.recognition.models import PersonLink
from enrollment.settings import link_key_of
from servicekit import audit, outbox
from servicekit.auth import PersonPrincipal
from servicekit.db.tx import Scope, begin, clock_of, vault_of
from servicekit.runtime import Runtime

_BATCH = 500


async def take_news(tx: AsyncSession, event: PersonAccountOpened | PersonAccountChanged) -> None:
    """Keeps what is told of an account and looks whose it is. Once recognised it stays that person's."""
    now = clock_of(tx).now()
    told = {
        "account_id": event.account_id,
        "version": event.version,
        "person_index": bytes.fromhex(event.person_index),
        "registered_as": bytes.fromhex(event.registered_as),
        "reached_at": None if event.reached_at is None else bytes.fromhex(event.reached_at),
        "vouched": event.vouched,
        "updated_at": now,
    }
    if not await repository.put_newer(tx, told):
        return
    link = await repository.locked(tx, event.account_id)
    if link.standing != "recognised":
        await _compare(tx, link, await repository.person_with(tx, link.person_index), now=now)


async def _compare(tx: AsyncSession, link: PersonLink, person: Person | None, *, now: datetime) -> None:
    if person is None:
        repository.now_stands(link, None, "not_found", now=now)
        return
    key, index = link_key_of(tx), link.person_index.hex()
    mobile = vault_of(tx).open("mobile", person.mobile).reveal()
    standing = rules.standing(
        vouched=link.vouched,
        name_agrees=bytes.fromhex(key.registered_as(index, person.name)) == link.registered_as,
        mobile_agrees=bytes.fromhex(key.reached_at(index, mobile)) == link.reached_at,
    )
    repository.now_stands(link, person, standing, now=now)
    if standing != "recognised":
        return
    facts = {"account_id": str(link.account_id), "vouched": link.vouched}
    await audit.record(tx, None, "person.recognised", str(person.id), chain=f"account:{link.account_id}", facts=facts)
    await outbox.add(tx, PersonRecognised(account_id=link.account_id, person_id=person.id))


async def try_again(runtime: Runtime) -> None:
    """The worker's duty: people who have no index yet get one, and accounts whose person has come to be or has changed
    are compared again.
    """
    await _index_people(runtime)
    compared = _BATCH
    while compared == _BATCH:
        async with begin(runtime, scope=Scope.system()) as tx:
            due = await repository.due(tx, limit=_BATCH)
            for link, person in due:
                await _compare(tx, link, person, now=runtime.clock.now())
            compared = len(due)


async def _index_people(runtime: Runtime) -> None:
    indexed = _BATCH
    while indexed == _BATCH:
        async with begin(runtime, scope=Scope.system()) as tx:
            key, vault = link_key_of(tx), vault_of(tx)
            people = await repository.without_index(tx, limit=_BATCH)
            indexes = [
                (person_id, bytes.fromhex(key.person(id_type, vault.open("id_number", number).reveal())))
                for person_id, id_type, number in people
            ]
            if indexes:
                await repository.set_indexes(tx, indexes)
            indexed = len(people)


async def own_standing(tx: AsyncSession, me: PersonPrincipal) -> rules.Standing | None:
    """How the asker's account stands. None: identity's news of it has not come yet."""
    link = await repository.of_account(tx, me.account_id)
    return None if link is None else link.standing
