"""Session use cases: login, logout, choice of the unit, tokens."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.identity import Permission, SessionEnded
from identity.accounts import repository as accounts
from identity.accounts.models import Account
from identity.accounts.passwords import Passwords
from identity.accounts.rules import wait_after
from identity.mandates import repository as mandates
from identity.mandates.repository import Authority
from identity.sessions import repository, rules
from identity.sessions.models import SessionRow
from identity.sessions.rules import LoginMode
from servicekit import audit, outbox
from servicekit.auth import INTERNAL_AUDIENCE, Claims, Principal, TokenSigner
from servicekit.ids import uuid7

EndReason = Literal["logout", "unit_switched", "expired", "ended_by_owner", "password_changed", "account_closed"]
_UNIT_KINDS = ("legal_representative", "agent")


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session, its account, and the authority for the chosen unit. `cookie` is known only when it was just made."""

    session: SessionRow
    account: Account
    authority: Authority | None
    cookie: str | None = None


@dataclass(frozen=True, slots=True)
class FailedLogin:
    """A wrong password: its count has to be kept although the login is refused."""

    account_id: UUID | None


async def log_in(
    tx: AsyncSession, mode: LoginMode, username: str, password: str, passwords: Passwords, *, now: datetime
) -> OpenSession | FailedLogin:
    """Checks the credentials and opens a session. An unknown account costs the same work as a known one.

    Raises:
        TooManyLogins: the account refuses every login for a while.
    """
    account = await accounts.by_username(tx, username)
    if account is not None:
        rules.check_not_blocked(account.blocked_until, now=now)
    right = await passwords.verify(account.password_hash if account else None, password)
    if account is None or not right or not rules.opens_for(mode, account.kind):
        return FailedLogin(account.id if account is not None and not right else None)
    await accounts.note_login(tx, account.id, failed_logins=0, blocked_until=None)
    opened = await _open(tx, account, None, expires_at=now + rules.ABSOLUTE, now=now)
    await audit.record(tx, None, "session.started", str(opened.session.id), chain=_chain(account.id))
    return opened


async def note_failed_login(tx: AsyncSession, account_id: UUID, *, now: datetime) -> None:
    """Counts a wrong password and blocks the account for a growing while."""
    account = await accounts.by_id(tx, account_id)
    if account is None:
        return
    failed = account.failed_logins + 1
    wait = wait_after(failed)
    await accounts.note_login(
        tx, account_id, failed_logins=failed, blocked_until=now + wait if wait else account.blocked_until
    )
    await audit.record(tx, None, "session.refused", str(account_id), chain=_chain(account_id), facts={"tries": failed})


def _chain(account_id: UUID) -> str:
    return f"account:{account_id}"


async def _open(
    tx: AsyncSession, account: Account, authority: Authority | None, *, expires_at: datetime, now: datetime
) -> OpenSession:
    cookie = rules.new_cookie()
    session = SessionRow(
        id=uuid7(),
        digest=rules.digest_of(cookie),
        account_id=account.id,
        employer_no=authority.employer_no if authority else None,
        started_at=now,
        last_seen_at=now,
        expires_at=expires_at,
    )
    repository.add(tx, session)
    return OpenSession(session, account, authority, cookie)


async def current(tx: AsyncSession, who: Principal) -> OpenSession:
    """The session that a token was made for.

    Raises:
        SessionExpired: it has ended meanwhile, or the token is not a session's.
    """
    session = await repository.living(tx, _session_id(who))
    account = await accounts.by_id(tx, who.account_id)
    if session is None or account is None:
        raise rules.SessionExpired
    return OpenSession(session, account, await _authority(tx, session, account))


def _session_id(who: Principal) -> UUID:
    if who.via != "session":
        raise rules.SessionExpired
    return UUID(who.session_id)


async def _authority(tx: AsyncSession, session: SessionRow, account: Account) -> Authority | None:
    if session.employer_no is None:
        return None
    return await mandates.authority(tx, account, session.employer_no)


