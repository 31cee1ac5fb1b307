"""Provisioning, migrations, rights."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from servicekit.db import migrate
from servicekit.db.provision import app_url, migrator_url, provision
from standalone.postgres import EmbeddedPostgres
from tests.bus.sample import SAMPLE
from tests.support.databases import Database

PASSWORD = "it's a secret"


async def _run(url: str, statement: str) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(statement))
    finally:
        await engine.dispose()


async def test_provisioning_and_upgrading_again_change_nothing(postgres_server: EmbeddedPostgres) -> None:
    admin = postgres_server.url()
    for _ in range(2):
        await provision(admin, "twice", migrator_password=PASSWORD, app_password=PASSWORD)
        await migrate.upgrade(SAMPLE, migrator_url(admin, "twice", PASSWORD))
    assert await migrate.check(SAMPLE, migrator_url(admin, "twice", PASSWORD)) == []
    await _run(app_url(admin, "twice", PASSWORD), "SELECT * FROM outbox")


async def test_a_difference_between_models_and_database_is_found(database: Database) -> None:
    assert migrate.heads(SAMPLE) == ["0002"]
    assert await migrate.check(SAMPLE, database.migrator_url) == []
    await _run(database.migrator_url, "ALTER TABLE grants ADD COLUMN stray text")
    await _run(database.migrator_url, "DROP INDEX ix_outbox_waiting")
    found = await migrate.check(SAMPLE, database.migrator_url)
    assert len(found) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE grants ADD COLUMN mine text",
        "ALTER TABLE grants DISABLE ROW LEVEL SECURITY",
        "DROP POLICY grants_by_unit ON grants",
        "DROP TABLE grants",
        "CREATE TABLE mine (n int)",
        "TRUNCATE grants",
        "UPDATE audit_log SET action = 'x'",
        "DELETE FROM audit_log",
        "CREATE ROLE mine",
    ],
)
async def test_the_app_role_can_not(database: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        await _run(database.app_url, statement)
