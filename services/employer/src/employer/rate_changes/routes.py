"""Rates and limits of the agency's operators: the table, proposals, decisions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from employer.rate_changes import service
from employer.rate_changes.rules import Status
from employer.rate_changes.schemas import DecisionForm, LimitsForm, RateChangeOut, RateForm, RateTableOut
from servicekit.auth.deps import OperatingStaff
from servicekit.clock import CurrentMonth, Now
from servicekit.db.tx import Tx
from servicekit.etag import IfMatch, etag_of
from servicekit.idempotency import Once
from servicekit.paging import Listing, Page

router = APIRouter(tags=["费率与基数"])


@router.get("/rates", summary="费率与基数")
async def show_table(operator: OperatingStaff, tx: Tx) -> RateTableOut:
    """Every rate and every year's limits, past, present and to come."""
    return await service.table(tx)


@router.get("/rate-changes", summary="费率与基数的调整")
async def list_changes(
    operator: OperatingStaff, tx: Tx, page: Page, status: Annotated[Status | None, Query()] = None
) -> Listing[RateChangeOut]:
    """Proposals and what became of them, newest first."""
    found, total = await service.page(tx, status, offset=page.offset, limit=page.limit)
    return Listing(items=[RateChangeOut.model_validate(each) for each in found], total=total)


@router.post("/rate-changes/rates", status_code=201, summary="提出费率调整")
async def propose_rate(
    form: RateForm, operator: OperatingStaff, tx: Tx, once: Once, current: CurrentMonth, now: Now
) -> RateChangeOut:
    """Proposes a rate. Another operator has to approve it."""

    async def propose() -> RateChangeOut:
        change = await service.propose_rate(tx, operator, form, current=current, now=now)
        return RateChangeOut.model_validate(change)

    return await once(form, RateChangeOut, propose)


@router.post("/rate-changes/limits", status_code=201, summary="提出缴费基数上下限调整")
async def propose_limits(
    form: LimitsForm, operator: OperatingStaff, tx: Tx, once: Once, current: CurrentMonth, now: Now
) -> RateChangeOut:
    """Proposes the limits of a year. Another operator has to approve them."""

    async def propose() -> RateChangeOut:
        change = await service.propose_limits(tx, operator, form, current=current, now=now)
        return RateChangeOut.model_validate(change)

    return await once(form, RateChangeOut, propose)


@router.post("/rate-changes/{rate_change_id}/decision", summary="审批调整")
async def decide_change(
    rate_change_id: UUID,
    form: DecisionForm,
    operator: OperatingStaff,
    tx: Tx,
    version: IfMatch,
    now: Now,
    response: Response,
) -> RateChangeOut:
    """Approves or rejects what another operator proposed."""
    change = await service.decide(
        tx, operator, rate_change_id, form.decision, form.reason, seen_version=version, now=now
    )
    response.headers["ETag"] = etag_of(change.version)
    return RateChangeOut.model_validate(change)


@router.post("/rate-changes/{rate_change_id}/withdrawal", summary="撤回调整")
async def withdraw_change(
    rate_change_id: UUID, operator: OperatingStaff, tx: Tx, version: IfMatch, now: Now, response: Response
) -> RateChangeOut:
    """Takes back one's own proposal."""
    change = await service.withdraw(tx, operator, rate_change_id, seen_version=version, now=now)
    response.headers["ETag"] = etag_of(change.version)
    return RateChangeOut.model_validate(change)
