"""Routes of insured units: a clerk sees their own, the agency's operator all."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from employer.units import service
from employer.units.schemas import EmployerOut, OpenEmployerForm, UnitOut
from servicekit.auth.deps import OperatingStaff, QueryingClerk
from servicekit.clock import CurrentMonth, Now
from servicekit.db.tx import Tx
from servicekit.idempotency import Once
from servicekit.paging import Listing, Page

router = APIRouter(tags=["单位信息"])
EmployerNo = Annotated[str, Path(pattern="^[0-9]{6,20}$")]


@router.get("/unit", summary="单位信息")
async def view_unit(clerk: QueryingClerk, tx: Tx, current: CurrentMonth) -> UnitOut:
    """The clerk's unit: basic, contact and registration data."""
    return await service.view(tx, clerk.employer_no, current=current)


@router.get("/employers", summary="单位检索")
async def list_employers(
    operator: OperatingStaff, tx: Tx, page: Page, q: Annotated[str, Query(max_length=100)] = ""
) -> Listing[EmployerOut]:
    """Units by number, credit code or part of the name."""
    items, total = await service.search(tx, q, offset=page.offset, limit=page.limit)
    return Listing(items=items, total=total)


@router.post("/employers", status_code=201, summary="单位开户")
async def open_employer(
    form: OpenEmployerForm, operator: OperatingStaff, tx: Tx, once: Once, current: CurrentMonth, now: Now
) -> EmployerOut:
    """Opens an insured unit."""
    return await once(form, EmployerOut, lambda: service.open_employer(tx, operator, form, current=current, now=now))


@router.get("/employers/{employer_no}", summary="单位详情")
async def view_employer(employer_no: EmployerNo, operator: OperatingStaff, tx: Tx, current: CurrentMonth) -> UnitOut:
    """All that is kept of a unit, personal values masked."""
    return await service.view(tx, employer_no, current=current)
