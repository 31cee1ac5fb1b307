"""Each service of the hall, running alone in this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from employer.service import SERVICE as EMPLOYER
from enrollment.service import SERVICE as ENROLLMENT
from reporting.service import make_service
from tests.integration.employer.office import open_unit
from tests.integration.enrollment.desk import deliver as tell_enrollment
from tests.integration.enrollment.desk import opened as opened_for_enrollment
from tests.integration.identity.entrance import deliver as tell_identity
from tests.integration.identity.entrance import identity_service
from tests.integration.identity.entrance import opened as opened_for_identity
from tests.integration.reporting.siblings import Siblings, settings_in
from tests.support.databases import TestDatabases
from tests.support.harness import ServiceHarness, service_harness

UNIT = "330200000000000101"
NAMES = ("identity", "enrollment", "employer", "reporting")


@asynccontextmanager
async def running(name: str, databases: TestDatabases, folder: Path) -> AsyncIterator[ServiceHarness]:
    """The service with one unit that it knows of."""
    if name == "identity":
        async with identity_service(databases) as hall:
            await tell_identity(hall, opened_for_identity(UNIT))
            yield hall
    elif name == "enrollment":
        async with service_harness(ENROLLMENT, databases) as hall:
            await tell_enrollment(hall, opened_for_enrollment(UNIT))
            yield hall
    elif name == "employer":
        async with service_harness(EMPLOYER, databases) as hall:
            await open_unit(hall, UNIT)
            yield hall
    else:
        settings = settings_in(folder)
        async with service_harness(make_service(Siblings().transports()), databases, settings=settings) as hall:
            yield hall
