"""Internal: read by the reporting service's workers; the gateway never routes here."""

from typing import Annotated

from fastapi import APIRouter, Query

from employer.contributions.routes import AskedRange
from employer.contributions.schemas import MonthSumOut
from employer.report_facts import service
from employer.report_facts.schemas import ContributionSumsOut, UnitFactsOut
from servicekit.auth import InternalReader
from servicekit.db.tx import Tx

router = APIRouter(tags=["internal"])


@router.get("/unit-facts", summary="the unit a report is about")
async def unit_facts(reader: InternalReader, tx: Tx) -> UnitFactsOut:
    """Name, number and code of the reader's unit."""
    return await service.unit(tx, reader)


@router.get("/contribution-sums", summary="a unit's contributions by month")
async def contribution_sums(
    reader: InternalReader,
    tx: Tx,
    months: AskedRange,
    insurance: Annotated[str | None, Query(pattern="^[0-9]{3}$")] = None,
) -> ContributionSumsOut:
    """What the reader's unit owes and paid, by month and insurance type."""
    rows = await service.sums(tx, reader, months=months, insurance=insurance)
    return ContributionSumsOut(
        from_month=months.first, to_month=months.last, items=[MonthSumOut.of(row) for row in rows]
    )
