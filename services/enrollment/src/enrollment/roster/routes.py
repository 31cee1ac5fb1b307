"""参保人员名单: search and detail."""

from uuid import UUID

from fastapi import APIRouter, Response

from enrollment.coverage.rules import status_in
from enrollment.dictionaries import service as dictionaries
from enrollment.disclosures.schemas import DisclosureForm, DisclosureOut
from enrollment.roster import service
from enrollment.roster.schemas import BasicOut, ContactOut, CoverageOut, RosterDetail, RosterRow, RosterSearch
from servicekit.auth import QueryingClerk
from servicekit.clock import CurrentMonth, Now
from servicekit.db.tx import Tx
from servicekit.paging import Listing

router = APIRouter(prefix="/roster", tags=["roster"])


@router.post("/searches")
async def search_roster(form: RosterSearch, clerk: QueryingClerk, tx: Tx, month: CurrentMonth) -> Listing[RosterRow]:
    """The unit's people, by identity number, part of the name and status; newest start first."""
    rows, total = await service.search(tx, clerk, form, month=month)
    return Listing(items=[RosterRow.of(row, month=month) for row in rows], total=total)


@router.get("/{person_id}")
async def show_person(person_id: UUID, clerk: QueryingClerk, tx: Tx, month: CurrentMonth) -> RosterDetail:
    """基础信息, 联系信息, 参保信息 of one person of the unit. Audited."""
    person, covers = await service.detail(tx, clerk, person_id)
    dictionary = await dictionaries.current(tx)
    basic = {name: getattr(person, name) for name in BasicOut.model_fields if name != "person_id"}
    return RosterDetail(
        basic=BasicOut(person_id=person.id, **basic),
        contact=ContactOut(**{name: getattr(person, name) for name in ContactOut.model_fields}),
        coverage=[
            CoverageOut(
                insurance=cover.insurance,
                insurance_name=dictionary.name("insurance_types", cover.insurance),
                person_category=cover.person_category or "",
                monthly_wage=cover.monthly_wage or 0,
                start_month=cover.start_month,
                stop_month=cover.stop_month,
                stop_reason=cover.stop_reason,
                status=status_in(month, start=cover.start_month, stop=cover.stop_month, stop_reason=cover.stop_reason),
            )
            for cover in covers
        ],
    )


@router.post("/{person_id}/disclosures")
async def disclose(
    person_id: UUID, form: DisclosureForm, clerk: QueryingClerk, tx: Tx, now: Now, response: Response
) -> DisclosureOut:
    """The full identity or mobile number of a person of the unit. Needs a step-up; audited."""
    response.headers["Cache-Control"] = "no-store"
    return await service.disclose(tx, clerk, person_id, form, now=now)
