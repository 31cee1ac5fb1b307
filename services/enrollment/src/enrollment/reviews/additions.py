"""增员 on the reviewer's desk: what the checks find, what an approval would change, the approval."""

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.additions import service as additions
from enrollment.additions.service import Inspection
from enrollment.applications.models import Application
from enrollment.applications.rules import Effect
from enrollment.coverage import repository as coverage
from enrollment.coverage.models import Coverage
from enrollment.coverage.rules import former_stop_month, presence
from enrollment.dictionaries import service as dictionaries
from enrollment.dictionaries.rules import Dictionary
from enrollment.people import repository as people
from enrollment.reviews.comparison import Comparison, changes_of_person, cover_out
from enrollment.reviews.rules import Finding, findings_of_addition
from enrollment.reviews.schemas import ChangeOut, CoverOut
from servicekit.db.tx import vault_of


async def findings(tx: AsyncSession, application: Application, today: date, for_agency: bool) -> list[Finding]:
    """Everything the checks find; a declaration that can't even be read any more has just the one finding."""
    inspection = await additions.inspect(tx, application)
    if inspection.declared is None:
        refusal = inspection.refusal
        return [Finding(refusal.code, "refusal", refusal.detail)] if refusal is not None else []
    return findings_of_addition(
        inspection.declared,
        present=presence(inspection.covers),
        refusal=inspection.refusal,
        today=today,
        current=Month.of(today),
        mobile_shared_by=await _mobile_shared_by(tx, application, inspection) if for_agency else 0,
    )


async def _mobile_shared_by(tx: AsyncSession, application: Application, inspection: Inspection) -> int:
    if inspection.declared is None or application.person_id is None:
        return 0
    index = vault_of(tx).index("mobile", inspection.declared.person.mobile)
    return await people.count_with_mobile(tx, index=index, besides=application.person_id)


async def compare(tx: AsyncSession, application: Application) -> Comparison:
    """The person's coverage and data as an approval would leave them; as they are when it would be refused."""
    inspection = await additions.inspect(tx, application)
    dictionary = await dictionaries.current(tx)
    return Comparison(
        coverage_after=await _coverage_after(tx, application, inspection, dictionary),
        changes=await _changes(tx, application, inspection, dictionary),
    )


async def approve(tx: AsyncSession, application: Application, now: datetime) -> list[Effect]:
    """Starts the coverage. Raises the Refusal of any rule that no longer holds."""
    return await additions.approve(tx, application, now=now)


async def _coverage_after(
    tx: AsyncSession, application: Application, inspection: Inspection, dictionary: Dictionary
) -> list[CoverOut] | None:
    if application.person_id is None or inspection.refusal is not None or inspection.declared is None:
        return None
    start = inspection.declared.insurance.start_month
    kept = [
        await cover_out(tx, cover, _stop_after(cover, start), dictionary)
        for cover in await coverage.of_person(tx, application.person_id)
    ]
    started = [
        CoverOut(
            insurance=code,
            insurance_name=dictionary.name("insurance_types", code),
            holder_name=application.employer_name,
            start_month=start,
            stop_month=None,
        )
        for code in (inspection.unit.insurances if inspection.unit else ())
    ]
    return kept + started


def _stop_after(cover: Coverage, start: Month) -> Month | None:
    if cover.employer_no is None and cover.stop_month is None:
        return former_stop_month(former_start=cover.start_month, new_start=start)
    return cover.stop_month


async def _changes(
    tx: AsyncSession, application: Application, inspection: Inspection, dictionary: Dictionary
) -> list[ChangeOut]:
    """What an approval would change on a person already registered; nothing for one who is new."""
    if application.person_id is None or inspection.declared is None:
        return []
    person = await people.get(tx, application.person_id)
    if person is None or person.confirmed_at is None:
        return []
    return changes_of_person(vault_of(tx), person, inspection.declared.person, dictionary)
