"""SQL of accounts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from identity.accounts.models import Account


class UsernameTaken(Exception):
    """Somebody has this username."""


class EmployerTaken(Exception):
    """The employer has an account of its legal representative."""


async def add(tx: AsyncSession, account: Account) -> None:
    """Writes a new account.

    Raises:
        UsernameTaken, EmployerTaken: the constraint that two registrations at the same moment run into.
    """
    try:
        async with tx.begin_nested():
            tx.add(account)
    except IntegrityError as fault:
        if "uq_accounts_legal_representative" in str(fault.orig):
            raise EmployerTaken from fault
        if "uq_accounts_username" in str(fault.orig):
            raise UsernameTaken from fault
        raise


async def by_username(tx: AsyncSession, username: str) -> Account | None:
    """The open account of a username, whose row is kept for this transaction."""
    query = select(Account).where(Account.username == username.lower(), Account.closed_at.is_(None))
    return (await tx.scalars(query.with_for_update())).one_or_none()


async def by_id(tx: AsyncSession, account_id: UUID) -> Account | None:
    """An open account."""
    query = select(Account).where(Account.id == account_id, Account.closed_at.is_(None))
    return (await tx.scalars(query)).one_or_none()


async def legal_representative_of(tx: AsyncSession, uscc: str) -> Account | None:
    """The account of an employer's legal representative."""
    query = select(Account).where(Account.uscc == uscc, Account.kind == "legal_representative")
    return (await tx.scalars(query)).one_or_none()


async def note_login(tx: AsyncSession, account_id: UUID, *, failed_logins: int, blocked_until: datetime | None) -> None:
    """Writes how many wrong passwords in a row there were, and until when the account refuses."""
    values = {"failed_logins": failed_logins, "blocked_until": blocked_until}
    await tx.execute(update(Account).where(Account.id == account_id).values(values))
