"""Session use cases: login, logout, choice of the unit, tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.identity import SessionEnded
from identity.accounts import repository as accounts
from identity.accounts.models import Account, LoginAttempts
from identity.accounts.passwords import Passwords
from identity.accounts.rules import has_expired
from identity.accounts.service import attempts_of, chain_of, count_wrong, forget_wrong, policy_of
from identity.clients import Client
from identity.mandates import repository as mandates
from identity.mandates.repository import Authority
from identity.second_factor import service as second_factor
from identity.second_factor.models import SecondFactor
from identity.second_factor.rules import NotEnrolled
from identity.second_factor.service import STAFF_KINDS
from identity.sessions import repository, rules
from identity.sessions.models import SessionRow
from identity.sessions.repository import Standing
from identity.sessions.rules import LoginMode
from identity.sessions.schemas import LoginForm, StepUpForm
from servicekit import audit, outbox
from servicekit.auth import Claims, Principal, TokenSigner
from servicekit.auth.tokens import Limit
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from servicekit.refusals import NotFound, Refusal
from servicekit.runtime import Runtime

EndReason = Literal["logout", "unit_switched", "expired", "ended_by_owner", "password_changed", "account_closed"]
_UNIT_KINDS = ("legal_representative", "agent")
_KEPT_AFTER_END = timedelta(days=30)
_ATTEMPTS_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session, its account, and the authority for the chosen unit. `cookie` is known only when it was just made."""

    session: SessionRow
    account: Account
    authority: Authority | None
    cookie: str | None = None


async def log_in(
    tx: AsyncSession, form: LoginForm, client: Client, passwords: Passwords, *, now: datetime
) -> OpenSession | Refusal:
    """Checks the credentials and opens a session. A refusal that is returned was counted in this transaction, so the
    edge commits it and raises. An unknown username costs the same work, and waits as long, as a known one.

    Raises:
        TooManyLogins: the username refuses every login for a while.
        SecondFactorRequired: the password is right, and the account wants a dynamic code with it.
    """
    attempts = await attempts_of(tx, form.username, now=now)
    account = await accounts.by_username(tx, form.username)
    right = await passwords.verify(account.password_hash if account else None, form.password)
    if account is None or not right or not rules.opens_for(form.mode, account.kind):
        await count_wrong(tx, attempts, now=now)
        await _audit_refusal(tx, account, form.mode, attempts.failed)
        return rules.WrongCredentials()
    factor = await second_factor.confirmed(tx, account.id, lock=True)
    if factor is not None and form.totp_code is None:
        raise rules.SecondFactorRequired
    refused = await _check_second(tx, account, factor, form.totp_code or "", form.mode, attempts, now=now)
    if refused is not None:
        return refused
    limited_to: Limit | None = None
    if factor is None and account.kind in STAFF_KINDS:
        limited_to = "second_factor"
    elif has_expired(account.password_changed_at, policy_of(tx), now=now):
        limited_to = "password"
    opened = await open_for(tx, account, {"mode": form.mode}, client, now=now)
    opened.session.limited_to = limited_to
    return opened


async def check_code(
    tx: AsyncSession, account: Account, code: str, mode: LoginMode, *, now: datetime
) -> Refusal | None:
    """The second step of a login whose first was made elsewhere. A refusal was counted; the edge commits it and raises.

    Raises:
        TooManyLogins: the account refuses every answer for a while.
    """
    attempts = await attempts_of(tx, account.username, now=now)
    factor = await second_factor.confirmed(tx, account.id, lock=True)
    return await _check_second(tx, account, factor, code, mode, attempts, now=now)


async def _check_second(
    tx: AsyncSession,
    account: Account,
    factor: SecondFactor | None,
    code: str,
    mode: LoginMode,
    attempts: LoginAttempts,
    *,
    now: datetime,
) -> Refusal | None:
    """Whether the code is right, where the account has a second factor; then the wrong answers before are forgotten."""
    if factor is not None and not await second_factor.use_code(tx, account, factor, code, now=now):
        await count_wrong(tx, attempts, now=now)
        await _audit_refusal(tx, account, mode, attempts.failed)
        return rules.SecondFactorWrong()
    await forget_wrong(tx, attempts)
    return None


