"""SQL of staff accounts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from identity.accounts.models import Account
from identity.second_factor.models import SecondFactor
from identity.second_factor.service import STAFF_KINDS
from identity.staff.models import OpeningCode


async def page(tx: AsyncSession, *, q: str, offset: int, limit: int) -> tuple[list[Any], int]:
    """A page of the staff, open or closed, whose username or name contains `q`, and how many there are."""
    found = (
        select(Account, SecondFactor.confirmed_at)
        .outerjoin(SecondFactor, SecondFactor.account_id == Account.id)
        .where(Account.kind.in_(STAFF_KINDS))
    )
    if q:
        found = found.where(
            or_(
                Account.username.contains(q.lower(), autoescape=True), Account.display_name.contains(q, autoescape=True)
            )
        )
    total = await tx.scalar(select(func.count()).select_from(found.subquery())) or 0
    order = (Account.closed_at.is_not(None), Account.username)
    return list((await tx.execute(found.order_by(*order).offset(offset).limit(limit))).all()), total


async def member(tx: AsyncSession, account_id: UUID) -> Account | None:
    """A member of the staff, open or closed; nobody else changes it until this transaction ends."""
    query = select(Account).where(Account.id == account_id, Account.kind.in_(STAFF_KINDS))
    return (await tx.scalars(query.with_for_update())).one_or_none()


async def put_code(tx: AsyncSession, code: OpeningCode) -> None:
    """Writes a code in place of those before it."""
    await tx.execute(delete(OpeningCode).where(OpeningCode.account_id == code.account_id))
    tx.add(code)


async def use_code(tx: AsyncSession, account_id: UUID, digest: bytes, now: datetime) -> bool:
    """Uses a code up; whether it was the account's, living and unused."""
    used = await tx.execute(
        update(OpeningCode)
        .where(
            OpeningCode.account_id == account_id,
            OpeningCode.digest == digest,
            OpeningCode.used_at.is_(None),
            OpeningCode.expires_at > now,
        )
        .values(used_at=now)
        .returning(OpeningCode.id)
    )
    return used.first() is not None


async def drop_codes(tx: AsyncSession, account_id: UUID) -> None:
    """Forgets the codes of an account."""
    await tx.execute(delete(OpeningCode).where(OpeningCode.account_id == account_id))
