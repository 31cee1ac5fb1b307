"""A fresh, migrated database for a test: cloned from a template that is migrated once per test run."""

import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from servicekit.db import migrate
from servicekit.db.provision import app_url, migrator_url, provision
from servicekit.service import Service
from standalone.postgres import EmbeddedPostgres
from tests.support.servers import locked

_PASSWORD = "test-only"
_numbers = itertools.count()


@dataclass(frozen=True)
class Database:
    """One cloned database and the URLs of its two roles."""

    name: str
    app_url: str
    migrator_url: str


@dataclass
class TestDatabases:
    """Makes and drops databases on the run's server."""

    __test__ = False

    server: EmbeddedPostgres
    folder: Path
    _ready: set[str] = field(default_factory=set)

    @asynccontextmanager
    async def fresh(self, service: Service) -> AsyncIterator[Database]:
        """A database of this service with all migrations applied and only the rows that they insert."""
        await self._ensure_template(service)
        name = f"t_{service.name}_{os.getpid()}_{next(_numbers)}"
        async with self._admin() as admin:
            await admin.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{service.name}"')
            roles = f'"{service.name}_migrator", "{service.name}_app"'
            await admin.exec_driver_sql(f'GRANT CONNECT ON DATABASE "{name}" TO {roles}')
        yield Database(
            name,
            app_url(self.server.url(name), service.name, _PASSWORD).replace(f"/{service.name}?", f"/{name}?"),
            migrator_url(self.server.url(name), service.name, _PASSWORD).replace(f"/{service.name}?", f"/{name}?"),
        )
        async with self._admin() as admin:
            await admin.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')

    async def _ensure_template(self, service: Service) -> None:
        if service.name in self._ready:
            return
        with locked(self.folder, f"template-{service.name}"):
            done = self.folder / f"template-{service.name}.done"
            if not done.exists():
                admin_url = self.server.url()
                await provision(admin_url, service.name, migrator_password=_PASSWORD, app_password=_PASSWORD)
                await migrate.upgrade(service, migrator_url(admin_url, service.name, _PASSWORD))
                done.touch()
        self._ready.add(service.name)

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AsyncConnection]:
        engine = create_async_engine(self.server.url(), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        try:
            async with engine.connect() as connection:
                yield connection
        finally:
            await engine.dispose()


@contextmanager
def throw_away_databases() -> Iterator[TestDatabases]:
    """Fresh databases on a server of their own, for commands; all of it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="hall-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = EmbeddedPostgres(folder / "pg", throw_away=True).start()
        try:
            yield TestDatabases(server, folder)
        finally:
            server.stop()


@pytest.fixture(scope="session")
def databases(postgres_server: EmbeddedPostgres, shared_folder: Path) -> TestDatabases:
    """Fresh databases on the run's PostgreSQL server."""
    return TestDatabases(postgres_server, shared_folder)
