"""What migrations of all services share: the kit's tables, row level security, rights of the app role."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "60s"
_TABLES_OF_0001 = ("outbox", "inbox", "parked", "jobs", "duties", "idempotency", "audit_chain", "audit_log")


def app_role(op: Any) -> str:
    """The app role of the database being migrated: `<database>_app` (see `servicekit.db.provision`)."""
    name: str = op.get_bind().exec_driver_sql("SELECT current_database()").scalar_one()
    return f"{name}_app"


def create_kit_tables(op: Any) -> None:
    """kit_0001: outbox, inbox, parked, jobs, duties, idempotency, audit. A service's first migration calls it."""
    _run(op, "0001.sql")


def change_kit_0002(op: Any) -> None:
    """kit_0002: what a postponed job waits for, jobs found in the order of claiming, finished ones found by age."""
    _run(op, "0002.sql")


def undo_kit_0002(op: Any) -> None:
    """Undoes `change_kit_0002`."""
    op.execute("DROP INDEX ix_jobs_finished")
    op.execute("CREATE INDEX ix_jobs_open ON jobs (kind, priority, id) WHERE status IN ('queued', 'running')")
    op.execute("DROP INDEX ix_jobs_claim")
    op.execute("ALTER TABLE jobs DROP COLUMN postponed_since")


def drop_kit_tables(op: Any) -> None:
    """Undoes `create_kit_tables`."""
    for table in reversed(_TABLES_OF_0001):
        op.execute(f"DROP TABLE {table}")


def _run(op: Any, file: str) -> None:
    role = app_role(op)
    script = files("servicekit.db").joinpath("kit", file).read_text()
    lines = [line for line in script.splitlines() if not line.startswith("--")]
    for statement in "\n".join(lines).split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement.removesuffix(";").replace("{app_role}", f'"{role}"'))


def _setting(name: str) -> str:
    # In a subselect PostgreSQL asks once per statement, not once per row.
    return f"(SELECT current_setting('hall.{name}', true))"


def visible_rows(column: str, person_column: str | None = None) -> str:
    """The condition of a policy by unit, for tables that need one of their own."""
    conditions = [
        f"{_setting('scope')} IN ('agency', 'system')",
        f"({_setting('scope')} = 'unit' AND {column} = {_setting('employer_no')})",
    ]
    if person_column is not None:
        conditions.append(f"({_setting('scope')} = 'person' AND {person_column}::text = {_setting('account_id')})")
    return " OR ".join(conditions)


def enable_unit_rls(op: Any, table: str, *, column: str = "employer_no", person_column: str | None = None) -> None:
    """Row level security: a unit sees and writes its own rows only, agency and system all, everybody else none.

    With `person_column` (an account id) a signed-in person sees their own rows as well.
    """
    rows = visible_rows(column, person_column)
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {table}_by_unit ON {table} USING ({rows})")


def own_person() -> str:
    """The insured person on whose behalf the transaction runs, as a UUID; NULL for everybody else."""
    scope, person = _setting("scope"), _setting("person_id")
    return f"(SELECT CASE WHEN {scope} = 'person' THEN nullif({person}, '')::uuid END)"


def let_person_see(op: Any, table: str, *, column: str = "person_id") -> None:
    """Lets a recognised insured person read the rows that are about them, and nothing else."""
    op.execute(f"CREATE POLICY {table}_of_person ON {table} FOR SELECT USING ({column} = {own_person()})")


def build_index(
    op: Any, name: str, table: str, columns: Sequence[str], *, replaces: str | None = None, **options: Any
) -> None:
    """Adds an index to a table that is in use: without locking out its writers, however long that takes.

    It runs outside the migration's transaction, so let the migration do nothing but this. What an earlier attempt that
    was broken off has left, an invalid index, is dropped first; the index that it `replaces`, at the end.
    """
    with op.get_context().autocommit_block():
        op.execute("SET statement_timeout = 0")
        op.execute("SET lock_timeout = 0")  # it waits for transactions that began before it, and nobody waits for it
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, **options)
        if replaces is not None:
            op.drop_index(replaces, table, if_exists=True, postgresql_concurrently=True)
        op.execute(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'")
        op.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
