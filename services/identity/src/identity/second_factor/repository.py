"""SQL of second factors."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from identity.second_factor.models import RecoveryCode, SecondFactor
from servicekit.ids import uuid7


async def factor(tx: AsyncSession, account_id: UUID, *, lock: bool = False) -> SecondFactor | None:
    """The second factor of an account, confirmed or not; with `lock` nobody else uses one of its codes meanwhile."""
    query = select(SecondFactor).where(SecondFactor.account_id == account_id)
    return (await tx.scalars(query.with_for_update() if lock else query)).one_or_none()


def add(tx: AsyncSession, factor: SecondFactor) -> None:
    """Writes a new one."""
    tx.add(factor)


async def remove(tx: AsyncSession, account_id: UUID) -> None:
    """Deletes the second factor of an account with its recovery codes."""
    await tx.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    await tx.execute(delete(SecondFactor).where(SecondFactor.account_id == account_id))


async def replace_recovery_codes(tx: AsyncSession, account_id: UUID, digests: Iterable[bytes]) -> None:
    """Puts new recovery codes in place of the old ones."""
    await tx.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    tx.add_all(RecoveryCode(id=uuid7(), account_id=account_id, digest=digest) for digest in digests)


async def use_recovery_code(tx: AsyncSession, account_id: UUID, digest: bytes, now: datetime) -> bool:
    """Uses a recovery code up; whether there was such a one, unused."""
    used = await tx.execute(
        update(RecoveryCode)
        .where(RecoveryCode.account_id == account_id, RecoveryCode.digest == digest, RecoveryCode.used_at.is_(None))
        .values(used_at=now)
        .returning(RecoveryCode.id)
    )
    return used.first() is not None


async def recovery_codes_left(tx: AsyncSession, account_id: UUID) -> int:
    """How many recovery codes of an account are unused."""
    query = select(func.count()).select_from(RecoveryCode)
    return await tx.scalar(query.where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))) or 0
