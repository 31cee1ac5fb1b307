"""单位信息维护: the unit's data with what can be edited, the change with If-Match, numbers in full on demand."""

from fastapi import APIRouter, Response

from employer.contacts import service
from employer.contacts.schemas import ContactEdit, DisclosureForm, DisclosureOut
from employer.units import service as units
from employer.units.schemas import ContactOut, UnitOut
from servicekit.auth.deps import MaintainingClerk, QueryingClerk
from servicekit.clock import CurrentMonth, Now, Today
from servicekit.db.tx import Tx
from servicekit.etag import IfMatch, etag_of

router = APIRouter(prefix="/unit", tags=["单位信息"])


@router.get("/maintenance", summary="单位信息维护")
async def view_maintenance(clerk: MaintainingClerk, tx: Tx, current: CurrentMonth, response: Response) -> UnitOut:
    """The clerk's unit, for whoever keeps its data. The ETag is that of its contact data."""
    unit = await units.view(tx, clerk.employer_no, current=current)
    response.headers["ETag"] = etag_of(unit.contact.version)
    return unit


@router.put("/contact", summary="修改单位联系信息")
async def change_contact(
    form: ContactEdit, clerk: MaintainingClerk, tx: Tx, version: IfMatch, today: Today, response: Response
) -> ContactOut:
    """Saves 单位联系信息 at once; who saw another version is refused."""
    contact = await service.change(tx, clerk, form, seen_version=version, today=today)
    response.headers["ETag"] = etag_of(contact.version)
    return contact


@router.post("/disclosures", summary="查看完整号码")
async def disclose(form: DisclosureForm, clerk: QueryingClerk, tx: Tx, now: Now, response: Response) -> DisclosureOut:
    """The unit's own numbers in full. Needs a step-up; audited."""
    response.headers["Cache-Control"] = "no-store"
    return await service.disclose(tx, clerk, form, now=now)