async def open_for(
    tx: AsyncSession, account: Account, facts: Mapping[str, str], client: Client, *, now: datetime
) -> OpenSession:
    """Opens a session for somebody who has shown that the account is theirs; `facts` say how, for the security log."""
    session = SessionRow(started_at=now, expires_at=now + rules.ABSOLUTE, place=client.place, device=client.device)
    opened = _open(tx, session, account, None, now=now)
    facts = {**facts, "place": client.place, "device": client.device}
    await audit.record(tx, None, "session.started", str(opened.session.id), chain=chain_of(account), facts=facts)
    return opened


async def _audit_refusal(tx: AsyncSession, account: Account | None, mode: LoginMode, failed: int) -> None:
    """Writes the refusal to the account's security log. Without an account the same is written and taken back, so that
    the time doesn't tell."""
    savepoint = await tx.begin_nested()
    facts = {"mode": mode, "failed": failed}
    if account is not None:
        await audit.record(tx, None, "session.refused", str(account.id), chain=chain_of(account), facts=facts)
        await savepoint.commit()
    else:
        nobody = uuid7()
        await audit.record(tx, None, "session.refused", str(nobody), chain=f"account:{nobody}", facts=facts)
        await savepoint.rollback()


def _open(
    tx: AsyncSession, session: SessionRow, account: Account, authority: Authority | None, *, now: datetime
) -> OpenSession:
    """Completes a new session and gives it its cookie."""
    cookie = rules.new_cookie()
    session.id, session.digest, session.account_id = uuid7(), rules.digest_of(cookie), account.id
    session.employer_no = authority.employer_no if authority else None
    session.last_seen_at = now
    repository.add(tx, session)
    return OpenSession(session, account, authority, cookie)


async def current(tx: AsyncSession, who: Principal, *, lock: bool = False) -> OpenSession:
    """The session that a token was made for.

    Raises:
        SessionExpired: it has ended meanwhile.
        NotASession: the token is an API key's.
    """
    session = await repository.living(tx, _session_id(who), lock=lock)
    account = await accounts.by_id(tx, who.account_id)
    if session is None or account is None:
        raise rules.SessionExpired
    authority = None
    if session.employer_no is not None:
        authority = await mandates.authority(tx, account, session.employer_no)
    return OpenSession(session, account, authority)


def _session_id(who: Principal) -> UUID:
    if who.via != "session":
        raise rules.NotASession
    return UUID(who.session_id)


async def end(tx: AsyncSession, who: Principal, *, now: datetime) -> None:
    """Logs out. Repeating it is harmless.

    Raises:
        NotASession: the token is an API key's.
    """
    if await _end(tx, _session_id(who), who.account_id, "logout", now=now):
        await audit.record(tx, who, "session.ended", who.session_id, chain=f"account:{who.account_id}")


async def _end(tx: AsyncSession, session_id: UUID, account_id: UUID, reason: EndReason, *, now: datetime) -> bool:
    ended = await repository.end(tx, session_id, reason, now)
    if ended:
        await outbox.add(tx, SessionEnded(session_id=session_id, account_id=account_id, reason=reason))
    return ended


async def choose_unit(tx: AsyncSession, who: Principal, employer_no: str, *, now: datetime) -> OpenSession:
    """Chooses the unit to work for. The session is replaced: a cookie stands for one unit, never for two in turn.

    Raises:
        SessionExpired: the session has ended.
        NotAUnitAccount: staff and insured persons act for no unit.
        NoMandate: the account may not act for this unit, or there is none of this number.
    """
    known = await current(tx, who, lock=True)
    if known.account.kind not in _UNIT_KINDS:
        raise rules.NotAUnitAccount
    authority = await mandates.authority(tx, known.account, employer_no)
    if authority is None:
        raise rules.NoMandate
    await _end(tx, known.session.id, known.account.id, "unit_switched", now=now)
    old = known.session
    new = SessionRow(started_at=old.started_at, expires_at=old.expires_at, place=old.place, device=old.device)
    opened = _open(tx, new, known.account, authority, now=now)
    facts = {"employer_no": employer_no}
    await audit.record(
        tx, who, "session.unit_chosen", str(opened.session.id), chain=chain_of(known.account), facts=facts
    )
    return opened


