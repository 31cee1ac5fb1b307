"""Opening accounts, and counting what was wrong when somebody proved who they are."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.identity import AccountKind, AccountRegistered
from identity.accounts import repository, rules
from identity.accounts.models import Account, LoginAttempts
from servicekit import audit, outbox
from servicekit.db.tx import vault_of


async def open_account(tx: AsyncSession, account: Account, kind: AccountKind) -> None:
    """Writes a new account, audits and announces it.

    Raises:
        repository.UsernameTaken, repository.EmployerTaken: also when another one was quicker.
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
    key = vault_of(tx).fingerprint("username", username.lower().encode())
    attempts = await repository.attempts(tx, key, now)
    rules.check_not_blocked(attempts.blocked_until, now=now)
    return attempts


def count_wrong(attempts: LoginAttempts, *, now: datetime) -> None:
    """One more wrong answer. The edge commits it before it refuses."""
    attempts.failed += 1
    wait = rules.wait_after(attempts.failed)
    attempts.blocked_until = now + wait if wait else None


def forget_wrong(attempts: LoginAttempts) -> None:
    """A right answer: the wrong ones before it are forgotten."""
    attempts.failed, attempts.blocked_until = 0, None


def chain_of(account: Account) -> str:
    """The audit chain of an account: its security log."""
    return f"account:{account.id}"
