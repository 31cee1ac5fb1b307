"""单位信息变更 on the reviewer's desk. The employer service has the values: here only the fields are known."""

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.applications.models import Application
from enrollment.applications.rules import Effect
from enrollment.employers import repository as employers
from enrollment.employers.rules import UnitClosed, UnitNotRegistered
from enrollment.reviews.comparison import Comparison
from enrollment.reviews.rules import Finding, findings_of_employer_change
from servicekit.refusals import Refusal


async def findings(tx: AsyncSession, application: Application, today: date, for_agency: bool) -> list[Finding]:
    """Whether the unit is there and open; a change of who a unit is is always for a person to look at."""
    refusal = await _refusal(tx, application)
    return findings_of_employer_change(tuple(application.changed_fields or ()), refusal=refusal)


async def compare(tx: AsyncSession, application: Application) -> Comparison:
    """Nothing here changes: the employer service has the values of before and after."""
    return Comparison()


async def approve(tx: AsyncSession, application: Application, now: datetime) -> list[Effect]:
    """Releases the change: the employer service applies it when it hears of the decision.

    Raises:
        UnitNotRegistered, UnitClosed.
    """
    refusal = await _refusal(tx, application)
    if refusal is not None:
        raise refusal
    return [Effect("change_released", fields=tuple(application.changed_fields or ()))]


async def _refusal(tx: AsyncSession, application: Application) -> Refusal | None:
    unit = await employers.unit(tx, application.employer_no)
    if unit is None:
        return UnitNotRegistered("参保单位登记中没有该单位")
    return None if unit.open else UnitClosed("该单位已注销参保登记，不能再变更")
