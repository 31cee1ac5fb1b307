"""参保人员名单: search and detail."""

from uuid import UUID

from fastapi import APIRouter, Response

from enrollment.disclosures.schemas import DisclosureForm, DisclosureOut
from enrollment.roster import service
from enrollment.roster.schemas import NamedPerson, NamesForm, RosterDetail, RosterRow, RosterSearch
from servicekit.auth import QueryingClerk
from servicekit.clock import CurrentMonth, Now
from servicekit.db.tx import Tx
from servicekit.paging import LongListing

router = APIRouter(prefix="/roster", tags=["roster"])


@router.post("/searches", response_model=LongListing[RosterRow])
async def search_roster(form: RosterSearch, clerk: QueryingClerk, tx: Tx, month: CurrentMonth) -> Response:
    """The unit's people, by identity number, part of the name, status, start month; newest start first. Audited."""
    page = await service.search(tx, clerk, form, month=month)
    return Response(page, media_type="application/json")  # as the database made it: this list is asked for most


@router.post("/names", summary="人员姓名")
async def name_people(form: NamesForm, clerk: QueryingClerk, tx: Tx) -> list[NamedPerson]:
    """Names and masked numbers of people of the unit, for lists of other services that know people by id. Audited."""
    return await service.names(tx, clerk, form.person_ids)


@router.get("/{person_id}")
async def show_person(person_id: UUID, clerk: QueryingClerk, tx: Tx, month: CurrentMonth) -> RosterDetail:
    """基础信息, 联系信息, 参保信息 of one person of the unit. Audited."""
    return await service.detail(tx, clerk, person_id, month=month)


@router.post("/{person_id}/disclosures")
async def disclose(
    person_id: UUID, form: DisclosureForm, clerk: QueryingClerk, tx: Tx, now: Now, response: Response
) -> DisclosureOut:
    """The full identity or mobile number of a person of the unit. Needs a step-up; audited."""
    response.headers["Cache-Control"] = "no-store"
    return await service.disclose(tx, clerk, person_id, form, now=now)
