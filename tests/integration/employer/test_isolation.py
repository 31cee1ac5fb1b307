"""One employer's amounts and data never reach another's clerk, also when a query forgets its condition."""

import pytest
import sqlalchemy as sa

from employer.contributions import repository as ledger
from employer.roster import repository as roster
from employer.units import repository as units
from servicekit.db.tx import Scope, begin
from tests.integration.employer.office import API, OTHER_UNIT, SCHOOL, UNIT, assess, base_changed, deliver, started
from tests.integration.employer.test_lookups import insured, receive
from tests.support.harness import ServiceHarness

GUARDED = (
    "units",
    "unit_contacts",
    "unit_registrations",
    "roster",
    "roster_wages",
    "contributions",
    "statements",
    "receipts",
    "billing_positions",
)
AGENCY = ("assessments", "assessment_parts")


@pytest.fixture
async def full_hall(hall: ServiceHarness) -> ServiceHarness:
    """Every guarded table has rows of two units."""
    for unit in (UNIT, OTHER_UNIT):
        start = started(employer_no=unit, month="2026-01")
        await deliver(hall, start)
        await deliver(hall, base_changed(start, "2026-02", "9000.00"))
    await assess(hall, "2026-02")
    await receive(hall, hall.clock.month().previous())
    return hall


async def test_every_table_with_a_units_data_is_guarded(hall: ServiceHarness) -> None:
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        found = await tx.scalars(
            sa.text(
                """
                SELECT relname FROM pg_class
                JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'employer_no'
                WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
                  AND NOT (relrowsecurity AND relforcerowsecurity)
                """
            )
        )
        assert found.all() == []


async def test_row_level_security_alone_keeps_units_apart(full_hall: ServiceHarness) -> None:
    async with begin(full_hall.runtime, scope=Scope.system()) as tx:
        for table in GUARDED:
            seen = await tx.scalars(sa.text(f"SELECT DISTINCT employer_no FROM {table}"))  # noqa: S608
            assert {UNIT, OTHER_UNIT} <= set(seen), table
    async with begin(full_hall.runtime, scope=Scope.unit(UNIT)) as tx:
        for table in GUARDED:
            seen = await tx.scalars(sa.text(f"SELECT DISTINCT employer_no FROM {table}"))  # noqa: S608
            assert set(seen) == {UNIT}, table
        for table in AGENCY:
            assert (await tx.execute(sa.text(f"SELECT 1 FROM {table}"))).first() is None, table  # noqa: S608
    async with begin(full_hall.runtime, scope=Scope.none()) as tx:
        for table in GUARDED + AGENCY:
            assert (await tx.execute(sa.text(f"SELECT 1 FROM {table}"))).first() is None, table  # noqa: S608


async def test_a_unit_cannot_write_anothers_rows(full_hall: ServiceHarness) -> None:
    async with begin(full_hall.runtime, scope=Scope.unit(UNIT)) as tx:
        changed = await tx.execute(sa.text("UPDATE unit_contacts SET contact = '张三' RETURNING employer_no"))
        assert [row.employer_no for row in changed] == [UNIT]
    with pytest.raises(sa.exc.DBAPIError, match="row-level security"):
        async with begin(full_hall.runtime, scope=Scope.unit(UNIT)) as tx:
            await tx.execute(sa.text(f"UPDATE roster SET employer_no = '{OTHER_UNIT}'"))  # noqa: S608


async def test_another_employers_clerk_finds_nobody(full_hall: ServiceHarness) -> None:
    person = await insured(full_hall, month="2026-01")
    await assess(full_hall, "2026-03")
    answer = await full_hall.client.get(f"{API}/contributions/people/{person}", headers=full_hall.clerk(OTHER_UNIT))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_also_with_the_repositorys_conditions_gone(
    full_hall: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clerk's requests are answered from queries that ask for UNIT, whoever asks."""
    person = await insured(full_hall, month="2026-01")
    await assess(full_hall, "2026-03")
    rows_of_person, month_sums, find = ledger.rows_of_person, ledger.month_sums, units.find

    async def anybody(*_: object, **__: object) -> bool:
        return True

    monkeypatch.setattr(roster, "knows_person", anybody)
    monkeypatch.setattr(ledger, "rows_of_person", lambda tx, _, *rest, **more: rows_of_person(tx, UNIT, *rest, **more))
    monkeypatch.setattr(ledger, "month_sums", lambda tx, _, **more: month_sums(tx, UNIT, **more))
    monkeypatch.setattr(units, "find", lambda tx, _: find(tx, UNIT))
    path = f"{API}/contributions/people/{person}"
    for clerk, sees in ((UNIT, True), (OTHER_UNIT, False), (SCHOOL, False)):
        headers = full_hall.clerk(clerk)
        assert bool((await full_hall.client.get(path, headers=headers)).json()["items"]) is sees
        months = (await full_hall.client.get(f"{API}/contributions/months", headers=headers)).json()
        assert bool(months["items"]) is sees
        assert months["totals"]["amount_total"] != "0.00" if sees else months["totals"]["amount_total"] == "0.00"
        assert (await full_hall.client.get(f"{API}/unit", headers=headers)).status_code == (200 if sees else 404)


_PATHS = ["/unit", "/contributions/months", "/contributions/people/01990000-0000-7000-8000-000000000000"]


async def test_looking_up_needs_the_permission(hall: ServiceHarness, subtests: pytest.Subtests) -> None:
    for path in _PATHS:
        with subtests.test(case=repr(path)):
            for headers, status, code in (
                ({}, 401, "unauthenticated"),
                (hall.clerk(UNIT, ("declare", "maintain", "print")), 403, "permission_missing"),
                (hall.staff("reviewer"), 403, "forbidden"),
                (hall.staff("operator"), 403, "forbidden"),
            ):
                answer = await hall.client.get(f"{API}{path}", headers=headers)
                assert (answer.status_code, answer.json()["code"]) == (status, code)
