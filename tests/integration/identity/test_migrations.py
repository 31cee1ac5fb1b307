"""The migrations build exactly what the models say."""

from identity.service import SERVICE
from servicekit.db import migrate
from tests.support.databases import TestDatabases


async def test_models_match_migrations(databases: TestDatabases) -> None:
    async with databases.fresh(SERVICE) as database:
        assert await migrate.check(SERVICE, database.migrator_url) == []


def test_one_head() -> None:
    assert len(migrate.heads(SERVICE)) == 1
