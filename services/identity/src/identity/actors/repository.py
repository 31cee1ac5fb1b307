"""SQL of actors."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.accounts.models import Account


async def find(tx: AsyncSession, *, ids: Collection[UUID], username: str | None) -> list[Account]:
    """Accounts with one of these ids or this username, open or closed."""
    wanted: list[ColumnElement[bool]] = [Account.id.in_(ids)] if ids else []
    if username:
        wanted.append(Account.username == username.lower())
    if not wanted:
        return []
    return list(await tx.scalars(select(Account).where(or_(*wanted)).order_by(Account.username)))
