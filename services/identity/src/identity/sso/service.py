"""Single sign-on use cases: going to a provider, coming back, and what the page in between asks.

What is asked of a provider is asked between two transactions of a request: the first uses the attempt up, so that
nothing that comes back works twice, and holds no connection while a provider takes its time.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from identity.clients import Client
from identity.second_factor import service as second_factor
from identity.sessions import service as sessions
from identity.sessions.rules import logged_in_at
from identity.sessions.service import OpenSession
from identity.sso import repository, rules
from identity.sso.config import SsoMode
from identity.sso.linking import Match, account_for, kind_of, link, restored, sealed, use
from identity.sso.models import SsoAttempt, SsoLink
from identity.sso.port import IdentityProvider, Returned, Vouched
from identity.sso.rules import Purpose
from servicekit import audit
from servicekit.auth import Principal, check_stepped_up
from servicekit.db.tx import Scope, begin, vault_of
from servicekit.ids import uuid7
from servicekit.refusals import NotFound, Refusal
from servicekit.runtime import Runtime

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt and the cookie's value that names it."""

    attempt_id: UUID
    handle: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """An attempt whose one return has just been used. `bound`: it began in this browser, and this is its return."""

    attempt_id: UUID
    handle: str
    bound: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where an attempt stands after the browser came back. `opened` only in the answer that opened the session."""

    attempt: SsoAttempt
    vouched: Vouched | None
    opened: OpenSession | None = None


async def start(
    tx: AsyncSession,
    provider: IdentityProvider,
    mode: SsoMode,
    *,
    return_to: str | None,
    client: str,
    now: datetime,
    purpose: Purpose = "login",
    account_id: UUID | None = None,
) -> Begun:
    """Begins an attempt. `client` is the address that asks.

    Raises:
        ModeNotOffered: the provider is not for this kind of account.
        TooManyAttempts: of this address, lately.
    """
    if mode not in provider.settings.modes:
        raise rules.ModeNotOffered
    asker = vault_of(tx).fingerprint("client", client.encode())
    await repository.serialise(tx, asker)
    rules.check_room(await repository.attempts_of(tx, asker, now - rules.COUNTED_FOR))
    handle = rules.new_handle()
    attempt = SsoAttempt(
        id=uuid7(),
        digest=rules.digest_of(handle),
        provider=provider.settings.key,
        mode=mode,
        purpose=purpose,
        account_id=account_id,
        return_to=rules.safe_return(return_to),
        client=asker,
        step="started",
        began_at=now,
        expires_at=now + rules.ATTEMPT_LIFE,
    )
    repository.add_attempt(tx, attempt)
    await tx.flush()
    return Begun(attempt.id, handle)


async def start_link(
    tx: AsyncSession, provider: IdentityProvider, who: Principal, *, client: str, now: datetime
) -> Begun:
    """Begins an attempt whose end is a link to the signed-in account.

    Raises:
        NoPasswordYet: the account could not be asked for its password.
        StepUpRequired: it was not asked a short while ago: a link is another way in.
        ModeNotOffered: the provider is not for accounts of this kind.
    """
    account = (await sessions.current(tx, who)).account
    if account.password_hash is None:
        raise rules.NoPasswordYet
    check_stepped_up(who, now=now)
    mode = next((mode for mode in provider.settings.modes if mode == account.kind), None)
    if mode is None:
        raise rules.ModeNotOffered
    return await start(
        tx, provider, mode, return_to=None, client=client, now=now, purpose="link", account_id=account.id
    )


async def claim(
    tx: AsyncSession,
    provider: IdentityProvider,
    returned: Returned,
    handle: str | None,
    *,
    client: str,
    now: datetime,
) -> Claimed:
    """Uses up the attempt that this return belongs to; the edge commits before the provider is asked.

    Somebody whom a portal sends without having begun here gets an attempt of their own, unbound.

    Raises:
        StateMissing, StateForeign, StateExpired, StateUsed: the return is not that of a login begun in this browser.
        TooManyAttempts: see `start`.
    """
    state = provider.state_of(returned)
    if not state and not provider.always_bound:
        begun = await start(tx, provider, provider.settings.modes[0], return_to=None, client=client, now=now)
        attempt = await repository.attempt(tx, begun.attempt_id)
        attempt.used_at = now
        return Claimed(attempt.id, begun.handle, bound=False)
    if not handle or not state:
        raise rules.StateMissing
    known = await repository.attempt_of(tx, rules.digest_of(handle), lock=True)
    if known is None or known.provider != provider.settings.key:
        raise rules.StateForeign
    if not rules.same_secret(state, rules.secrets_of(handle).state):
        raise rules.StateForeign
    rules.check_fresh(expires_at=known.expires_at, used_at=known.used_at, now=now)
    known.used_at = now
    return Claimed(known.id, handle, bound=True)


async def arrive(
    tx: AsyncSession,
    claimed: Claimed,
    vouched: Vouched,
    provider: IdentityProvider,
    before: Principal | None,
    client: Client,
    *,
    now: datetime,
) -> Arrival:
    """Somebody came back, and the provider vouches for them: in, linked, or asked something first.

    Raises:
        LevelTooLow, UnitUnknown, AccountClosed, RepresentativeDiffers, ...: see `linking.account_for`.
        SessionChanged: the account that wanted the link is not the one that is signed in.
    """
    rules.check_level(vouched.level, provider.settings.sufficient_levels)
    attempt = await repository.attempt(tx, claimed.attempt_id)
    if attempt.purpose == "link":
        if before is None or before.account_id != attempt.account_id:
            raise rules.SessionChanged
        account = await repository.account(tx, before.account_id)
        await link(tx, provider.settings, vouched, account, by=before, now=now)
        attempt.step = "linked"
        return Arrival(attempt, vouched)
    if not claimed.bound or (attempt.mode == "legal_representative" and vouched.by_operator):
        _keep(tx, attempt, vouched, "confirm", now=now)
        return Arrival(attempt, vouched)
    return await _enter(tx, attempt, vouched, provider, before, attempt.mode, client, now=now)


async def _enter(
    tx: AsyncSession,
    attempt: SsoAttempt,
    vouched: Vouched,
    provider: IdentityProvider,
    before: Principal | None,
    mode: SsoMode,
    client: Client,
    *,
    now: datetime,
) -> Arrival:
    attempt.mode = kind_of(vouched, mode)
    match = await account_for(tx, provider.settings, vouched, mode, now=now)
    if match is None:
        _keep(tx, attempt, vouched, "link", now=now)
        return Arrival(attempt, vouched)
    if await second_factor.confirmed(tx, match.account.id) is not None:
        _keep(tx, attempt, vouched, "second_factor", now=now)
        return Arrival(attempt, vouched)
    return await _open(tx, attempt, vouched, provider, match, before, client, now=now)


async def _open(
    tx: AsyncSession,
    attempt: SsoAttempt,
    vouched: Vouched,
    provider: IdentityProvider,
    match: Match,
    before: Principal | None,
    client: Client,
    *,
    now: datetime,
) -> Arrival:
    account = match.account
    await use(tx, provider.settings, vouched, match, now=now)
    if before is not None and before.via == "session":
        await sessions.end(tx, before, now=now)
    opened = await sessions.open_for(tx, account, {"mode": account.kind, "sso": provider.settings.key}, client, now=now)
    attempt.step, attempt.vouched, attempt.account_id = "signed_in", None, account.id
    return Arrival(attempt, vouched, opened)


def _keep(tx: AsyncSession, attempt: SsoAttempt, vouched: Vouched, step: rules.Step, *, now: datetime) -> None:
    """Keeps what the provider vouched for while a page asks."""
    attempt.step, attempt.vouched = step, sealed(vault_of(tx), vouched)
    attempt.expires_at = now + rules.ATTEMPT_LIFE


async def arrival(tx: AsyncSession, handle: str | None, *, now: datetime, lock: bool = False) -> Arrival:
    """Where this browser's attempt stands.

    Raises:
        ArrivalGone: there is none, it is over, or nobody has come back with it.
    """
    attempt = await repository.attempt_of(tx, rules.digest_of(handle), lock=lock) if handle else None
    if attempt is None or attempt.used_at is None or attempt.step == "started" or now >= attempt.expires_at:
        raise rules.ArrivalGone
    vouched = restored(vault_of(tx), attempt.vouched) if attempt.vouched is not None else None
    return Arrival(attempt, vouched)


async def confirm(
    tx: AsyncSession,
    provider: IdentityProvider,
    before: Principal | None,
    handle: str | None,
    mode: SsoMode,
    client: Client,
    *,
    now: datetime,
) -> Arrival:
    """The user says that it is they, and as what they come in.

    Raises:
        ArrivalGone: nothing waits for an answer.
        ModeNotOffered: the provider is not for this kind of account.
    """
    waiting = await arrival(tx, handle, now=now, lock=True)
    if waiting.attempt.step != "confirm" or waiting.vouched is None:
        raise rules.ArrivalGone
    if mode not in provider.settings.modes:
        raise rules.ModeNotOffered
    return await _enter(tx, waiting.attempt, waiting.vouched, provider, before, mode, client, now=now)


async def show_code(
    tx: AsyncSession,
    provider: IdentityProvider,
    before: Principal | None,
    handle: str | None,
    code: str,
    client: Client,
    *,
    now: datetime,
) -> Arrival | Refusal:
    """The second step where the account has a second factor: no provider has seen that one. A refusal that is returned
    was counted like that of a login, so the edge commits it and raises.

    Raises:
        ArrivalGone: nothing waits for a code, or the account is no longer found by what the provider said.
        TooManyLogins: the account refuses every answer for a while.
    """
    waiting = await arrival(tx, handle, now=now, lock=True)
    attempt, vouched = waiting.attempt, waiting.vouched
    if attempt.step != "second_factor" or vouched is None:
        raise rules.ArrivalGone
    match = await account_for(tx, provider.settings, vouched, attempt.mode, now=now)
    if match is None:
        raise rules.ArrivalGone
    refused = await sessions.check_code(tx, match.account, code, attempt.mode, now=now)
    if refused is not None:
        return refused
    return await _open(tx, attempt, vouched, provider, match, before, client, now=now)


async def decline(tx: AsyncSession, handle: str | None, *, now: datetime) -> None:
    """The user says that it is not they, or thinks better of it. Repeating it is harmless."""
    attempt = await repository.attempt_of(tx, rules.digest_of(handle), lock=True) if handle else None
    if attempt is not None and attempt.step in ("confirm", "link", "second_factor"):
        attempt.vouched, attempt.expires_at = None, now


async def adopt(
    tx: AsyncSession, provider: IdentityProvider, who: Principal, handle: str | None, *, now: datetime
) -> SsoLink:
    """Links the identity that waits in this browser to the account that has just signed in.

    Raises:
        ArrivalGone: nothing waits for an account.
        LoginNeeded: the session is older than the arrival.
        PersonDiffers, LinkedElsewhere, ModeNotOffered: see `linking.link`.
    """
    waiting = await arrival(tx, handle, now=now, lock=True)
    attempt, vouched = waiting.attempt, waiting.vouched
    if attempt.step != "link" or vouched is None or attempt.used_at is None:
        raise rules.ArrivalGone
    current = await sessions.current(tx, who)
    rules.check_logged_in_since(logged_in_at(current.session.expires_at), arrived_at=attempt.used_at)
    made = await link(tx, provider.settings, vouched, current.account, by=who, now=now)
    attempt.step, attempt.vouched, attempt.account_id = "linked", None, current.account.id
    return made


async def links(tx: AsyncSession, who: Principal) -> list[SsoLink]:
    """The links of the signed-in account."""
    return list(await repository.links_of(tx, who.account_id))


async def unlink(tx: AsyncSession, who: Principal, link_id: UUID) -> None:
    """Takes a link away.

    Raises:
        NotFound: the account has no such link.
        LastWayIn: it has no password, and this is the only link.
    """
    account = (await sessions.current(tx, who)).account
    if account.password_hash is None and len(await repository.links_of(tx, account.id)) < 2:
        raise rules.LastWayIn
    provider = await repository.remove_link(tx, account.id, link_id)
    if provider is None:
        raise NotFound("没有这个绑定，或已经解除")
    await audit.record(
        tx, who, "sso.unlinked", str(account.id), chain=f"account:{account.id}", facts={"provider": provider}
    )


async def note_refusal(tx: AsyncSession, provider: IdentityProvider, refusal: rules.SsoRefusal) -> None:
    """Writes a refusal to the security log of the account that it is about, if it is about one."""
    if refusal.account_id is None:
        return
    facts = {"provider": provider.settings.key, "code": refusal.code}
    subject = str(refusal.account_id)
    await audit.record(tx, None, "sso.refused", subject, chain=f"account:{subject}", facts=facts)


async def forget_old(runtime: Runtime) -> None:
    """The worker's duty: attempts that are over go, with whatever was sealed in them."""
    async with begin(runtime, scope=Scope.system()) as tx:
        await repository.forget_attempts(tx, before=runtime.clock.now() - rules.COUNTED_FOR)
