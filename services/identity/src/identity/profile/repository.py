"""SQL of the own security log: the audit chain of an account."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from servicekit.audit import AUDIT_CHAIN, AUDIT_LOG


async def log(tx: AsyncSession, chain: str, *, offset: int, limit: int) -> tuple[list[Any], int]:
    """A page of a chain, the newest first, and how many rows it has."""
    total = await tx.scalar(select(AUDIT_CHAIN.c.length).where(AUDIT_CHAIN.c.chain == chain)) or 0
    query = select(AUDIT_LOG.c.at, AUDIT_LOG.c.action, AUDIT_LOG.c.facts)
    newest = query.where(AUDIT_LOG.c.chain == chain, AUDIT_LOG.c.position <= total - offset)
    return list((await tx.execute(newest.order_by(AUDIT_LOG.c.position.desc()).limit(limit))).all()), total
