"""Internal: read by the reporting service's workers; the gateway never routes here."""

from typing import Annotated

from fastapi import APIRouter, Query

from employer.contributions.routes import AskedRange
from employer.contributions.schemas import MonthSumOut
from employer.report_facts import service
from employer.report_facts.schemas import BasesForm, BasesOut, ContributionSumsOut, UnitFactsOut
from servicekit.auth import InternalReader
from servicekit.clock import CurrentMonth
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


@router.post("/contribution-bases", summary="what people's contributions are reckoned from")
async def contribution_bases(form: BasesForm, reader: InternalReader, tx: Tx, month: CurrentMonth) -> BasesOut:
    """The bases (缴费基数) of people of the reader's unit in this month."""
    return await service.bases(tx, reader, form, month=month)
