"""Facts of a unit for reports. Who reads them is on record."""

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from employer.contributions import repository as contributions
from employer.contributions.repository import MonthSum
from employer.contributions.rules import MAX_MONTHS, MonthRange
from employer.rates import repository as rates
from employer.rates.rules import Limits, RateValues, contribution
from employer.report_facts.schemas import BasesForm, BasesOut, PersonBase, UnitFactsOut
from employer.roster import repository as roster
from employer.units import repository as units
from servicekit import audit
from servicekit.auth import Delegate
from servicekit.refusals import NotFound

_INSURANCES = 20
"""More insurance types than there are."""


async def unit(tx: AsyncSession, reader: Delegate) -> UnitFactsOut:
    """The reader's unit. Raises NotFound."""
    found = await units.find(tx, reader.employer_no)
    if found is None:
        raise NotFound
    row, kind, _, _ = found
    return UnitFactsOut(employer_no=row.employer_no, name=row.name, uscc=row.uscc, kind_name=kind.name)


async def sums(tx: AsyncSession, reader: Delegate, *, months: MonthRange, insurance: str | None) -> list[MonthSum]:
    """What the unit owes and paid by month and insurance type, oldest month first."""
    rows, _, _ = await contributions.month_sums(
        tx,
        reader.employer_no,
        first=months.first,
        last=months.last,
        insurance=insurance,
        offset=0,
        limit=MAX_MONTHS * _INSURANCES,
    )
    facts = {"from_month": months.first, "to_month": months.last}
    await audit.record(tx, reader, "contribution_sums.read", reader.employer_no, chain=reader.employer_no, facts=facts)
    return sorted(rows, key=lambda row: (row.month, row.insurance))


async def bases(tx: AsyncSession, reader: Delegate, form: BasesForm, *, month: Month) -> BasesOut:
    """What the contributions of these people of the reader's unit are reckoned from in a month."""
    known = await rates.limits_of(tx, month.year)
    items = []
    if known is not None:
        limits = Limits(known.lower, known.upper)
        wages = await roster.wages_in(tx, reader.employer_no, form.person_ids, month)
        items = [
            PersonBase(person_id=person_id, base=contribution(wage, RateValues(), limits).base)
            for person_id, wage in wages.items()
        ]
    facts = {"month": month, "shown": len(items)}
    await audit.record(tx, reader, "contribution_bases.read", reader.employer_no, chain=reader.employer_no, facts=facts)
    return BasesOut(month=month, items=items)
