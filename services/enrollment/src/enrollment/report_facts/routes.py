"""Internal: read by the reporting service's workers; the gateway never routes here.

Conditions come in bodies, since they may name people.
"""

from fastapi import APIRouter, Response

from enrollment.report_facts import service
from enrollment.report_facts.schemas import (
    ApplicationPageForm,
    ApplicationPageOut,
    NamesForm,
    NamesOut,
    RosterPageForm,
    RosterPageOut,
)
from servicekit.auth import InternalReader
from servicekit.clock import CurrentMonth
from servicekit.db.tx import Tx

router = APIRouter(tags=["internal"])


@router.post("/roster-pages")
async def roster_page(
    form: RosterPageForm, reader: InternalReader, tx: Tx, month: CurrentMonth, response: Response
) -> RosterPageOut:
    """A page of the reader's unit's people. Audited."""
    response.headers["Cache-Control"] = "no-store"
    return await service.roster_page(tx, reader, form, month=month)


@router.post("/application-pages")
async def application_page(
    form: ApplicationPageForm, reader: InternalReader, tx: Tx, response: Response
) -> ApplicationPageOut:
    """A page of the reader's unit's applications. Audited."""
    response.headers["Cache-Control"] = "no-store"
    return await service.application_page(tx, reader, form)


@router.post("/people-names")
async def names(form: NamesForm, reader: InternalReader, tx: Tx, response: Response) -> NamesOut:
    """Who these people of the reader's unit are. Audited."""
    response.headers["Cache-Control"] = "no-store"
    return await service.names(tx, reader, form)
