"""减员 on the reviewer's desk: what the checks find and what an approval would change."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.applications.models import Application
from enrollment.coverage import repository as coverage
from enrollment.coverage.rules import EMPLOYEE_MEDICAL, consequences
from enrollment.dictionaries import service as dictionaries
from enrollment.removals import service as removals
from enrollment.reviews.comparison import cover_out
from enrollment.reviews.removal_rules import findings_of_removal
from enrollment.reviews.rules import Finding
from enrollment.reviews.schemas import CoverOut


async def findings(tx: AsyncSession, application: Application, *, today: date) -> list[Finding]:
    """Everything the checks find; a declaration that can't even be read any more has just the one finding."""
    inspection = await removals.inspect(tx, application)
    return findings_of_removal(
        inspection.declared,
        sex=inspection.person.sex,
        birth_date=inspection.person.birth_date,
        refusal=inspection.refusal,
        current=Month.of(today),
    )


async def coverage_after(tx: AsyncSession, application: Application) -> list[CoverOut] | None:
    """The person's coverage as an approval would leave it; None when it would be refused."""
    inspection = await removals.inspect(tx, application)
    if inspection.declared is None or inspection.refusal is not None:
        return None
    departure = removals.departure(application, inspection.declared)
    covers = await coverage.of_person(tx, inspection.person.id)
    effect = consequences(covers, employer_no=departure.employer_no, stop=departure.stop, reason=departure.reason)
    dictionary = await dictionaries.current(tx)
    after = []
    for cover in covers:
        stop = None if cover.id in effect.given_back else effect.stopped.get(cover.id, cover.stop_month)
        after.append(await cover_out(tx, cover, stop, dictionary))
    if effect.pension_from is not None:
        after.append(
            CoverOut(
                insurance=EMPLOYEE_MEDICAL,
                insurance_name=dictionary.name("insurance_types", EMPLOYEE_MEDICAL),
                holder_name="退休人员",
                start_month=effect.pension_from,
                stop_month=None,
            )
        )
    return after
