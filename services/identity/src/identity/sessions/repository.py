"""SQL of sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.identity import AccountKind, Permission
from identity.accounts.models import Account
from identity.directory.models import Unit
from identity.mandates.models import Mandate
from identity.mandates.rules import ALL_PERMISSIONS
from identity.sessions.models import SessionRow
from servicekit.auth.tokens import Limit


@dataclass(frozen=True, slots=True)
class Standing:
    """A session with all that a token says: whose it is, and the permissions for the chosen unit as they are now."""

    session_id: UUID
    account_id: UUID
    kind: AccountKind
    display_name: str
    employer_no: str | None
    """None also when the mandate for the chosen unit is gone."""
    lost_unit: str | None
    """The chosen unit when the mandate for it is gone."""
    permissions: tuple[Permission, ...]
    last_seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    step_up_until: datetime | None
    limited_to: Limit | None
    person_id: UUID | None = None
    """Of an insured person's account: whose insurance it may see."""


# Built once: this is the query behind every swap.
_STANDING = (
    select(
        SessionRow.id,
        SessionRow.account_id,
        SessionRow.employer_no,
        Unit.employer_no,
        SessionRow.last_seen_at,
        SessionRow.expires_at,
        SessionRow.ended_at,
        SessionRow.step_up_until,
        SessionRow.limited_to,
        Account.kind,
        Account.display_name,
        Account.person_id,
        Unit.uscc == Account.uscc,
        Mandate.permissions,
    )
    .join(Account, and_(Account.id == SessionRow.account_id, Account.closed_at.is_(None)))
    .outerjoin(Unit, and_(Unit.employer_no == SessionRow.employer_no, Unit.status == "open"))
    .outerjoin(
        Mandate,
        and_(
            Mandate.account_id == SessionRow.account_id,
            Mandate.employer_no == SessionRow.employer_no,  # not the unit's: both columns of the index are used
            Mandate.removed_at.is_(None),
        ),
    )
)


def _read(row: Any) -> Standing:
    session_id, account_id, chosen, employer_no, last_seen_at, expires_at, ended_at, *others = row
    step_up_until, limited_to, kind, name, person_id, own_unit, granted = others
    by_register = ALL_PERMISSIONS if own_unit else ()
    by_mandate = tuple(granted or ()) if employer_no is not None else ()
    permissions = by_register if kind == "legal_representative" else by_mandate
    return Standing(
        session_id=session_id,
        account_id=account_id,
        kind=kind,
        display_name=name,
        employer_no=employer_no if permissions else None,
        lost_unit=None if permissions else chosen,
        permissions=permissions,
        last_seen_at=last_seen_at,
        expires_at=expires_at,
        ended_at=ended_at,
        step_up_until=step_up_until,
        limited_to=limited_to,
        person_id=person_id,
    )


async def standing(tx: AsyncSession, digest: bytes) -> Standing | None:
    """What the cookie with this digest stands for; None for an unknown one and for a closed account's."""
    row = (await tx.execute(_STANDING.where(SessionRow.digest == digest))).one_or_none()
    return None if row is None else _read(row)


def add(tx: AsyncSession, session: SessionRow) -> None:
    """Writes a new session."""
    tx.add(session)


async def living(tx: AsyncSession, session_id: UUID, *, lock: bool = False) -> SessionRow | None:
    """A session that has not ended; with `lock` nobody else ends it before this transaction does."""
    query = select(SessionRow).where(SessionRow.id == session_id, SessionRow.ended_at.is_(None))
    return (await tx.scalars(query.with_for_update() if lock else query)).one_or_none()


async def living_of(tx: AsyncSession, account_id: UUID) -> Sequence[SessionRow]:
    """The sessions of an account that have not ended, the newest first."""
    query = select(SessionRow).where(SessionRow.account_id == account_id, SessionRow.ended_at.is_(None))
    return (await tx.scalars(query.order_by(SessionRow.started_at.desc(), SessionRow.id.desc()))).all()


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


async def forget(tx: AsyncSession, *, before: datetime) -> None:
    """Deletes sessions that were over by then. Who signed in when stays in the audit log."""
    await tx.execute(delete(SessionRow).where(or_(SessionRow.ended_at < before, SessionRow.expires_at < before)))
