"""SQL of insured persons' accounts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.accounts.models import Account


async def locked(tx: AsyncSession, account_id: UUID) -> Account | None:
    """An insured person's account, open or closed; nobody else changes it before this transaction ends."""
    query = select(Account).where(Account.id == account_id, Account.kind == "person").with_for_update()
    return (await tx.scalars(query, execution_options={"populate_existing": True})).one_or_none()


async def unannounced(tx: AsyncSession, *, limit: int) -> Sequence[Account]:
    """Accounts that enrollment was never told of: opened before there was anything to tell."""
    query = (
        select(Account)
        .where(Account.kind == "person", Account.announced_version == 0, Account.id_number.is_not(None))
        .order_by(Account.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await tx.scalars(query)).all()
