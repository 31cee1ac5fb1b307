"""Routes of the ledger: a clerk's look-ups, and pages of rows for the documents that reporting makes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query

from contracts.values.month import Month
from employer.contributions import rules, service
from employer.contributions.schemas import (
    ContributionPageOut,
    InternalContributionOut,
    MonthDetailOut,
    MonthSumOut,
    MonthSumsOut,
    PersonContributionsOut,
    PersonRowOut,
    PersonRowsOut,
    ReceiptOut,
    StatementOut,
    TotalsOut,
)
from servicekit.auth.deps import InternalReader, QueryingClerk
from servicekit.clock import CurrentMonth
from servicekit.db.tx import Tx
from servicekit.paging import Page

router = APIRouter(prefix="/contributions", tags=["缴费查询"])
internal_router = APIRouter(prefix="/contributions", tags=["internal"])


async def _asked_range(
    current: CurrentMonth,
    from_month: Annotated[Month | None, Query(description="费款所属期起；缺省为止月前11个月")] = None,
    to_month: Annotated[Month | None, Query(description="费款所属期止；缺省为当月")] = None,
) -> rules.MonthRange:
    return rules.asked_range(from_month, to_month, current=current)


AskedRange = Annotated[rules.MonthRange, Depends(_asked_range)]


@router.get("/people/{person_id}", summary="职工缴费明细")
async def view_person(
    person_id: UUID,
    clerk: QueryingClerk,
    tx: Tx,
    months: AskedRange,
) -> PersonContributionsOut:
    """A person's contributions at the clerk's unit, month by month."""
    rows = await service.of_person(tx, clerk, person_id, months=months)
    return PersonContributionsOut.of(rows)


@router.get("/months", summary="单位缴费明细")
async def view_months(
    clerk: QueryingClerk,
    tx: Tx,
    months: AskedRange,
    page: Page,
    insurance: Annotated[str | None, Query(pattern="^[0-9]{3}$", description="险种类型")] = None,
) -> MonthSumsOut:
    """The unit's contributions by month and insurance type."""
    items, total, sums = await service.by_month(
        tx, clerk, months=months, insurance=insurance, offset=page.offset, limit=page.limit
    )
    return MonthSumsOut(
        from_month=months.first,
        to_month=months.last,
        items=[MonthSumOut.of(item) for item in items],
        total=total,
        totals=TotalsOut.of(sums),
    )


Insurance = Annotated[str, Path(pattern="^[0-9]{3}$")]


@router.get("/months/{month}/{insurance}", summary="单位缴费明细：一个所属期和险种")
async def view_month(month: Month, insurance: Insurance, clerk: QueryingClerk, tx: Tx) -> MonthDetailOut:
    """The statements of a month and insurance type, and what arrived for them."""
    name, statements, receipts, over = await service.month_detail(tx, clerk, month, insurance)
    return MonthDetailOut(
        month=month,
        insurance=insurance,
        insurance_name=name,
        statements=[StatementOut.of(row) for row in statements],
        receipts=[ReceiptOut.model_validate(row) for row in receipts],
        overpaid=over,
    )


@router.get("/months/{month}/{insurance}/people", summary="单位缴费明细：人员")
async def view_people_of_month(
    month: Month,
    insurance: Insurance,
    clerk: QueryingClerk,
    tx: Tx,
    after: Annotated[str | None, Query(max_length=80, description="上一页的 next")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> PersonRowsOut:
    """The people of a month and insurance type, page by page at the same cost however deep."""
    rows, following = await service.people_of_month(tx, clerk, month, insurance, after=after, limit=limit)
    return PersonRowsOut(items=[PersonRowOut.of(row) for row in rows], next=following)


@internal_router.get("", summary="contribution rows in pages")
async def page_of_rows(
    reader: InternalReader,
    tx: Tx,
    months: AskedRange,
    person_id: UUID | None = None,
    after: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> ContributionPageOut:
    """Rows of the reader's unit by month, person and insurance type; of one person, when one is named."""
    rows, following = await service.page_of_rows(
        tx, reader, person_id=person_id, months=months, after=after, limit=limit
    )
    return ContributionPageOut(items=[InternalContributionOut.of(row) for row in rows], next=following)
