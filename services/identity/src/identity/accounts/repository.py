"""SQL of accounts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.accounts.models import Account, LoginAttempts
from servicekit.db.taken import unless_taken


class UsernameTaken(Exception):
    """Somebody has this username."""


class EmployerTaken(Exception):
    """The employer has an account of its legal representative."""


class PersonTaken(Exception):
    """The person has an account of their own."""


async def add(tx: AsyncSession, account: Account) -> None:
    """Writes a new account.

    Raises:
        UsernameTaken, EmployerTaken, PersonTaken: the constraint that two registrations at the same moment run into.
    """
    taken = {
        "uq_accounts_legal_representative": EmployerTaken,
        "uq_accounts_person": PersonTaken,
        "uq_accounts_username": UsernameTaken,
    }
    async with unless_taken(tx, taken):
        tx.add(account)


async def by_username(tx: AsyncSession, username: str) -> Account | None:
    """The open account of a username."""
    query = select(Account).where(Account.username == username.lower(), Account.closed_at.is_(None))
    return (await tx.scalars(query)).one_or_none()


async def by_id(tx: AsyncSession, account_id: UUID) -> Account | None:
    """An open account."""
    query = select(Account).where(Account.id == account_id, Account.closed_at.is_(None))
    return (await tx.scalars(query)).one_or_none()


async def legal_representative_of(tx: AsyncSession, uscc: str) -> Account | None:
    """The account of an employer's legal representative."""
    query = select(Account).where(Account.uscc == uscc, Account.kind == "legal_representative")
    return (await tx.scalars(query)).one_or_none()


async def person_of(tx: AsyncSession, id_number_index: bytes) -> Account | None:
    """The account of an insured person."""
    query = select(Account).where(Account.id_number_index == id_number_index, Account.kind == "person")
    return (await tx.scalars(query)).one_or_none()


async def attempts(tx: AsyncSession, key: bytes, now: datetime) -> LoginAttempts:
    """The wrong passwords for a username so far; one login of a username at a time, until this transaction ends."""
    first = insert(LoginAttempts).values(key=key, failed=0, last_at=now)
    locked = first.on_conflict_do_update(index_elements=[LoginAttempts.key], set_={"last_at": now})
    found = await tx.scalars(locked.returning(LoginAttempts), execution_options={"populate_existing": True})
    return found.one()


async def forget_attempts(tx: AsyncSession, *, before: datetime) -> None:
    """Forgets wrong passwords that nobody followed up."""
    await tx.execute(delete(LoginAttempts).where(LoginAttempts.last_at < before))