async def end(tx: AsyncSession, who: Principal, *, now: datetime) -> None:
    """Logs out. Repeating it is harmless."""
    await _end(tx, _session_id(who), who.account_id, "logout", now=now)
    await audit.record(tx, who, "session.ended", who.session_id, chain=_chain(who.account_id))


async def _end(tx: AsyncSession, session_id: UUID, account_id: UUID, reason: EndReason, *, now: datetime) -> None:
    if await repository.end(tx, session_id, reason, now):
        await outbox.add(tx, SessionEnded(session_id=session_id, account_id=account_id, reason=reason))


async def choose_unit(tx: AsyncSession, who: Principal, employer_no: str, *, now: datetime) -> OpenSession:
    """Chooses the unit to work for. The session is replaced: a cookie stands for one unit, never for two in turn.

    Raises:
        SessionExpired: the session has ended.
        NotAUnitAccount: staff and insured persons act for no unit.
        NoMandate: the account may not act for this unit.
    """
    known = await current(tx, who)
    if known.account.kind not in _UNIT_KINDS:
        raise rules.NotAUnitAccount
    authority = await mandates.authority(tx, known.account, employer_no)
    if authority is None:
        raise rules.NoMandate
    await _end(tx, known.session.id, known.account.id, "unit_switched", now=now)
    opened = await _open(tx, known.account, authority, expires_at=known.session.expires_at, now=now)
    facts = {"employer_no": employer_no}
    await audit.record(
        tx, who, "session.unit_chosen", str(opened.session.id), chain=_chain(known.account.id), facts=facts
    )
    return opened


async def swap(tx: AsyncSession, cookie: str, *, now: datetime) -> OpenSession | None:
    """The session of a cookie, noted as in use. None: there is none, or it has just been found to be over."""
    found = await repository.with_account(tx, rules.digest_of(cookie))
    if found is None:
        return None
    session, account = found
    if session.ended_at is not None:
        return None
    if not rules.is_living(
        last_seen_at=session.last_seen_at, expires_at=session.expires_at, ended_at=session.ended_at, now=now
    ):
        await _end(tx, session.id, account.id, "expired", now=now)
        return None
    if now - session.last_seen_at >= rules.SEEN_EVERY:
        await repository.see(tx, session.id, now)
    return OpenSession(session, account, await _authority(tx, session, account))


def token_of(opened: OpenSession, signer: TokenSigner, *, now: datetime) -> str:
    """A token of the session. Without a living mandate for the chosen unit it names no unit."""
    authority = opened.authority
    staff = opened.account.kind in ("reviewer", "operator")
    return signer.mint(
        Claims(
            account_id=opened.account.id,
            session_id=str(opened.session.id),
            kind=opened.account.kind,
            employer_no=authority.employer_no if authority else None,
            permissions=frozenset(authority.permissions if authority else ()),
            display_name=opened.account.display_name if staff else None,
            issued_at=now,
            expires_at=now + rules.TOKEN_LIFE,
        )
    )


async def delegate(
    tx: AsyncSession, signer: TokenSigner, account_id: UUID, employer_no: str, permission: Permission, *, now: datetime
) -> str:
    """A token by which a worker reads `/internal` for one account and unit, with one permission.

    Raises:
        NoMandate: the account is closed, or may not do this for the unit (any more).
    """
    account = await accounts.by_id(tx, account_id)
    authority = await mandates.authority(tx, account, employer_no) if account else None
    if account is None or authority is None or permission not in authority.permissions:
        raise rules.NoMandate
    return signer.mint(
        Claims(
            account_id=account.id,
            session_id=f"delegation:{uuid7()}",
            kind=account.kind,
            employer_no=employer_no,
            permissions=frozenset({permission}),
            via="delegation",
            audience=INTERNAL_AUDIENCE,
            issued_at=now,
            expires_at=now + rules.DELEGATION_LIFE,
        )
    )
