"""Closing units. Operators only."""

from fastapi import APIRouter

from employer.closures import service
from employer.closures.schemas import ReasonForm
from employer.units.routes import EmployerNo
from employer.units.schemas import EmployerOut
from servicekit.auth.deps import OperatingStaff
from servicekit.clock import CurrentMonth
from servicekit.db.tx import Tx

router = APIRouter(prefix="/employers/{employer_no}", tags=["单位信息"])


@router.post("/closure", summary="单位注销")
async def close_employer(
    employer_no: EmployerNo, form: ReasonForm, operator: OperatingStaff, tx: Tx, current: CurrentMonth
) -> EmployerOut:
    """Closes a unit nobody is insured with any more."""
    return await service.close(tx, operator, employer_no, form.reason, current=current)


@router.post("/reopening", summary="恢复单位")
async def reopen_employer(employer_no: EmployerNo, form: ReasonForm, operator: OperatingStaff, tx: Tx) -> EmployerOut:
    """Opens a closed unit again."""
    return await service.reopen(tx, operator, employer_no, form.reason)
