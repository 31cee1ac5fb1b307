"""SQL of invitations."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from identity.accounts.models import Account
from identity.directory.models import Unit
from identity.invitations.models import Invitation
from identity.invitations.rules import DAY, HOUR, Addressee
from servicekit.db.taken import unless_taken


class Pending(Exception):
    """There is an open invitation to the same person."""


@dataclass(frozen=True, slots=True)
class Received:
    """An invitation with the unit it comes from."""

    invitation: Invitation
    unit_name: str
    uscc: str
    unit_status: str


@dataclass(frozen=True, slots=True)
class Sent:
    """How many invitations a unit has sent."""

    waiting: int
    last_hour: int
    to_the_same: int
    """In the last day."""


async def serialise(tx: AsyncSession, employer_no: str) -> None:
    """One invitation of a unit at a time, until this transaction ends: they are counted right."""
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"invitations:{employer_no}", 0))))


def _to(to: Addressee) -> Any:
    if to.username is not None:
        return Invitation.username == to.username
    return Invitation.mobile_index == to.mobile_index


async def sent(tx: AsyncSession, employer_no: str, to: Addressee, *, now: datetime) -> Sent:
    """How many a unit has sent, and how many of them to this username or mobile."""
    waiting = and_(Invitation.status == "pending", Invitation.expires_at > now)
    same = and_(_to(to), Invitation.invited_at > now - DAY)
    counts = select(
        func.count().filter(waiting),
        func.count().filter(Invitation.invited_at > now - HOUR),
        func.count().filter(same),
    ).where(Invitation.employer_no == employer_no)
    return Sent(*(await tx.execute(counts)).one())


async def close_expired(tx: AsyncSession, employer_no: str, to: Addressee, *, now: datetime) -> None:
    """Makes room for a new invitation where an old one was never answered."""
    over = and_(Invitation.status == "pending", Invitation.expires_at <= now)
    statement = update(Invitation).where(Invitation.employer_no == employer_no, _to(to), over)
    await tx.execute(statement.values(status="expired"))


async def add(tx: AsyncSession, invitation: Invitation) -> None:
    """Writes a new invitation.

    Raises:
        Pending: the constraint that two at the same moment run into.
    """
    async with unless_taken(tx, {"uq_invitations_unit": Pending}):
        tx.add(invitation)


async def of_unit(tx: AsyncSession, employer_no: str, *, offset: int, limit: int) -> tuple[list[Invitation], int]:
    """A page of a unit's invitations, the newest first, and how many there are."""
    found = select(Invitation).where(Invitation.employer_no == employer_no)
    total = await tx.scalar(select(func.count()).select_from(found.subquery()))
    newest = found.order_by(Invitation.invited_at.desc(), Invitation.id.desc())
    return list(await tx.scalars(newest.offset(offset).limit(limit))), total or 0


async def one_of_unit(tx: AsyncSession, employer_no: str, invitation_id: UUID) -> Invitation | None:
    """A unit's invitation; nobody else answers it before this transaction ends."""
    query = select(Invitation).where(Invitation.id == invitation_id, Invitation.employer_no == employer_no)
    return (await tx.scalars(query.with_for_update())).one_or_none()


def _meant_for(account: Account) -> Any:
    """Open or not: what was sent to an agent's username or mobile."""
    by_name = Invitation.username == account.username
    if account.mobile_index is None:  # compared with nothing, every invitation by username would be theirs
        return by_name
    return or_(by_name, Invitation.mobile_index == account.mobile_index)


async def waiting_for(
    tx: AsyncSession, account: Account, *, now: datetime, offset: int, limit: int
) -> tuple[list[Received], int]:
    """A page of the invitations that an agent can still answer, the newest first, and how many there are."""
    found = (
        select(Invitation, Unit.name, Unit.uscc, Unit.status)
        .join(Unit, Unit.employer_no == Invitation.employer_no)
        .where(Invitation.status == "pending", _meant_for(account), Invitation.expires_at > now, Unit.status == "open")
    )
    total = await tx.scalar(select(func.count()).select_from(found.subquery()))
    newest = found.order_by(Invitation.invited_at.desc(), Invitation.id.desc())
    rows = await tx.execute(newest.offset(offset).limit(limit))
    return [Received(*row) for row in rows], total or 0


async def received(tx: AsyncSession, account: Account, invitation_id: UUID) -> Received | None:
    """An invitation to an agent, with all that the unit has sent them locked, so that two answers come one by one."""
    mine = select(Invitation.employer_no).where(Invitation.id == invitation_id, _meant_for(account))
    employer_no = await tx.scalar(mine)
    if employer_no is None:
        return None
    # All of the unit's, in the same order for everybody: accepting one closes the others.
    siblings = select(Invitation.id).where(Invitation.employer_no == employer_no, _meant_for(account))
    await tx.execute(siblings.order_by(Invitation.id).with_for_update())
    query = (
        select(Invitation, Unit.name, Unit.uscc, Unit.status)
        .join(Unit, Unit.employer_no == Invitation.employer_no)
        .where(Invitation.id == invitation_id)
        .execution_options(populate_existing=True)
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else Received(*row)


async def supersede(tx: AsyncSession, account: Account, employer_no: str, *, now: datetime) -> None:
    """Closes whatever else a unit has sent to an agent who has just accepted."""
    others = and_(Invitation.employer_no == employer_no, Invitation.status == "pending", _meant_for(account))
    await tx.execute(
        update(Invitation).where(others).values(status="superseded", answered_by=account.id, answered_at=now)
    )


async def forget(tx: AsyncSession, *, before: datetime) -> None:
    """Deletes invitations whose time was over by then; who was invited when stays in the audit log."""
    await tx.execute(delete(Invitation).where(Invitation.expires_at < before))
