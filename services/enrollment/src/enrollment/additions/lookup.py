"""What a clerk is told about a person before declaring them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.additions import rules
from enrollment.applications import repository as applications
from enrollment.applications.rules import check_nothing_pending
from enrollment.employers import service as employers
from enrollment.people import service as people
from enrollment.people.service import Found
from servicekit.auth import Clerk
from servicekit.refusals import Refusal


@dataclass(frozen=True)
class Outlook:
    """A look-up with its meaning for a declaration by this unit."""

    found: Found
    sentence: str
    may_declare: bool
    suggested_reason: str | None


async def look_up(tx: AsyncSession, clerk: Clerk, *, id_type: str, id_number: str, today: date) -> Outlook:
    """How the person is insured, and what declaring them would lead to. Nothing is written but the audit row.

    Raises:
        InvalidFields: the number is not one of this document type.
    """
    found = await people.look_up(tx, clerk, id_type=id_type, id_number=id_number, today=today)
    if found.person_id is not None:
        pending = await applications.pending_of(tx, employer_no=clerk.employer_no, person_id=found.person_id)
        try:
            check_nothing_pending(pending, "addition", pointer="/id_number")
        except Refusal as refusal:
            return Outlook(found, refusal.detail, False, None)
    reason = rules.suggested_reason(found.present, known=found.known)
    sentence = rules.outlook(found.present, known=found.known, current=Month.of(today))
    online = await employers.online_declaration(tx, clerk.employer_no)
    if online.refusal is not None:
        return Outlook(found, online.refusal.detail, False, None)
    return Outlook(found, sentence, reason is not None, reason)
