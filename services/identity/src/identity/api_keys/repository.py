"""SQL of API keys."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.identity import AccountKind, Permission
from identity.accounts.models import Account
from identity.api_keys.models import ApiKey
from identity.directory.models import Unit
from servicekit.db.taken import unless_taken


class NameTaken(Exception):
    """A living key of the unit has this name."""


@dataclass(frozen=True, slots=True)
class KeyStanding:
    """A key with all that its token says."""

    key_id: UUID
    account_id: UUID
    kind: AccountKind
    employer_no: str
    permissions: tuple[Permission, ...]
    requests_per_minute: int
    expires_at: datetime
    last_used_at: datetime | None


async def serialise(tx: AsyncSession, employer_no: str) -> None:
    """One new key of a unit at a time, until this transaction ends: they are counted right."""
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"api_keys:{employer_no}", 0))))


async def living(tx: AsyncSession, employer_no: str, now: datetime) -> int:
    """How many keys of a unit open something."""
    alive = and_(ApiKey.employer_no == employer_no, ApiKey.revoked_at.is_(None), ApiKey.expires_at > now)
    return await tx.scalar(select(func.count()).select_from(ApiKey).where(alive)) or 0


async def add(tx: AsyncSession, key: ApiKey) -> None:
    """Writes a new key.

    Raises:
        NameTaken: the unit has a key of this name.
    """
    async with unless_taken(tx, {"uq_api_keys_unit_name": NameTaken}):
        tx.add(key)


async def of_unit(tx: AsyncSession, employer_no: str, *, offset: int, limit: int) -> tuple[list[ApiKey], int]:
    """A page of a unit's keys, revoked ones last, the newest first, and how many there are."""
    found = select(ApiKey).where(ApiKey.employer_no == employer_no)
    total = await tx.scalar(select(func.count()).select_from(found.subquery()))
    ordered = found.order_by(ApiKey.revoked_at.is_not(None), ApiKey.issued_at.desc(), ApiKey.id)
    return list(await tx.scalars(ordered.offset(offset).limit(limit))), total or 0


async def one_of_unit(tx: AsyncSession, employer_no: str, key_id: UUID) -> ApiKey | None:
    """A unit's key; nobody else changes it before this transaction ends."""
    query = select(ApiKey).where(ApiKey.id == key_id, ApiKey.employer_no == employer_no)
    return (await tx.scalars(query.with_for_update())).one_or_none()


async def standing(tx: AsyncSession, digest: bytes, now: datetime) -> KeyStanding | None:
    """What the key with this digest stands for, while whoever issued it may act for the unit."""
    query = (
        select(
            ApiKey.id,
            ApiKey.account_id,
            Account.kind,
            ApiKey.employer_no,
            ApiKey.permissions,
            ApiKey.requests_per_minute,
            ApiKey.expires_at,
            ApiKey.last_used_at,
        )
        .join(Account, and_(Account.id == ApiKey.account_id, Account.closed_at.is_(None)))
        # Only a legal representative issues keys, for the units of their code; the register may move a unit elsewhere.
        .join(Unit, and_(Unit.employer_no == ApiKey.employer_no, Unit.uscc == Account.uscc, Unit.status == "open"))
        .where(ApiKey.digest == digest, ApiKey.revoked_at.is_(None), ApiKey.expires_at > now)
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return None
    return KeyStanding(row[0], row[1], row[2], row[3], tuple(row[4]), *row[5:])


async def counted(tx: AsyncSession, key_id: UUID, now: datetime) -> ApiKey | None:
    """A key that opens something, to count its requests; nobody else counts before this transaction ends."""
    query = select(ApiKey).where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None), ApiKey.expires_at > now)
    return (await tx.scalars(query.with_for_update())).one_or_none()


async def see(tx: AsyncSession, key_id: UUID, now: datetime) -> None:
    """Notes that a key is in use."""
    await tx.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=now))
