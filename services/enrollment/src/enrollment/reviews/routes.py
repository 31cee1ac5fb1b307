"""审核工作台: the queue, one application with findings and before/after, the decision."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from enrollment.applications import search
from enrollment.applications.schemas import ApplicationOut, listing_of
from enrollment.disclosures.schemas import DisclosureForm, DisclosureOut
from enrollment.reviews import claims, many, service
from enrollment.reviews.schemas import (
    ClaimOut,
    DecisionForm,
    ManyDecisionsForm,
    ManyDecisionsOut,
    ReviewDetail,
    ReviewRow,
    ReviewSearch,
)
from servicekit.auth import ReviewingStaff
from servicekit.clock import Now, Today
from servicekit.db.tx import Tx
from servicekit.etag import IfMatch, etag_of
from servicekit.paging import LongListing

router = APIRouter(prefix="/reviews", tags=["reviews"])
Number = Annotated[str, Path(max_length=40, title="申报流水号")]


@router.post("/searches")
async def search_reviews(
    form: ReviewSearch, reviewer: ReviewingStaff, tx: Tx, today: Today, now: Now
) -> LongListing[ReviewRow]:
    """The queue of all units (oldest first), or what was decided (newest first)."""
    found = await search.of_agency(tx, reviewer, form, today=today)
    held = await claims.of_rows(tx, found.rows, now=now)
    return listing_of(found, partial(ReviewRow.of_row, today=today, reviewer=reviewer.account_id, claims=held))


@router.post("/decisions")
async def decide_many(
    form: ManyDecisionsForm, reviewer: ReviewingStaff, request: Request, today: Today, now: Now
) -> ManyDecisionsOut:
    """Decides up to 200 at once, each by itself: what became of each is told, and one that can't be decided holds no
    other up. Asked again, those that are decided say by whom.
    """
    runtime = request.app.state.runtime
    return ManyDecisionsOut(items=await many.decide_many(runtime, reviewer, form, today=today, now=now))


@router.get("/{no}")
async def show_review(no: Number, reviewer: ReviewingStaff, tx: Tx, response: Response, today: Today) -> ReviewDetail:
    """What was declared, what the automatic checks found, what an approval would change. Seeing it is audited."""
    detail = await service.show(tx, reviewer, no, today=today)
    response.headers["ETag"] = etag_of(detail.version)
    return detail


@router.post("/{no}/decision")
async def decide(
    no: Number,
    form: DecisionForm,
    reviewer: ReviewingStaff,
    tx: Tx,
    version: IfMatch,
    today: Today,
    now: Now,
    response: Response,
) -> ApplicationOut:
    """Approves or rejects. The answer's status tells: an approval that a rule forbids by now is a rejection."""
    application = await service.decide(tx, reviewer, no, form, seen_version=version, today=today, now=now)
    response.headers["ETag"] = etag_of(application.version)
    return ApplicationOut.of(application)


@router.put("/{no}/claim")
async def claim(no: Number, reviewer: ReviewingStaff, tx: Tx, now: Now) -> ClaimOut:
    """正在审核: the reviewer has it open, or somebody else has. A hint that ends by itself; it keeps nobody out."""
    return await claims.claim(tx, reviewer, no, now=now)


@router.delete("/{no}/claim", status_code=204)
async def release_claim(no: Number, reviewer: ReviewingStaff, tx: Tx) -> None:
    """The reviewer has closed it."""
    await claims.release(tx, reviewer, no)


@router.post("/{no}/disclosures")
async def disclose(
    no: Number, form: DisclosureForm, reviewer: ReviewingStaff, tx: Tx, now: Now, response: Response
) -> DisclosureOut:
    """The full identity or mobile number that was declared. Needs a step-up; audited."""
    response.headers["Cache-Control"] = "no-store"
    return await service.disclose(tx, reviewer, no, form, now=now)
