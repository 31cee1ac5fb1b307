"""SQL of looking up accounts of the hall."""

from collections.abc import Sequence
from typing import get_args
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.accounts.models import Account
from identity.holders.schemas import HolderKind
from identity.mandates.models import Mandate

_OF_THE_HALL = Account.kind.in_(get_args(HolderKind))


async def named(tx: AsyncSession, *, username: str | None, id_number_index: bytes | None) -> Sequence[Account]:
    """Accounts of this username and this ID number, whichever is given; open ones first."""
    query = select(Account).where(_OF_THE_HALL)
    if username is not None:
        query = query.where(Account.username == username.lower())
    if id_number_index is not None:
        query = query.where(Account.id_number_index == id_number_index)
    return (await tx.scalars(query.order_by(Account.closed_at.is_not(None), Account.created_at))).all()


async def locked(tx: AsyncSession, account_id: UUID) -> Account | None:
    """An account of the hall, open or closed; nobody else changes it until this transaction ends."""
    query = select(Account).where(Account.id == account_id, _OF_THE_HALL)
    return (await tx.scalars(query.with_for_update())).one_or_none()


async def units_served(tx: AsyncSession, account_id: UUID) -> Sequence[str]:
    """The units of which the account is an agent."""
    living = select(Mandate.employer_no).where(Mandate.account_id == account_id, Mandate.removed_at.is_(None))
    return (await tx.scalars(living.order_by(Mandate.employer_no))).all()
