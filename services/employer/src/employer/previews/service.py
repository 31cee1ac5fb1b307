"""The cost preview. Reads rates, writes nothing."""

from sqlalchemy.ext.asyncio import AsyncSession

from employer.previews.rules import month_cost
from employer.previews.schemas import CostPreviewForm, CostPreviewOut, MonthCostOut
from employer.rates import repository as rates
from employer.units import repository as units
from servicekit.auth.principals import Clerk
from servicekit.refusals import NotFound


async def preview(tx: AsyncSession, clerk: Clerk, form: CostPreviewForm) -> CostPreviewOut:
    """What a person of this wage and category will cost the clerk's unit, month by month.

    Raises:
        NotFound: the register has no such unit.
        RatesMissing: a month's rates or limits are not known yet.
    """
    kind = await units.kind_of(tx, clerk.employer_no)
    if kind is None:
        raise NotFound
    exempt = await rates.is_exempt(tx, form.person_category)
    names = await units.insurance_names(tx)
    months = []
    for month in sorted(set(form.months)):
        known = await rates.of_month(tx, kind.code, month)
        cost = month_cost(form.monthly_wage, kind.insurances, known, exempt=exempt, names=names)
        months.append(MonthCostOut.of(cost, names))
    return CostPreviewOut(monthly_wage=form.monthly_wage, exempt=exempt, months=months)
