"""Use cases of closing units. None of them commits."""

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from employer.closures import rules
from employer.roster import repository as roster
from employer.units import repository as units
from employer.units import service as unit_service
from employer.units.models import EmployerKind, Unit
from employer.units.schemas import EmployerOut
from servicekit import audit, outbox
from servicekit.auth.principals import Operator
from servicekit.refusals import NotFound


async def close(tx: AsyncSession, operator: Operator, employer_no: str, reason: str, *, current: Month) -> EmployerOut:
    """Closes a unit: nobody declares for it any more, its ledger stays.

    Raises:
        NotFound, AlreadyClosed, StillInsured.
    """
    unit, kind = await _locked(tx, employer_no)
    insured = await roster.people_going_on(tx, employer_no, current)
    rules.check_may_close(unit.status, insured=insured)
    return await _change(tx, operator, unit, kind, "closed", reason)


async def reopen(tx: AsyncSession, operator: Operator, employer_no: str, reason: str) -> EmployerOut:
    """Opens a closed unit again.

    Raises:
        NotFound, AlreadyOpen.
    """
    unit, kind = await _locked(tx, employer_no)
    rules.check_may_reopen(unit.status)
    return await _change(tx, operator, unit, kind, "open", reason)


async def _locked(tx: AsyncSession, employer_no: str) -> tuple[Unit, EmployerKind]:
    unit = await units.lock(tx, employer_no)
    kind = None if unit is None else await units.kind(tx, unit.kind)
    if unit is None or kind is None:
        raise NotFound
    return unit, kind


async def _change(
    tx: AsyncSession, operator: Operator, unit: Unit, kind: EmployerKind, status: str, reason: str
) -> EmployerOut:
    unit.status = status
    unit.version += 1
    await tx.flush()
    action = "employer.closed" if status == "closed" else "employer.reopened"
    number = unit.employer_no
    await audit.record(tx, operator, action, number, chain=number, facts={"reason": reason})
    await outbox.add(tx, unit_service.changed(unit, kind))
    return unit_service.listed(unit, kind)
