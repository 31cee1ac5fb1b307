"""What a clerk's declaration page asks before it shows the form."""

from fastapi import APIRouter

from enrollment.additions.rules import open_months
from enrollment.dictionaries import service as dictionaries
from enrollment.employers import service
from enrollment.employers.schemas import InsuranceType, OnlineDeclarationOut
from servicekit.auth import AnyClerk
from servicekit.clock import CurrentMonth
from servicekit.db.tx import Tx

router = APIRouter(tags=["additions"])


@router.get("/online-declaration")
async def online_declaration(clerk: AnyClerk, tx: Tx, month: CurrentMonth) -> OnlineDeclarationOut:
    """Whether the chosen unit may declare online, with the insurance types and months of the form."""
    found = await service.online_declaration(tx, clerk.employer_no)
    dictionary = await dictionaries.current(tx)
    return OnlineDeclarationOut(
        allowed=found.refusal is None,
        reason=found.refusal.detail if found.refusal else None,
        insurances=[
            InsuranceType(code=code, name=dictionary.name("insurance_types", code)) for code in found.insurances
        ],
        months=list(open_months(month)),
    )
