"""SQL of codes and messages."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.sms.models import SmsCode, SmsMessage
from identity.sms.rules import CODE_LIFE


async def serialise(tx: AsyncSession, mobile_index: bytes) -> None:
    """One request for a mobile at a time, until this transaction ends: limits and tries are counted right."""
    key = int.from_bytes(mobile_index[:8], "big", signed=True)
    await tx.execute(select(func.pg_advisory_xact_lock(key)))


async def sent_to(tx: AsyncSession, mobile_index: bytes, since: datetime) -> list[datetime]:
    """When codes were sent to a mobile since then."""
    query = select(SmsCode.sent_at).where(SmsCode.mobile_index == mobile_index, SmsCode.sent_at > since)
    return list(await tx.scalars(query))


async def sent_for(tx: AsyncSession, client: bytes, since: datetime) -> int:
    """How many codes were sent at the wish of one address since then."""
    query = select(func.count()).select_from(SmsCode).where(SmsCode.client == client, SmsCode.sent_at > since)
    return await tx.scalar(query) or 0


async def sent_to_account(tx: AsyncSession, account_key: bytes, since: datetime) -> int:
    """How many codes were asked for in the name of one account since then."""
    query = select(func.count()).select_from(SmsCode)
    return await tx.scalar(query.where(SmsCode.account_key == account_key, SmsCode.sent_at > since)) or 0


async def add(tx: AsyncSession, code: SmsCode, message: SmsMessage, *, sent: bool) -> None:
    """Writes a code and the message that carries it. Not `sent`: the message is written and taken back, so that a code
    that nobody gets costs the same time."""
    tx.add(code)
    await tx.flush()
    savepoint = await tx.begin_nested()
    tx.add(message)
    await tx.flush()
    if sent:
        await savepoint.commit()
    else:
        await savepoint.rollback()


async def newest_code(tx: AsyncSession, mobile_index: bytes, purpose: str, account_key: bytes | None) -> SmsCode | None:
    """The last code that was sent to a mobile for a purpose and an account: only that one counts."""
    query = select(SmsCode).where(
        SmsCode.mobile_index == mobile_index,
        SmsCode.purpose == purpose,
        SmsCode.account_key.is_not_distinct_from(account_key),
    )
    return (
        await tx.scalars(query.order_by(SmsCode.sent_at.desc(), SmsCode.id.desc()).limit(1).with_for_update())
    ).one_or_none()


async def messages_of(tx: AsyncSession, mobile_index: bytes) -> Sequence[SmsMessage]:
    """The newest messages to a mobile, the newest first."""
    query = select(SmsMessage).where(SmsMessage.mobile_index == mobile_index)
    return (await tx.scalars(query.order_by(SmsMessage.created_at.desc(), SmsMessage.id.desc()).limit(20))).all()


async def waiting_messages(tx: AsyncSession, *, now: datetime, limit: int) -> Sequence[SmsMessage]:
    """Messages not yet handed to the provider, kept for this transaction; others skip them meanwhile."""
    useful = or_(
        SmsMessage.send_until > now, and_(SmsMessage.send_until.is_(None), SmsMessage.created_at > now - CODE_LIFE)
    )
    query = select(SmsMessage).where(SmsMessage.sent_at.is_(None), useful)
    locked = query.order_by(SmsMessage.created_at).limit(limit).with_for_update(skip_locked=True)
    return (await tx.scalars(locked)).all()


async def purge(tx: AsyncSession, now: datetime) -> None:
    """Forgets messages of yesterday and codes of last week."""
    await tx.execute(delete(SmsMessage).where(SmsMessage.created_at < now - timedelta(days=1)))
    await tx.execute(delete(SmsCode).where(SmsCode.sent_at < now - timedelta(days=7)))
