"""What the reporting service does when something was said on the bus: its own work queue."""

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.reporting import OwnReportRequested, ReportRequested
from reporting.reports.repository import JOB_KINDS
from servicekit import jobs
from servicekit.consumer import Consumers

consumers = Consumers("reporting")


@consumers.on(ReportRequested, OwnReportRequested)
async def look_for_work(event: ReportRequested | OwnReportRequested, tx: AsyncSession) -> None:
    """Wakes the runners of this process. The work itself is the job's row, so a message too many does no harm."""
    for kind in JOB_KINDS:
        jobs.wake_in(tx, kind)
