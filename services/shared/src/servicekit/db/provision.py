"""A database of its own with two roles for one service: the migrator owns the schema, the app works in it."""

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool


def migrator_url(admin_url: str, name: str, password: str) -> str:
    """The migrator's URL of a provisioned database."""
    return _url(admin_url, f"{name}_migrator", password, name)


def app_url(admin_url: str, name: str, password: str) -> str:
    """The app's URL of a provisioned database."""
    return _url(admin_url, f"{name}_app", password, name)


def _url(admin_url: str, user: str, password: str, database: str) -> str:
    url = make_url(admin_url).set(drivername="postgresql+asyncpg", username=user, password=password, database=database)
    return url.render_as_string(hide_password=False)


async def provision(admin_url: str, name: str, *, migrator_password: str, app_password: str) -> None:
    """Creates database `<name>` and roles `<name>_migrator`, `<name>_app`; repeating it only sets the passwords."""
    migrator, app = f"{name}_migrator", f"{name}_app"
    admin = make_url(admin_url).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(admin, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await _ensure_role(connection, migrator, migrator_password)
            await _ensure_role(connection, app, app_password)
            exists = await connection.exec_driver_sql("SELECT 1 FROM pg_database WHERE datname = $1", (name,))
            if exists.first() is None:
                await connection.exec_driver_sql(f'CREATE DATABASE "{name}" OWNER "{migrator}"')
            await connection.exec_driver_sql(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
            await connection.exec_driver_sql(f'GRANT CONNECT ON DATABASE "{name}" TO "{migrator}", "{app}"')
    finally:
        await engine.dispose()
    inside = create_async_engine(admin.set(database=name), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with inside.connect() as connection:
            for statement in _RIGHTS:
                await connection.exec_driver_sql(statement.format(migrator=f'"{migrator}"', app=f'"{app}"'))
    finally:
        await inside.dispose()


# What the migrator creates, the app may use but never alter.
_RIGHTS = (
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "ALTER SCHEMA public OWNER TO {migrator}",
    "GRANT USAGE ON SCHEMA public TO {app}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {migrator} IN SCHEMA public "
    "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {migrator} IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {migrator} IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO {app}",
)


async def _ensure_role(connection: AsyncConnection, role: str, password: str) -> None:
    exists = await connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = $1", (role,))
    verb = "CREATE" if exists.first() is None else "ALTER"
    quoted = password.replace("'", "''")
    await connection.exec_driver_sql(
        f"{verb} ROLE \"{role}\" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD '{quoted}'"
    )