async def step_up(
    tx: AsyncSession, who: Principal, form: StepUpForm, passwords: Passwords, *, now: datetime
) -> OpenSession | Refusal:
    """Raises a session for what weighs most. A refusal that is returned was counted like a wrong login, so the edge
    commits it and raises. The session stays the same one, with the unit and the end it has, so that what runs in other
    tabs goes on; only its cookie is new, since it is worth more from now on.

    Raises:
        SessionExpired: the session has ended.
        NotASession: the token is an API key's.
        TooManyLogins: the account refuses every answer for a while.
        NotEnrolled: a dynamic code of an account that has none.
    """
    account = (await current(tx, who)).account
    if form.password is not None:
        refused = await check_password(tx, who, account, form.password, passwords, now=now)
    else:
        refused = await _check_code(tx, who, account, form.totp_code or "", now=now)
    if refused is not None:
        return refused
    known = await current(tx, who, lock=True)
    known.session.step_up_until = now + rules.STEP_UP_LIFE
    await audit.record(tx, who, "session.stepped_up", who.session_id, chain=chain_of(account))
    return renew_cookie(known)


async def check_password(
    tx: AsyncSession,
    who: Principal,
    account: Account,
    password: str,
    passwords: Passwords,
    *,
    field: Literal["password", "old_password"] = "password",
    now: datetime,
) -> Refusal | None:
    """Whether somebody who is signed in knows the password. A refusal was counted; the edge commits it and raises.

    Raises:
        TooManyLogins: the account refuses every answer for a while.
    """
    attempts = await attempts_of(tx, account.username, now=now)  # before the session is locked: so does the login
    if await passwords.verify(account.password_hash, password):
        await forget_wrong(tx, attempts)
        return None
    return await _wrong(tx, who, account, attempts, field, now=now)


async def _check_code(
    tx: AsyncSession, who: Principal, account: Account, code: str, *, now: datetime
) -> Refusal | None:
    attempts = await attempts_of(tx, account.username, now=now)
    factor = await second_factor.confirmed(tx, account.id, lock=True)
    if factor is None:
        raise NotEnrolled(pointer="/totp_code")
    if await second_factor.use_code(tx, account, factor, code, now=now):
        await forget_wrong(tx, attempts)
        return None
    return await _wrong(tx, who, account, attempts, "totp_code", now=now)


async def _wrong(
    tx: AsyncSession,
    who: Principal,
    account: Account,
    attempts: LoginAttempts,
    field: Literal["password", "old_password", "totp_code"],
    *,
    now: datetime,
) -> Refusal:
    await count_wrong(tx, attempts, now=now)
    facts = {"failed": attempts.failed, "field": field}
    await audit.record(tx, who, "session.step_up_refused", who.session_id, chain=chain_of(account), facts=facts)
    return rules.WrongStepUp(field)


def renew_cookie(known: OpenSession) -> OpenSession:
    """The same session under a new cookie, since it is worth more from now on."""
    cookie = rules.new_cookie()
    known.session.digest = rules.digest_of(cookie)
    return replace(known, cookie=cookie)


async def own_sessions(tx: AsyncSession, who: Principal, *, now: datetime) -> list[SessionRow]:
    """The living sessions of the signed-in account, the newest first.

    Raises:
        NotASession: the token is an API key's.
    """
    _session_id(who)
    return [row for row in await repository.living_of(tx, who.account_id) if _is_living(row, now)]


