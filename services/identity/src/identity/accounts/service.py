"""Opening accounts."""

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.identity import AccountKind, AccountRegistered
from identity.accounts import repository
from identity.accounts.models import Account
from servicekit import audit, outbox


async def open_account(tx: AsyncSession, account: Account, kind: AccountKind) -> None:
    """Writes a new account, audits and announces it.

    Raises:
        repository.UsernameTaken, repository.EmployerTaken: also when another one was quicker.
    """
    await repository.add(tx, account)
    facts = {"kind": kind}
    await audit.record(tx, None, "account.registered", str(account.id), chain=chain_of(account), facts=facts)
    await outbox.add(tx, AccountRegistered(account_id=account.id, kind=kind, uscc=account.uscc))


def chain_of(account: Account) -> str:
    """The audit chain of an account: its security log."""
    return f"account:{account.id}"
