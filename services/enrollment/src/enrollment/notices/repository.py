"""SQL of notices. What pages ask here is asked for one unit, by the index of its decided applications or reports."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause, delete, func, literal, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.applications.models import Application
from enrollment.applications.repository import LISTED
from enrollment.notices.models import NoticeMark, ReportNotice

_BY_THE_AGENCY = text("status <> 'pending' AND status <> 'withdrawn'")


async def seen_to(tx: AsyncSession, *, employer_no: str, account_id: UUID) -> datetime | None:
    """Up to when an account has seen a unit's notices."""
    mark = await tx.get(NoticeMark, (employer_no, account_id))
    return None if mark is None else mark.seen_to


async def see(tx: AsyncSession, *, employer_no: str, account_id: UUID, seen_to: datetime) -> None:
    """Moves the mark on, never back: another tab may have been quicker."""
    statement = insert(NoticeMark).values(employer_no=employer_no, account_id=account_id, seen_to=seen_to)
    newer = func.greatest(NoticeMark.seen_to, statement.excluded.seen_to)
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["employer_no", "account_id"], set_={"seen_to": newer})
    )


async def latest(tx: AsyncSession, *, employer_no: str, limit: int) -> Sequence[Any]:
    """What the agency decided last."""
    statement = (
        select(*LISTED)
        .where(Application.employer_no == employer_no, _BY_THE_AGENCY)
        .order_by(Application.decided_at.desc(), Application.no.desc())
        .limit(limit)
    )
    return (await tx.execute(statement)).all()


async def count_since(tx: AsyncSession, *, employer_no: str, since: datetime, most: int) -> int:
    """How much the agency has decided since then; not counted further than `most`."""
    return await _count(
        tx, Application.employer_no == employer_no, _BY_THE_AGENCY, Application.decided_at > since, most=most
    )


async def add_report(tx: AsyncSession, values: Mapping[str, Any]) -> None:
    """Keeps that a report has ended; once, however often it is told."""
    await tx.execute(insert(ReportNotice).values(**values).on_conflict_do_nothing())


async def latest_reports(tx: AsyncSession, *, employer_no: str, account_id: UUID, limit: int) -> Sequence[ReportNotice]:
    """The account's own reports that ended last."""
    mine = select(ReportNotice).where(ReportNotice.employer_no == employer_no, ReportNotice.account_id == account_id)
    return (await tx.scalars(mine.order_by(ReportNotice.told_at.desc()).limit(limit))).all()


async def count_reports_since(
    tx: AsyncSession, *, employer_no: str, account_id: UUID, since: datetime, most: int
) -> int:
    """How many of the account's own reports have ended since then; not counted further than `most`."""
    return await _count(
        tx,
        ReportNotice.employer_no == employer_no,
        ReportNotice.account_id == account_id,
        ReportNotice.told_at > since,
        most=most,
    )


async def forget_reports(tx: AsyncSession, *, before: datetime) -> None:
    """Forgets what was told before then."""
    await tx.execute(delete(ReportNotice).where(ReportNotice.told_at < before))


async def count_pending(tx: AsyncSession, *, employer_no: str, most: int) -> int:
    """How much waits; not counted further than `most`."""
    return await _count(tx, Application.employer_no == employer_no, text("status = 'pending'"), most=most)


async def _count(tx: AsyncSession, *conditions: ColumnElement[bool] | TextClause, most: int) -> int:
    some = select(literal(1)).where(*conditions).limit(most)
    return (await tx.execute(select(func.count()).select_from(some.subquery()))).scalar_one()
