"""详情 of an application for its own unit."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.applications import service
from enrollment.applications.models import Application
from enrollment.reviews.desk import findings_for_unit
from servicekit import audit
from servicekit.auth import Clerk


async def view(
    tx: AsyncSession, clerk: Clerk, no: str, *, today: date
) -> tuple[Application, Sequence[Mapping[str, Any]]]:
    """An application of the clerk's unit with what the unit may know of the checks. That it was looked at is audited.

    Raises:
        NotFound: there is none, or it is another unit's.
    """
    application = await service.find(tx, no)
    findings = await findings_for_unit(tx, application, today=today)
    await audit.record(tx, clerk, "application.viewed", application.no, chain=clerk.employer_no)
    return application, findings
