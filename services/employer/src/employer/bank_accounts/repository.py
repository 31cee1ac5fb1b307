"""SQL of units' bank accounts."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from employer.bank_accounts.models import UnitBankAccount


async def present(tx: AsyncSession, employer_no: str) -> UnitBankAccount | None:
    """The unit's account."""
    query = sa.select(UnitBankAccount).where(
        UnitBankAccount.employer_no == employer_no, UnitBankAccount.until.is_(None)
    )
    return (await tx.scalars(query)).one_or_none()


async def history(tx: AsyncSession, employer_no: str, *, offset: int, limit: int) -> tuple[list[UnitBankAccount], int]:
    """All accounts the unit ever had, newest first."""
    own = UnitBankAccount.employer_no == employer_no
    total = await tx.scalar(sa.select(sa.func.count()).where(own))
    newest = sa.select(UnitBankAccount).where(own).order_by(UnitBankAccount.number.desc())
    return list(await tx.scalars(newest.offset(offset).limit(limit))), total or 0
