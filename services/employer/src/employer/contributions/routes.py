"""Routes of the ledger: a clerk's look-ups, and pages of rows for the documents that reporting makes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from contracts.values.month import Month
from employer.contributions import service
from employer.contributions.schemas import (
    ContributionPageOut,
    InternalContributionOut,
    MonthSumOut,
    MonthSumsOut,
    PersonContributionsOut,
    TotalsOut,
)
from servicekit.auth.deps import InternalReader, QueryingClerk
from servicekit.clock import CurrentMonth
from servicekit.db.tx import Tx
from servicekit.paging import Page

router = APIRouter(prefix="/contributions", tags=["缴费查询"])
internal_router = APIRouter(prefix="/contributions", tags=["internal"])

_YEAR_BACK = 11
FromMonth = Annotated[Month | None, Query(description="费款所属期起；缺省为止月前11个月")]
ToMonth = Annotated[Month | None, Query(description="费款所属期止；缺省为当月")]


def _range(first: Month | None, last: Month | None, current: Month) -> tuple[Month, Month]:
    last = last or current
    return first or last.plus(-_YEAR_BACK), last


@router.get("/people/{person_id}", summary="职工缴费明细")
async def view_person(
    person_id: UUID,
    clerk: QueryingClerk,
    tx: Tx,
    current: CurrentMonth,
    from_month: FromMonth = None,
    to_month: ToMonth = None,
) -> PersonContributionsOut:
    """A person's contributions at the clerk's unit, month by month."""
    first, last = _range(from_month, to_month, current)
    return PersonContributionsOut.of(await service.of_person(tx, clerk, person_id, first=first, last=last))


@router.get("/months", summary="单位缴费明细")
async def view_months(
    clerk: QueryingClerk,
    tx: Tx,
    current: CurrentMonth,
    page: Page,
    from_month: FromMonth = None,
    to_month: ToMonth = None,
    insurance: Annotated[str | None, Query(pattern="^[0-9]{3}$", description="险种类型")] = None,
) -> MonthSumsOut:
    """The unit's contributions by month and insurance type."""
    first, last = _range(from_month, to_month, current)
    items, total, sums = await service.by_month(
        tx, clerk, first=first, last=last, insurance=insurance, offset=page.offset, limit=page.limit
    )
    return MonthSumsOut(items=[MonthSumOut.of(item) for item in items], total=total, totals=TotalsOut.of(sums))


@internal_router.get("", summary="contribution rows in pages")
async def page_of_rows(
    reader: InternalReader,
    tx: Tx,
    from_month: Month,
    to_month: Month,
    person_id: UUID | None = None,
    after: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> ContributionPageOut:
    """Rows of the reader's unit by month, person and insurance type; of one person, when one is named."""
    rows, following = await service.page_of_rows(
        tx, reader, person_id=person_id, first=from_month, last=to_month, after=after, limit=limit
    )
    return ContributionPageOut(items=[InternalContributionOut.of(row) for row in rows], next=following)
