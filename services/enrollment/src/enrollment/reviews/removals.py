"""减员 on the reviewer's desk: what the checks find, what an approval would change, the approval."""

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.applications.models import Application
from enrollment.applications.rules import Effect
from enrollment.coverage import repository as coverage
from enrollment.coverage.rules import EMPLOYEE_MEDICAL, consequences
from enrollment.dictionaries import service as dictionaries
from enrollment.removals import service as removals
from enrollment.reviews.comparison import Comparison, cover_out
from enrollment.reviews.removal_rules import findings_of_removal
from enrollment.reviews.rules import Finding
from enrollment.reviews.schemas import CoverOut


async def findings(tx: AsyncSession, application: Application, today: date, for_agency: bool) -> list[Finding]:
    """Everything the checks find; a declaration that can't even be read any more has just the one finding."""
    inspection = await removals.inspect(tx, application)
    return findings_of_removal(
        inspection.declared,
        sex=inspection.person.sex,
        birth_date=inspection.person.birth_date,
        refusal=inspection.refusal,
        current=Month.of(today),
    )


async def compare(tx: AsyncSession, application: Application) -> Comparison:
    """The person's coverage as an approval would leave it; as it is when it would be refused."""
    return Comparison(coverage_after=await _coverage_after(tx, application))


async def approve(tx: AsyncSession, application: Application, now: datetime) -> list[Effect]:
    """Stops the coverage. Raises the Refusal of any rule that no longer holds."""
    await removals.approve(tx, application, now=now)
    if application.person_id is None:
        raise LookupError(f"removal {application.no} has no person")
    effects = []
    for cover in await coverage.of_person(tx, application.person_id):
        if cover.stopped_by == application.no:
            effects.append(Effect("coverage_stopped", cover.id, cover.insurance, cover.stop_month))
        if cover.started_by == application.no:  # a pensioner's own
            effects.append(Effect("coverage_started", cover.id, cover.insurance, cover.start_month))
    return effects


async def _coverage_after(tx: AsyncSession, application: Application) -> list[CoverOut] | None:
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
