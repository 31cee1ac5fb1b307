"""Migrations of a service's database: upgrade, check against the models, make a new one.

All run as the migrator role with short lock timeouts: a migration that can't get its lock fails, instead of queueing
every request of the service behind it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from servicekit import audit, idempotency, inbox, jobs, outbox
from servicekit.bus import parked_table
from servicekit.db.base import KIT_METADATA
from servicekit.db.migrations import LOCK_TIMEOUT, STATEMENT_TIMEOUT
from servicekit.db.types import utc_now
from servicekit.service import Service

_ENVIRONMENT = Path(__file__).parent / "alembic"
# One migration run at a time per database, whatever the number of deploy jobs. An arbitrary constant.
_MIGRATION_LOCK = 0x48414C4C

_WAIT_FOR_TURN = (
    "SET lock_timeout = '10min'",
    "SET statement_timeout = '10min'",
    f"SELECT pg_advisory_lock({_MIGRATION_LOCK})",
    f"SET lock_timeout = '{LOCK_TIMEOUT}'",
    f"SET statement_timeout = '{STATEMENT_TIMEOUT}'",
)
# Importing these registers their tables in KIT_METADATA.
KIT_MODULES = (audit, idempotency, inbox, jobs, outbox, parked_table)

T = TypeVar("T")


@dataclass(frozen=True)
class Passed:
    """What `alembic/env.py` gets from here."""

    connection: Connection
    metadata: MetaData


def config_of(service: Service) -> Config:
    """Alembic's configuration for one service; there is no ini file."""
    config = Config()
    config.set_main_option("script_location", str(_ENVIRONMENT))
    config.set_main_option("version_locations", str(service.migrations / "versions"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def heads(service: Service) -> list[str]:
    """The newest revisions. A service must have exactly one."""
    return list(ScriptDirectory.from_config(config_of(service)).get_heads())


async def upgrade(service: Service, url: str) -> None:
    """Brings the database to the newest revision. `url` is the migrator's."""
    head = heads(service)

    def run(connection: Connection) -> None:
        # The usual case at a start is that nothing is to do: then no environment is loaded.
        if sorted(MigrationContext.configure(connection).get_current_heads()) != sorted(head):
            connection.rollback()
            config = config_of(service)
            config.attributes["hall"] = Passed(connection, service.metadata)
            command.upgrade(config, "head")
        if head:
            audit.ensure_partitions(connection, utc_now().date())

    await _as_migrator(url, run)


async def check(service: Service, url: str) -> list[str]:
    """What differs between the models and an upgraded database, in words; empty when they match."""

    def run(connection: Connection) -> list[str]:
        partitions = set(connection.scalars(text("SELECT relname FROM pg_class WHERE relispartition")))

        def ours(item: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
            return not (kind == "table" and name in partitions)

        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": ours})
        return [str(difference) for difference in compare_metadata(context, _all_tables(service))]

    return await _as_migrator(url, run)


async def new_revision(service: Service, url: str, message: str) -> None:
    """Writes a migration file with the differences that Alembic sees; read it before you commit it."""

    def run(connection: Connection) -> None:
        config = config_of(service)
        config.attributes["hall"] = Passed(connection, service.metadata)
        versions = service.migrations / "versions"
        versions.mkdir(parents=True, exist_ok=True)
        number = f"{len(list(versions.glob('*.py'))) + 1:04d}"
        command.revision(config, message, autogenerate=True, rev_id=number, version_path=str(versions))

    await _as_migrator(url, run)


def _all_tables(service: Service) -> MetaData:
    """One metadata with the service's tables and the kit's: compare_metadata takes only one."""
    merged = MetaData()
    for metadata in (service.metadata, KIT_METADATA):
        for table in metadata.tables.values():
            table.to_metadata(merged)
    return merged


async def _as_migrator(url: str, work: Callable[[Connection], T]) -> T:
    settings: dict[str, Any] = {
        "application_name": "hall-migrate",
        "hall.scope": "system",  # data migrations pass row level security, which is forced on owners too
    }
    engine = create_async_engine(url, poolclass=NullPool, connect_args={"server_settings": settings})
    try:
        async with engine.connect() as connection:
            for statement in _WAIT_FOR_TURN:
                await connection.exec_driver_sql(statement)
            await connection.commit()
            result = await connection.run_sync(work)
            await connection.commit()
            return result
    finally:
        await engine.dispose()
