"""Row level security, table by table: what the database itself lets a unit see and write."""

from collections.abc import Mapping

import pytest
import sqlalchemy as sa

from servicekit.db.tx import Scope, begin
from tests.safety.filled import OTHER_UNIT, UNIT, Filled

pytestmark = pytest.mark.asyncio(loop_scope="module")

_KIT = {
    "outbox": "ids and facts for the bus; every use case adds, only the relay reads",
    "inbox": "ids of messages",
    "parked": "messages as they came, for the operators' command",
    "duties": "when periodic duties are due",
    "idempotency": "keyed by a digest of account and key: nobody finds another's answer",
    "audit_chain": "heads of hash chains",
    "audit_log": "append-only: the verifier and the security log read it, and every use case adds",
    "alembic_version": "the migration that was applied last",
}
OPEN: Mapping[str, Mapping[str, str]] = {
    "identity": {"units": "the directory of units: what anybody may check before registering"},
    "enrollment": {
        "dictionary_entries": "public code tables",
        "dictionary_version": "public code tables",
        "decision_settings": "the agency's setting of automatic decisions",
    },
    "employer": {
        **dict.fromkeys(("base_limits", "rates", "insurance_types"), "the city's published rates"),
        **dict.fromkeys(("employer_kinds", "exempt_categories"), "public code tables"),
        **dict.fromkeys(("bank_classes", "bank_branches"), "the bank directory: public facts"),
    },
    "reporting": {},
}
"""Tables without row level security, and why."""


async def _tables(service: Filled) -> dict[str, tuple[bool, bool]]:
    """Every table that the app role can read: has it an employer_no, is it guarded for everybody?"""
    async with begin(service.hall.runtime, scope=Scope.system()) as tx:
        found = await tx.execute(
            sa.text(
                """
                SELECT relname, relrowsecurity AND relforcerowsecurity AS guarded, EXISTS (
                    SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'employer_no'
                ) AS of_unit
                FROM pg_class
                WHERE relkind IN ('r', 'p', 'v', 'm') AND relnamespace = 'public'::regnamespace
                  AND has_table_privilege(oid, 'SELECT')
                """
            )
        )
        return {row.relname: (row.of_unit, row.guarded) for row in found}


async def test_every_table_is_guarded_or_says_why_not(service: Filled) -> None:
    tables = await _tables(service)
    unguarded = {name for name, (_, guarded) in tables.items() if not guarded}
    allowed = set(_KIT) | set(OPEN[service.hall.runtime.service.name])
    assert unguarded - allowed == set()
    assert allowed & set(tables) - set(_KIT) <= unguarded, "a reason for nothing"


async def test_a_unit_sees_only_its_own_rows(service: Filled) -> None:
    name = service.hall.runtime.service.name
    of_unit = [table for table, (of_unit, _) in (await _tables(service)).items() if of_unit and table not in OPEN[name]]
    filled_tables = 0
    for table in of_unit:
        query = sa.text(f'SELECT DISTINCT employer_no FROM "{table}"')  # noqa: S608 - names from the catalogue
        async with begin(service.hall.runtime, scope=Scope.system()) as tx:
            filled_tables += UNIT in set(await tx.scalars(query))
        async with begin(service.hall.runtime, scope=Scope.unit(OTHER_UNIT)) as tx:
            assert set(await tx.scalars(query)) <= {OTHER_UNIT}, table
        async with begin(service.hall.runtime, scope=Scope.none()) as tx:
            assert set(await tx.scalars(query)) == set(), table
    assert filled_tables >= {"identity": 1, "enrollment": 3, "employer": 5, "reporting": 2}[name]


async def test_no_guarded_table_tells_another_unit_a_word(service: Filled) -> None:
    """Whole rows as text, also of tables without an employer_no."""
    name = service.hall.runtime.service.name
    for table, (_, guarded) in (await _tables(service)).items():
        if not guarded:
            continue
        async with begin(service.hall.runtime, scope=Scope.unit(OTHER_UNIT)) as tx:
            rows = "\n".join(await tx.scalars(sa.text(f'SELECT t::text FROM "{table}" t')))  # noqa: S608
        assert [mark for mark in service.marks if mark in rows] == [], (name, table)


async def test_nobody_writes_rows_of_another_unit(service: Filled) -> None:
    for table, (of_unit, guarded) in (await _tables(service)).items():
        if not of_unit or not guarded:
            continue
        others = f"WHERE employer_no <> '{OTHER_UNIT}' RETURNING employer_no"
        for change in (f'UPDATE "{table}" SET employer_no = employer_no', f'DELETE FROM "{table}"'):  # noqa: S608
            try:
                async with begin(service.hall.runtime, scope=Scope.unit(OTHER_UNIT)) as tx:
                    assert (await tx.scalars(sa.text(f"{change} {others}"))).all() == [], change
            except sa.exc.ProgrammingError as refused:  # the app role may not change that table at all
                if "permission denied" not in str(refused):
                    raise
