"""SQL of change requests and attachments. A clerk's transaction sees the unit's own rows only, also where no unit is
named here (row level security)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from employer.registration_changes.models import ChangeAttachment, RegistrationChange
from employer.registration_changes.rules import ChangePending
from servicekit.db.taken import unless_taken


async def add(tx: AsyncSession, change: RegistrationChange) -> None:
    """Writes a pending request.

    Raises:
        ChangePending: the unit has one.
    """
    async with unless_taken(tx, {"uq_registration_changes_pending": ChangePending}):
        tx.add(change)


async def pending(tx: AsyncSession, employer_no: str) -> RegistrationChange | None:
    """The unit's pending request."""
    query = sa.select(RegistrationChange).where(
        RegistrationChange.employer_no == employer_no, RegistrationChange.status == "pending"
    )
    return (await tx.scalars(query)).one_or_none()


async def get(tx: AsyncSession, change_id: UUID) -> RegistrationChange | None:
    """One request."""
    return await tx.get(RegistrationChange, change_id)


async def lock(tx: AsyncSession, change_id: UUID) -> RegistrationChange | None:
    """The same, locked."""
    return await tx.get(RegistrationChange, change_id, with_for_update=True)


async def page(tx: AsyncSession, employer_no: str, *, offset: int, limit: int) -> tuple[list[RegistrationChange], int]:
    """The unit's requests, newest first."""
    own = RegistrationChange.employer_no == employer_no
    total = await tx.scalar(sa.select(sa.func.count()).where(own))
    newest = sa.select(RegistrationChange).where(own).order_by(RegistrationChange.requested_at.desc())
    return list(await tx.scalars(newest.offset(offset).limit(limit))), total or 0


async def attachments_of(tx: AsyncSession, change_ids: Collection[UUID]) -> Sequence[ChangeAttachment]:
    """The attachments of requests, in their order."""
    query = sa.select(ChangeAttachment).where(ChangeAttachment.change_id.in_(change_ids))
    return (await tx.scalars(query.order_by(ChangeAttachment.position))).all()


async def attachment(tx: AsyncSession, change_id: UUID, attachment_id: UUID) -> ChangeAttachment | None:
    """One attachment of a request."""
    query = sa.select(ChangeAttachment).where(
        ChangeAttachment.id == attachment_id, ChangeAttachment.change_id == change_id
    )
    return (await tx.scalars(query)).one_or_none()


async def lock_attachments(tx: AsyncSession, employer_no: str, ids: Collection[UUID]) -> dict[UUID, ChangeAttachment]:
    """Attachments of the unit by id, locked in one order."""
    query = sa.select(ChangeAttachment).where(ChangeAttachment.employer_no == employer_no, ChangeAttachment.id.in_(ids))
    rows = await tx.scalars(query.order_by(ChangeAttachment.id).with_for_update())
    return {row.id: row for row in rows}


async def count_loose(tx: AsyncSession, employer_no: str) -> int:
    """How many files of the unit belong to no request yet."""
    query = sa.select(sa.func.count()).where(
        ChangeAttachment.employer_no == employer_no, ChangeAttachment.change_id.is_(None)
    )
    return await tx.scalar(query) or 0


async def loose_before(tx: AsyncSession, moment: datetime, *, limit: int) -> list[ChangeAttachment]:
    """Files uploaded before a moment that no request took, locked; those in somebody's hands are left out."""
    query = sa.select(ChangeAttachment).where(
        ChangeAttachment.change_id.is_(None), ChangeAttachment.uploaded_at < moment
    )
    return list(await tx.scalars(query.limit(limit).with_for_update(skip_locked=True)))


async def known_digests(tx: AsyncSession, digests: Collection[str]) -> set[str]:
    """Those of these objects that an attachment is kept in."""
    return set(await tx.scalars(sa.select(ChangeAttachment.digest).where(ChangeAttachment.digest.in_(digests))))
