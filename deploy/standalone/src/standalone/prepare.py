"""Before the first request: databases, migrations, and once the demo data, told to every service over the bus."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from employer import demo as employer_demo
from employer.service import SERVICE as EMPLOYER
from enrollment import demo as enrollment_demo
from enrollment.service import SERVICE as ENROLLMENT
from identity import demo as identity_demo
from identity.service import SERVICE as IDENTITY
from reporting.service import SERVICE as REPORTING
from servicekit.auth.tokens import TokenKeys
from servicekit.bus.inprocess import InProcessTransport, drain
from servicekit.db import migrate
from servicekit.db.provision import provision
from servicekit.runtime import Runtime, open_runtime
from servicekit.service import Service
from standalone.instance import Instance
from standalone.postgres import EmbeddedPostgres

ALL_SERVICES: tuple[Service, ...] = (IDENTITY, EMPLOYER, ENROLLMENT, REPORTING)


async def ready_databases(
    instance: Instance, postgres: EmbeddedPostgres, settings: Mapping[str, Mapping[str, Any]]
) -> None:
    """Provisions what is missing and brings every database to its newest revision."""

    for service in ALL_SERVICES:  # one by one: Alembic's environment is global to the process
        done = instance.folder / f"provisioned-{service.name}"
        if not done.exists():
            await provision(postgres.url(), service.name, **instance.database_secrets(service.name))
            done.touch()
        await migrate.upgrade(service, settings[service.name]["migration_database_url"])


@asynccontextmanager
async def open_all(
    services: Mapping[str, Service], settings: Mapping[str, Mapping[str, Any]], *, keys: TokenKeys
) -> AsyncIterator[dict[str, Runtime]]:
    """All services in this process, on one in-process bus."""
    transport = InProcessTransport()
    async with AsyncExitStack() as stack:
        runtimes: dict[str, Runtime] = {}
        for name, service in services.items():
            opened = open_runtime(service, service.settings(**settings[name]), transport=transport, keys=keys)
            runtimes[name] = await stack.enter_async_context(opened)
        yield runtimes


async def seed_demo_once(runtimes: Mapping[str, Runtime], marker: Path) -> None:
    """Puts in the demo data unless the marker says that they are in."""
    if marker.exists():
        return
    await seed_demo(runtimes)
    marker.touch()


async def seed_demo(runtimes: Mapping[str, Runtime]) -> None:
    """Puts in the synthetic demo data; repeating it changes nothing. The bus is drained between the steps."""
    everyone = list(runtimes.values())
    await employer_demo.seed(runtimes["employer"])
    await drain(everyone)
    await identity_demo.seed(runtimes["identity"])
    await enrollment_demo.seed(runtimes["enrollment"])
    bureau = await employer_demo.seed_bureau(runtimes["employer"])
    await identity_demo.take_over(runtimes["identity"], bureau)
    await enrollment_demo.take_over(runtimes["enrollment"], bureau)
    await drain(everyone)
    await employer_demo.seed_contributions(runtimes["employer"])
    await employer_demo.take_over(runtimes["employer"], await enrollment_demo.seed_large_unit(runtimes["enrollment"]))
    await drain(everyone)
