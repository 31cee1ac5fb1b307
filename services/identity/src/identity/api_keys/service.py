"""API key use cases: issuing, revoking, and what a key is worth."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.identity import ApiKeyRevoked
from identity.api_keys import repository, rules
from identity.api_keys.models import ApiKey
from identity.api_keys.repository import KeyStanding
from identity.api_keys.rules import Portion
from identity.api_keys.schemas import ApiKeyForm
from identity.mandates.rules import check_permissions
from identity.sessions.rules import token_end
from servicekit import audit, outbox
from servicekit.auth import Claims, Clerk, TokenSigner, check_stepped_up
from servicekit.clock import BUSINESS_ZONE
from servicekit.ids import uuid7
from servicekit.refusals import InvalidFields, NotFound


async def issue(tx: AsyncSession, clerk: Clerk, form: ApiKeyForm, *, now: datetime) -> tuple[ApiKey, str]:
    """A new key of the clerk's unit, and the key itself, which is not kept. Keys live by the real time, as sessions do,
    also where the business date is held still.

    Raises:
        StepUpRequired: a key is an agent that never sleeps; it wants the password once more.
        InvalidFields: no or too many permissions, or no sensible last day.
        NameTaken, TooManyKeys: as they say.
    """
    check_stepped_up(clerk, now=now)
    permissions = check_permissions(form.permissions, held=clerk.permissions)
    if fault := rules.expiry_fault(form.expires_on, today=now.astimezone(BUSINESS_ZONE).date()):
        raise InvalidFields([fault])
    await repository.serialise(tx, clerk.employer_no)
    if await repository.living(tx, clerk.employer_no, now) >= rules.MOST_LIVING:
        raise rules.TooManyKeys
    secret = rules.new_key()
    key = ApiKey(
        id=uuid7(),
        employer_no=clerk.employer_no,
        account_id=clerk.account_id,
        name=form.name,
        shown_part=rules.shown_part(secret),
        digest=rules.digest_of(secret),
        permissions=list(permissions),
        requests_per_minute=form.requests_per_minute,
        issued_at=now,
        expires_at=datetime.combine(form.expires_on + timedelta(days=1), time(), BUSINESS_ZONE).astimezone(UTC),
    )
    try:
        await repository.add(tx, key)
    except repository.NameTaken as taken:
        raise rules.NameTaken(pointer="/name") from taken
    facts = {
        "name": key.name,
        "permissions": list(permissions),
        "expires_on": form.expires_on,
        "requests_per_minute": key.requests_per_minute,
    }
    await audit.record(tx, clerk, "api_key.issued", str(key.id), chain=clerk.employer_no, facts=facts)
    return key, secret


async def keys(tx: AsyncSession, clerk: Clerk, *, offset: int, limit: int) -> tuple[list[ApiKey], int]:
    """A page of the keys of the clerk's unit and how many there are."""
    return await repository.of_unit(tx, clerk.employer_no, offset=offset, limit=limit)


async def revoke(tx: AsyncSession, clerk: Clerk, key_id: UUID, *, now: datetime) -> None:
    """Ends a key; felt as soon as the gateways hear of it. Doing so twice is harmless.

    Raises:
        NotFound: the unit has no such key.
    """
    key = await repository.one_of_unit(tx, clerk.employer_no, key_id)
    if key is None:
        raise NotFound("本单位没有这个密钥，请刷新后再看。")
    if key.revoked_at is not None:
        return
    key.revoked_at = now
    await audit.record(tx, clerk, "api_key.revoked", str(key.id), chain=clerk.employer_no, facts={"name": key.name})
    await outbox.add(tx, ApiKeyRevoked(key_id=key.id, account_id=key.account_id, employer_no=key.employer_no))


async def swap(tx: AsyncSession, key: str, *, now: datetime) -> KeyStanding | None:
    """What a key stands for; that it is in use is noted. None: nothing (any more)."""
    standing = await repository.standing(tx, rules.digest_of(key), now)
    if standing is not None and rules.needs_noting(standing.last_used_at, now=now):
        await repository.see(tx, standing.key_id, now)
    return standing


async def take_portion(tx: AsyncSession, key_id: UUID, *, now: datetime) -> Portion:
    """So many requests of the key for the gateway that asks; the others can't have those any more.

    Raises:
        InvalidKey: there is no such key (any more).
    """
    key = await repository.counted(tx, key_id, now)
    if key is None:
        raise rules.InvalidKey
    portion = rules.next_portion(key.requests_left, key.counted_at, per_minute=key.requests_per_minute, now=now)
    key.requests_left = portion.left
    key.counted_at = max(now, key.counted_at or now)  # the clock of another process may be behind
    return portion


def token_of(standing: KeyStanding, signer: TokenSigner, *, now: datetime) -> tuple[str, int]:
    """A token of the key and how many seconds it lives."""
    expires_at = token_end(expires_at=standing.expires_at, now=now)
    token = signer.mint(
        Claims(
            account_id=standing.account_id,
            session_id=str(standing.key_id),
            kind=standing.kind,
            employer_no=standing.employer_no,
            permissions=frozenset(standing.permissions),
            via="api_key",
            issued_at=now,
            expires_at=expires_at,
        )
    )
    return token, int((expires_at - now).total_seconds())
