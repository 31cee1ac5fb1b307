"""Opening accounts, and counting what was wrong when somebody proved who they are."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.identity import AccountKind, AccountRegistered
from identity.accounts import repository, rules
from identity.accounts.models import Account, LoginAttempts
from identity.accounts.passwords import Passwords
from identity.accounts.rules import PasswordPolicy
from identity.settings import IdentitySettings
from servicekit import audit, outbox
from servicekit.db.tx import as_system, runtime_of, vault_of


async def open_account(tx: AsyncSession, account: Account, kind: AccountKind) -> None:
    """Writes a new account, audits and announces it.

    Raises:
        repository.UsernameTaken, repository.EmployerTaken, repository.PersonTaken: also when another one was quicker.
    """
    await repository.add(tx, account)
    facts = {"kind": kind}
    await audit.record(tx, None, "account.registered", str(account.id), chain=chain_of(account), facts=facts)
    await outbox.add(tx, AccountRegistered(account_id=account.id, kind=kind, uscc=account.uscc))


async def attempts_of(tx: AsyncSession, username: str, *, now: datetime) -> LoginAttempts:
    """The wrong answers for a username so far, whether or not there is such an account. One at a time may answer.

    Raises:
        TooManyLogins: the username refuses every answer for a while.
    """
    async with as_system(tx):
        attempts = await repository.attempts(tx, username_key(tx, username), now)
    rules.check_not_blocked(attempts.blocked_until, now=now)
    return attempts


async def count_wrong(tx: AsyncSession, attempts: LoginAttempts, *, now: datetime) -> None:
    """One more wrong answer. The edge commits it before it refuses."""
    async with as_system(tx):
        attempts.failed += 1
        wait = rules.wait_after(attempts.failed, policy_of(tx))
        attempts.blocked_until = now + wait if wait else None


async def forget_wrong(tx: AsyncSession, attempts: LoginAttempts) -> None:
    """A right answer: the wrong ones before it are forgotten."""
    async with as_system(tx):
        attempts.failed, attempts.blocked_until = 0, None


def policy_of(tx: AsyncSession) -> PasswordPolicy:
    """What this house asks of passwords."""
    settings = runtime_of(tx).settings
    assert isinstance(settings, IdentitySettings)  # noqa: S101 - the service names this class
    return rules.POLICIES[settings.password_profile]


def username_key(tx: AsyncSession, username: str) -> bytes:
    """A username as wrong answers and codes are counted under it: nothing says whether there is such an account."""
    return vault_of(tx).fingerprint("username", username.lower().encode())


async def set_password(
    tx: AsyncSession, account: Account, password: str, passwords: Passwords, *, now: datetime
) -> None:
    """Gives an account a new password, which has been checked."""
    account.password_hash = await passwords.hash(password)
    account.password_changed_at = now
    account.password_is_short = rules.password_length(password) < policy_of(tx).shortest


def chain_of(account: Account) -> str:
    """The audit chain of an account: its security log."""
    return f"account:{account.id}"
