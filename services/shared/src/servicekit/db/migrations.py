"""What migrations of all services share: the kit's tables, row level security, rights of the app role."""

from typing import Any

from servicekit import audit, idempotency, inbox, jobs, outbox
from servicekit.bus import parked_table
from servicekit.db.base import KIT_METADATA


def app_role(op: Any) -> str:
    """The app role of the database being migrated: `<database>_app` (see `servicekit.db.provision`)."""
    name: str = op.get_bind().exec_driver_sql("SELECT current_database()").scalar_one()
    return f"{name}_app"


def create_kit_tables(op: Any) -> None:
    """kit_0001: outbox, inbox, parked, jobs, duties, idempotency, audit. A service's first migration calls it."""
    KIT_METADATA.create_all(op.get_bind())
    role = app_role(op)
    for module in (outbox, inbox, parked_table, jobs, idempotency, audit):
        for statement in getattr(module, "KIT_DDL", ()):
            op.execute(statement.replace("{app_role}", f'"{role}"'))


def drop_kit_tables(op: Any) -> None:
    """Undoes `create_kit_tables`."""
    KIT_METADATA.drop_all(op.get_bind())


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
