"""Taking a unit's change request into the review queue."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.employer import ChangeRequested
from enrollment.applications import service as applications
from enrollment.employers import repository as employers
from servicekit.consumer import Retry


async def take_in(tx: AsyncSession, request: ChangeRequested, *, today: date) -> str | None:
    """Opens the application of a change request: its number, or None when it was opened before.

    Raises:
        Retry: nothing has told of this unit yet; its opening is on the way.
    """
    unit = await employers.unit(tx, request.employer_no)
    if unit is None:
        raise Retry("the unit is not known yet")
    draft = applications.Draft(
        kind="employer_change",
        employer_no=unit.employer_no,
        employer_name=unit.name,
        form={},
        change_id=request.change_id,
        changed_fields=request.fields,
    )
    return await applications.take_in(
        tx, draft, requested_by=request.requested_by, requested_at=request.requested_at, today=today
    )
