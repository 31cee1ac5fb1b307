"""What the automatic checks find in an application, for the reviewer, for its unit, and for the automatic decision."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.additions import service as additions
from enrollment.additions.service import Inspection
from enrollment.applications.models import Application
from enrollment.applications.rules import Kind
from enrollment.coverage.rules import presence
from enrollment.people import repository as people
from enrollment.reviews import removals
from enrollment.reviews.rules import Finding, findings_of_addition
from servicekit.db.tx import vault_of

_OF_THE_AGENCY = frozenset({"mobile_shared"})
"""Findings that tell something about other units' people."""


DECIDABLE: Sequence[Kind] = ("addition", "removal")
"""Kinds that are checked and decided at the review desk."""


def inspectable(application: Application) -> bool:
    """Whether there is something to check: what is decided stays as it was."""
    return application.status == "pending" and application.kind in DECIDABLE


async def findings_for_unit(tx: AsyncSession, application: Application, *, today: date) -> list[Mapping[str, Any]]:
    """What the unit may know of the checks: those at the decision, or afresh while it is pending."""
    if application.findings is not None:
        return [finding for finding in application.findings if finding["code"] not in _OF_THE_AGENCY]
    if not inspectable(application):
        return []
    if application.kind == "removal":
        return [asdict(finding) for finding in await removals.findings(tx, application, today=today)]
    inspection = await additions.inspect(tx, application)
    return [asdict(finding) for finding in findings(application, inspection, today=today, mobile_shared_by=0)]


async def findings_for_agency(
    tx: AsyncSession, application: Application, inspection: Inspection, *, today: date
) -> list[Finding]:
    """Everything the checks find in a pending application."""
    shared_by = 0
    if inspection.declared is not None and application.person_id is not None:
        index = vault_of(tx).index("mobile", inspection.declared.person.mobile)
        shared_by = await people.count_with_mobile(tx, index=index, besides=application.person_id)
    return findings(application, inspection, today=today, mobile_shared_by=shared_by)


def findings(application: Application, inspection: Inspection, *, today: date, mobile_shared_by: int) -> list[Finding]:
    """The findings of an inspected addition; a declaration that can't even be read any more has just the one."""
    if inspection.declared is None:
        refusal = inspection.refusal
        return [Finding(refusal.code, "refusal", refusal.detail)] if refusal is not None else []
    return findings_of_addition(
        inspection.declared,
        present=presence(inspection.covers),
        refusal=inspection.refusal,
        today=today,
        current=Month.of(today),
        mobile_shared_by=mobile_shared_by,
    )
