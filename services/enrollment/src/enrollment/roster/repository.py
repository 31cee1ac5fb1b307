"""SQL of the roster. Everything here is asked for one unit, whose number leads every index."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.coverage.rules import TERMINAL_STOP_REASONS, Status
from enrollment.names import folded, search_tokens
from enrollment.roster.models import RosterEntry, RosterName

LISTED = (
    RosterEntry.person_id,
    RosterEntry.name,
    RosterEntry.id_number_masked,
    RosterEntry.sex,
    RosterEntry.start_month,
    RosterEntry.stop_month,
    RosterEntry.stop_reason,
    RosterEntry.insurances,
    RosterEntry.monthly_wage,
)


@dataclass(frozen=True)
class Wanted:
    """What a search asks for; None asks for nothing in particular."""

    id_number_index: bytes | None = None
    name: str | None = None
    status: Status | None = None
    open_only: bool = False
    """Only people who haven't left the unit."""


async def search(
    tx: AsyncSession, employer_no: str, wanted: Wanted, *, month: Month, offset: int, limit: int
) -> tuple[Sequence[Any], int]:
    """A page of a unit's people, newest start first, and how many there are. `month` decides what status they show."""
    conditions = [RosterEntry.employer_no == employer_no, *_conditions(employer_no, wanted, month)]
    total = (await tx.execute(select(func.count()).select_from(RosterEntry).where(*conditions))).scalar_one()
    if total <= offset:
        return [], total
    statement = (
        select(*LISTED)
        .where(*conditions)
        .order_by(RosterEntry.start_month.desc(), RosterEntry.person_id.desc())
        .offset(offset)
        .limit(limit)
    )
    return (await tx.execute(statement)).all(), total


def _conditions(employer_no: str, wanted: Wanted, month: Month) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.id_number_index is not None:
        found.append(RosterEntry.id_number_index == wanted.id_number_index)
    if wanted.name:
        found.append(_named(employer_no, wanted.name))
    if wanted.status is not None:
        found.append(_status_is(wanted.status, month))
    if wanted.open_only:
        found.append(RosterEntry.stop_month.is_(None))
    return found


def _named(employer_no: str, part: str) -> ColumnElement[bool]:
    """Whose name has this part in it: all its tokens by index, then the order of them by looking."""
    tokens = search_tokens(part)
    having_all = select(RosterName.person_id).where(RosterName.employer_no == employer_no, RosterName.token.in_(tokens))
    if len(tokens) > 1:
        having_all = having_all.group_by(RosterName.person_id).having(func.count() == len(tokens))
    return and_(RosterEntry.person_id.in_(having_all), RosterEntry.name_folded.contains(folded(part), autoescape=True))


def _status_is(status: Status, month: Month) -> ColumnElement[bool]:
    """`coverage.rules.status_in` in SQL."""
    stopped = and_(
        RosterEntry.stop_month.is_not(None),
        or_(RosterEntry.stop_month <= RosterEntry.start_month, RosterEntry.stop_month < month),
    )
    terminal = and_(RosterEntry.stop_reason.is_not(None), RosterEntry.stop_reason.in_(TERMINAL_STOP_REASONS))
    running = or_(
        RosterEntry.stop_month.is_(None),
        and_(RosterEntry.stop_month > RosterEntry.start_month, RosterEntry.stop_month >= month),
    )
    match status:
        case "0":
            return and_(running, RosterEntry.start_month > month)
        case "1":
            return and_(running, RosterEntry.start_month <= month)
        case "2":
            return and_(stopped, ~terminal)
        case "4":
            return and_(stopped, terminal)


async def entry(tx: AsyncSession, employer_no: str, person_id: UUID) -> RosterEntry | None:
    """One person on a unit's roster."""
    return await tx.get(RosterEntry, (employer_no, person_id))
