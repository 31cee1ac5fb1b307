"""SQL of sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from identity.accounts.models import Account
from identity.sessions.models import SessionRow


def add(tx: AsyncSession, session: SessionRow) -> None:
    """Writes a new session."""
    tx.add(session)


async def with_account(tx: AsyncSession, digest: bytes) -> tuple[SessionRow, Account] | None:
    """The session of a cookie and its open account."""
    query = select(SessionRow, Account).join(Account, Account.id == SessionRow.account_id)
    found = query.where(SessionRow.digest == digest, Account.closed_at.is_(None))
    row = (await tx.execute(found)).one_or_none()
    return None if row is None else (row[0], row[1])


async def living(tx: AsyncSession, session_id: UUID) -> SessionRow | None:
    """A session that has not ended, kept for this transaction."""
    query = select(SessionRow).where(SessionRow.id == session_id, SessionRow.ended_at.is_(None))
    return (await tx.scalars(query.with_for_update())).one_or_none()


async def end(tx: AsyncSession, session_id: UUID, reason: str, now: datetime) -> bool:
    """Ends a session; whether it was living until now."""
    ended = await tx.execute(
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.ended_at.is_(None))
        .values(ended_at=now, end_reason=reason)
        .returning(SessionRow.id)
    )
    return ended.first() is not None


async def see(tx: AsyncSession, session_id: UUID, now: datetime) -> None:
    """Notes that a session is in use."""
    await tx.execute(update(SessionRow).where(SessionRow.id == session_id).values(last_seen_at=now))
