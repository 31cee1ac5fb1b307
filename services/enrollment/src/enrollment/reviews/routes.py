"""审核工作台: the queue, one application with findings and before/after, the decision."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from enrollment.applications import search
from enrollment.applications.schemas import ApplicationOut
from enrollment.reviews import service
from enrollment.reviews.schemas import DecisionForm, ReviewDetail, ReviewSearch
from servicekit.auth import ReviewingStaff
from servicekit.clock import Now, Today
from servicekit.db.tx import Tx
from servicekit.etag import IfMatch, etag_of
from servicekit.paging import Listing

router = APIRouter(prefix="/reviews", tags=["reviews"])
Number = Annotated[str, Path(max_length=40, title="申报流水号")]


@router.post("/searches")
async def search_reviews(form: ReviewSearch, reviewer: ReviewingStaff, tx: Tx) -> Listing[ApplicationOut]:
    """The queue of all units (oldest first), or what was decided (newest first)."""
    rows, total = await search.of_agency(tx, reviewer, form)
    return Listing(items=[ApplicationOut.of(row) for row in rows], total=total)


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
