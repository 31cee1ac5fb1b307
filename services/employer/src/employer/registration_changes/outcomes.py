"""What becomes of a request, as enrollment tells of it: applied, rejected, withdrawn. Told twice, it happens once."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from employer.registration_changes import repository, rules
from employer.registration_changes.models import RegistrationChange
from employer.registration_changes.state import Registered, put, shown
from employer.units import repository as units
from employer.units.service import changed
from servicekit import audit, outbox
from servicekit.consumer import Park

Outcome = Literal["approved", "rejected", "withdrawn"]


async def take(
    tx: AsyncSession, employer_no: str, change_id: UUID, outcome: Outcome, *, application_no: str, at: datetime
) -> None:
    """Ends a request, and applies what was approved. One that has ended stays as it is.

    Raises:
        Park: nobody here ever asked for it.
    """
    await units.lock(tx, employer_no)  # before the request: whoever asks for the next one locks in this order, too
    change = await repository.lock(tx, change_id)
    if change is None or change.employer_no != employer_no:
        raise Park("no such change request of this unit")
    if change.status != "pending":
        return
    change.application_no, change.ended_at = application_no, at
    if outcome == "approved":
        await _apply(tx, change)
    else:
        change.status = outcome
    await tx.flush()
    facts = {"application_no": application_no, "fields": change.fields}
    await audit.record(tx, None, f"change.{change.status}", str(change_id), chain=employer_no, facts=facts)


async def _apply(tx: AsyncSession, change: RegistrationChange) -> None:
    """Makes the registration what was approved, and tells the others where they keep a copy of it."""
    registered = await Registered.of(tx, change.employer_no, locked=True)
    wanted = {field: change.after[field] for field in change.fields}
    kind = await units.kind(tx, wanted.get("kind") or registered.unit.kind)
    if registered.unit.status != "open" or kind is None:
        refusal = rules.UnitNotOpen.title if kind is not None else "单位类型已不在代码表中"
        change.status, change.refusal = "not_applied", refusal
        return
    change.before = {field: shown(registered.facts)[field] for field in change.fields}
    put(tx, registered, wanted, change.id_number)
    change.status = "applied"
    await tx.flush()
    if not rules.PUBLIC_FACTS.isdisjoint(change.fields):
        await outbox.add(tx, changed(registered.unit, kind))
