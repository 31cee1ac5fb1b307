"""待审核 / 已审核: a unit's applications, their detail, and 撤销."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from enrollment.applications import search as searching
from enrollment.applications import service, viewing
from enrollment.applications.schemas import ApplicationDetail, ApplicationOut, ApplicationSearch, listing_of
from servicekit.auth import AnyClerk, QueryingClerk
from servicekit.clock import Now, Today
from servicekit.db.tx import Tx
from servicekit.etag import IfMatch, etag_of
from servicekit.paging import LongListing

router = APIRouter(prefix="/applications", tags=["applications"])
Number = Annotated[str, Path(max_length=40, title="申报流水号")]


@router.post("/searches")
async def search_applications(form: ApplicationSearch, clerk: QueryingClerk, tx: Tx) -> LongListing[ApplicationOut]:
    """The unit's applications: `pending` (待审核) or `decided` (已审核, with the withdrawn ones)."""
    return listing_of(await searching.of_unit(tx, clerk, form), ApplicationOut.of)


@router.get("/{no}")
async def show_application(
    no: Number, clerk: QueryingClerk, tx: Tx, response: Response, today: Today
) -> ApplicationDetail:
    """One application with what was declared. Its ETag goes into `If-Match` of the withdrawal. Seeing it is audited."""
    application, findings = await viewing.view(tx, clerk, no, today=today)
    response.headers["ETag"] = etag_of(application.version)
    return ApplicationDetail.of_application(application, findings)


@router.post("/{no}/withdrawal")
async def withdraw_application(
    no: Number, clerk: AnyClerk, tx: Tx, version: IfMatch, now: Now, response: Response
) -> ApplicationOut:
    """撤销: takes a pending application back. Needs the permission that handing it in needed."""
    application = await service.withdraw(tx, clerk, no, seen_version=version, now=now)
    response.headers["ETag"] = etag_of(application.version)
    return ApplicationOut.of(application)
