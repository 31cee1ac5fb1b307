"""待审核 / 已审核: a unit's applications, their detail, and 撤销."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from enrollment.applications import search as searching
from enrollment.applications import service
from enrollment.applications.schemas import ApplicationDetail, ApplicationOut, ApplicationSearch
from enrollment.reviews import inspection
from servicekit.auth import DeclaringClerk, QueryingClerk
from servicekit.clock import Now, Today
from servicekit.db.tx import Tx
from servicekit.etag import IfMatch, etag_of
from servicekit.paging import Listing

router = APIRouter(prefix="/applications", tags=["applications"])
Number = Annotated[str, Path(max_length=40, title="申报流水号")]


@router.post("/searches")
async def search_applications(form: ApplicationSearch, clerk: QueryingClerk, tx: Tx) -> Listing[ApplicationOut]:
    """The unit's applications: `pending` (待审核) or `decided` (已审核, with the withdrawn ones)."""
    rows, total = await searching.of_unit(tx, clerk, form)
    return Listing(items=[ApplicationOut.of(row) for row in rows], total=total)


@router.get("/{no}")
async def show_application(
    no: Number, clerk: QueryingClerk, tx: Tx, response: Response, today: Today
) -> ApplicationDetail:
    """One application with what was declared. Its ETag goes into `If-Match` of the withdrawal."""
    application = await service.find(tx, no)
    response.headers["ETag"] = etag_of(application.version)
    findings = await inspection.findings_for_unit(tx, application, today=today)
    return ApplicationDetail.of_application(application, findings)


@router.post("/{no}/withdrawal")
async def withdraw_application(
    no: Number, clerk: DeclaringClerk, tx: Tx, version: IfMatch, now: Now, response: Response
) -> ApplicationOut:
    """撤销: takes a pending application back."""
    application = await service.withdraw(tx, clerk, no, seen_version=version, now=now)
    response.headers["ETag"] = etag_of(application.version)
    return ApplicationOut.of(application)
