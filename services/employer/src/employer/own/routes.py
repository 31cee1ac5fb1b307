"""What an insured person asks about themselves; nothing in the request says who that is."""

from fastapi import APIRouter, Response

from employer.contributions.routes import AskedRange
from employer.own import service
from employer.own.schemas import OwnContributionOut, OwnContributionsOut, OwnLedgerOut
from servicekit.auth import InternalPersonReader, RecognisedPerson
from servicekit.db.tx import Tx
from servicekit.paging import Page

router = APIRouter(prefix="/me", tags=["个人"])
internal_router = APIRouter(prefix="/me", tags=["internal"])


@router.get("/contributions", summary="本人缴费明细")
async def my_contributions(
    me: RecognisedPerson, tx: Tx, months: AskedRange, page: Page, response: Response
) -> OwnContributionsOut:
    """The asker's own contributions, at whichever unit."""
    response.headers["Cache-Control"] = "no-store"
    rows = await service.contributions(tx, me, months=months)
    return OwnContributionsOut.of(rows, offset=page.offset, limit=page.limit)


@internal_router.get("/contributions")
async def my_ledger(reader: InternalPersonReader, tx: Tx, months: AskedRange, response: Response) -> OwnLedgerOut:
    """All contributions of the person for whom reporting asks, for their own certificate."""
    response.headers["Cache-Control"] = "no-store"
    rows = await service.contributions(tx, reader, months=months)
    return OwnLedgerOut(items=[OwnContributionOut.from_row(row) for row in rows])