def _is_living(row: SessionRow, now: datetime) -> bool:
    return rules.is_living(last_seen_at=row.last_seen_at, expires_at=row.expires_at, ended_at=row.ended_at, now=now)


async def end_own(tx: AsyncSession, who: Principal, session_id: UUID, *, now: datetime) -> None:
    """Ends one of the own sessions, here or elsewhere.

    Raises:
        NotFound: it is somebody else's, or has ended.
        NotASession: the token is an API key's.
    """
    _session_id(who)
    row = await repository.living(tx, session_id, lock=True)
    if row is None or row.account_id != who.account_id:
        raise NotFound("该登录已结束。")
    await _end(tx, session_id, who.account_id, "ended_by_owner", now=now)
    await audit.record(tx, who, "session.ended_by_owner", str(session_id), chain=f"account:{who.account_id}")


async def end_others(tx: AsyncSession, who: Principal, *, now: datetime) -> int:
    """Ends every own session but this one; how many.

    Raises:
        NotASession: the token is an API key's.
    """
    ended = await end_all(tx, who.account_id, "ended_by_owner", but=_session_id(who), now=now)
    if ended:
        facts = {"sessions": ended}
        chain = f"account:{who.account_id}"
        await audit.record(tx, who, "session.others_ended", str(who.account_id), chain=chain, facts=facts)
    return ended


async def end_all(
    tx: AsyncSession, account_id: UUID, reason: EndReason, *, but: UUID | None = None, now: datetime
) -> int:
    """Ends the sessions of an account, each with its own news, so that gateways forget them at once; how many."""
    rows = [row.id for row in await repository.living_of(tx, account_id) if row.id != but]
    return sum([await _end(tx, session_id, account_id, reason, now=now) for session_id in rows])


async def units(tx: AsyncSession, who: Principal, *, q: str, offset: int, limit: int) -> tuple[list[Authority], int]:
    """A page of the units to choose from whose name, number or code contains `q`, and how many there are.

    Raises:
        SessionExpired: the session has ended.
    """
    account = (await current(tx, who)).account
    return await mandates.authorities(tx, account, q=q, offset=offset, limit=limit)


async def swap(tx: AsyncSession, cookie: str, *, now: datetime) -> Standing | None:
    """What a cookie stands for; that it is in use is noted. None: nothing, or it has just been found to be over."""
    found = await repository.standing(tx, rules.digest_of(cookie))
    if found is None or found.ended_at is not None:
        return None
    if not rules.is_living(
        last_seen_at=found.last_seen_at, expires_at=found.expires_at, ended_at=found.ended_at, now=now
    ):
        await _end(tx, found.session_id, found.account_id, "expired", now=now)
        return None
    if now - found.last_seen_at >= rules.SEEN_EVERY:
        await repository.see(tx, found.session_id, now)
    return found


def token_of(standing: Standing, signer: TokenSigner, *, now: datetime) -> tuple[str, int]:
    """A token of the session and how many seconds it lives. Without a mandate for the chosen unit it names no unit."""
    expires_at = rules.token_end(expires_at=standing.expires_at, now=now)
    token = signer.mint(
        Claims(
            account_id=standing.account_id,
            session_id=str(standing.session_id),
            kind=standing.kind,
            employer_no=standing.employer_no,
            permissions=frozenset(standing.permissions),
            display_name=standing.display_name if standing.kind in STAFF_KINDS else None,
            lost_unit=standing.lost_unit,
            issued_at=now,
            expires_at=expires_at,
            step_up_until=standing.step_up_until,
            limited_to=standing.limited_to,
            person_id=standing.person_id,
        )
    )
    return token, int((expires_at - now).total_seconds())


async def forget_old(runtime: Runtime) -> None:
    """The worker's duty: sessions long over and forgotten wrong passwords go."""
    now = runtime.clock.now()
    async with begin(runtime, scope=Scope.system()) as tx:
        await repository.forget(tx, before=now - _KEPT_AFTER_END)
        await accounts.forget_attempts(tx, before=now - _ATTEMPTS_KEPT)
