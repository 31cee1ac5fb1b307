"""SQL of mandates: which units an account may act for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from contracts.identity import Permission
from identity.accounts.models import Account
from identity.directory.models import Unit
from identity.mandates.models import Mandate
from identity.mandates.rules import ALL_PERMISSIONS


@dataclass(frozen=True, slots=True)
class Authority:
    """A unit that an account may act for, and how."""

    employer_no: str
    name: str
    uscc: str
    kind: str
    permissions: tuple[Permission, ...]


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who serves a unit."""

    mandate: Mandate
    username: str
    display_name: str
    mobile_masked: str | None


@dataclass(frozen=True, slots=True)
class Service:
    """A unit that an agent serves. `unit_status` is the register's: open or closed."""

    mandate: Mandate
    unit_name: str
    uscc: str
    unit_status: str


def _authorities(account: Account) -> Any:
    """Units and permissions of an account: by the register for a legal representative, by mandates for an agent."""
    columns = (Unit.employer_no, Unit.name, Unit.uscc, Unit.kind)
    if account.kind == "legal_representative":
        everything = literal(list(ALL_PERMISSIONS), ARRAY(Text)).label("permissions")
        return select(*columns, everything).where(Unit.uscc == account.uscc, Unit.status == "open")
    joined = and_(
        Mandate.employer_no == Unit.employer_no, Mandate.account_id == account.id, Mandate.removed_at.is_(None)
    )
    return select(*columns, Mandate.permissions).join(Mandate, joined).where(Unit.status == "open")


def _read(row: Any) -> Authority:
    return Authority(row.employer_no, row.name, row.uscc, row.kind, tuple(row.permissions))


async def authority(tx: AsyncSession, account: Account, employer_no: str) -> Authority | None:
    """How the account may act for one unit, if it may."""
    row = (await tx.execute(_authorities(account).where(Unit.employer_no == employer_no))).one_or_none()
    return None if row is None else _read(row)


async def authorities(
    tx: AsyncSession, account: Account, *, q: str, offset: int, limit: int
) -> tuple[list[Authority], int]:
    """A page of the units an account may act for whose name, number or code contains `q`, and how many there are."""
    found = _authorities(account)
    if q:
        found = found.where(
            or_(
                Unit.name.contains(q, autoescape=True),
                Unit.employer_no.contains(q, autoescape=True),
                Unit.uscc.contains(q.upper(), autoescape=True),
            )
        )
    total = await tx.scalar(select(func.count()).select_from(found.subquery()))
    rows = await tx.execute(found.order_by(Unit.employer_no).offset(offset).limit(limit))
    return [_read(row) for row in rows], total or 0


def _values(mandate: Mandate) -> dict[str, Any]:
    return {
        "id": mandate.id,
        "account_id": mandate.account_id,
        "employer_no": mandate.employer_no,
        "permissions": mandate.permissions,
        "granted_at": mandate.granted_at,
    }


async def put_many(tx: AsyncSession, mandates: Sequence[Mandate]) -> None:
    """Writes many mandates at once; where the account has one for the unit, that stays as it is."""
    await tx.execute(insert(Mandate).on_conflict_do_nothing(), [_values(mandate) for mandate in mandates])


async def put(tx: AsyncSession, mandate: Mandate) -> bool:
    """Writes a mandate unless the account has one for the unit. True when it was written."""
    values = _values(mandate)
    written = await tx.execute(insert(Mandate).values(values).on_conflict_do_nothing().returning(Mandate.id))
    return written.first() is not None


async def end(tx: AsyncSession, account_id: UUID, employer_no: str, now: datetime) -> UUID | None:
    """Ends a mandate; its id, or None when there was none."""
    living = and_(Mandate.account_id == account_id, Mandate.employer_no == employer_no, Mandate.removed_at.is_(None))
    ended = await tx.execute(update(Mandate).where(living).values(removed_at=now).returning(Mandate.id))
    return ended.scalar_one_or_none()


_AGENTS = (
    select(Mandate, Account.username, Account.display_name, Account.mobile_masked)
    .join(Account, Account.id == Mandate.account_id)
    .where(Mandate.removed_at.is_(None))
)


async def agents_of(tx: AsyncSession, employer_no: str, *, q: str, offset: int, limit: int) -> tuple[list[Agent], int]:
    """A page of those who serve a unit whose name or username contains `q`, and how many there are."""
    found = _AGENTS.where(Mandate.employer_no == employer_no)
    if q:
        found = found.where(
            or_(
                Account.display_name.contains(q, autoescape=True), Account.username.contains(q.lower(), autoescape=True)
            )
        )
    total = await tx.scalar(select(func.count()).select_from(found.subquery()))
    rows = await tx.execute(found.order_by(Mandate.granted_at, Mandate.id).offset(offset).limit(limit))
    return [Agent(*row) for row in rows], total or 0


async def agent(tx: AsyncSession, employer_no: str, mandate_id: UUID, *, lock: bool = False) -> Agent | None:
    """One who serves a unit. With `lock` nobody else changes the mandate before this transaction ends."""
    query = _AGENTS.where(Mandate.employer_no == employer_no, Mandate.id == mandate_id)
    row = (await tx.execute(query.with_for_update(of=Mandate) if lock else query)).one_or_none()
    return None if row is None else Agent(*row)


async def serves(tx: AsyncSession, employer_no: str, *, username: str | None, mobile_index: bytes | None) -> bool:
    """Whether somebody of this username or mobile serves the unit."""
    same = Account.username == username if username is not None else Account.mobile_index == mobile_index
    return (await tx.execute(_AGENTS.where(Mandate.employer_no == employer_no, same).limit(1))).first() is not None


async def services_of(
    tx: AsyncSession, account_id: UUID, *, q: str, offset: int, limit: int
) -> tuple[list[Service], int]:
    """A page of the units an agent serves whose name or number contains `q`, and how many there are."""
    found = (
        select(Mandate, Unit.name, Unit.uscc, Unit.status)
        .join(Unit, Unit.employer_no == Mandate.employer_no)
        .where(Mandate.account_id == account_id, Mandate.removed_at.is_(None))
    )
    if q:
        found = found.where(or_(Unit.name.contains(q, autoescape=True), Unit.employer_no.contains(q, autoescape=True)))
    total = await tx.scalar(select(func.count()).select_from(found.subquery()))
    rows = await tx.execute(found.order_by(Mandate.employer_no).offset(offset).limit(limit))
    return [Service(*row) for row in rows], total or 0


async def unit_served_by(tx: AsyncSession, account_id: UUID, mandate_id: UUID) -> str | None:
    """The unit of an agent's own mandate, while it lasts."""
    mine = and_(Mandate.id == mandate_id, Mandate.account_id == account_id, Mandate.removed_at.is_(None))
    unit: str | None = await tx.scalar(select(Mandate.employer_no).where(mine))
    return unit
