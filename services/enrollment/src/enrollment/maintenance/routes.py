"""参保人员信息维护: the list, one person, the change with If-Match, the history."""

from uuid import UUID

from fastapi import APIRouter, Response

from enrollment.maintenance import service
from enrollment.maintenance.schemas import ContactForm, PeopleRow, PeopleSearch, PersonChangeOut, PersonOut
from servicekit.auth import MaintainingClerk
from servicekit.clock import CurrentMonth, Now
from servicekit.db.tx import Tx
from servicekit.etag import IfMatch, etag_of
from servicekit.paging import Listing, Page

router = APIRouter(prefix="/people", tags=["people"])


@router.post("/searches")
async def search_people(form: PeopleSearch, clerk: MaintainingClerk, tx: Tx, month: CurrentMonth) -> Listing[PeopleRow]:
    """The people insured with the unit, by identity number or part of the name; newest start first."""
    rows, total = await service.search(tx, clerk, form, month=month)
    return Listing(items=[PeopleRow.of(row, month=month) for row in rows], total=total)


@router.get("/{person_id}")
async def show_person(person_id: UUID, clerk: MaintainingClerk, tx: Tx, response: Response) -> PersonOut:
    """人员信息 to read and 户籍与联系信息 to edit. Audited."""
    person = await service.show(tx, clerk, person_id)
    response.headers["ETag"] = etag_of(person.version)
    return PersonOut.of(person)


@router.put("/{person_id}/contact")
async def change_contact(
    person_id: UUID,
    form: ContactForm,
    clerk: MaintainingClerk,
    tx: Tx,
    version: IfMatch,
    now: Now,
    response: Response,
) -> PersonOut:
    """Saves 户籍与联系信息 at once; who saw another version is refused. Saving what is there already does nothing."""
    person = await service.change(tx, clerk, person_id, form, seen_version=version, now=now)
    response.headers["ETag"] = etag_of(person.version)
    return PersonOut.of(person)


@router.get("/{person_id}/changes")
async def show_changes(person_id: UUID, clerk: MaintainingClerk, tx: Tx, page: Page) -> Listing[PersonChangeOut]:
    """变更记录: what this unit changed of the person, newest first. Audited."""
    items, total = await service.history(tx, clerk, person_id, offset=page.offset, limit=page.limit)
    return Listing(items=items, total=total)
