"""One unit never sees another's people: through the API, and with row level security alone."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from enrollment.applications import repository as applications
from enrollment.applications.models import Application
from enrollment.applications.repository import Order, Wanted
from enrollment.coverage.models import Coverage
from enrollment.employers.models import Employer
from enrollment.people.models import Person
from enrollment.roster.models import RosterEntry, RosterName
from servicekit.db.tx import Scope, begin
from tests.integration.enrollment.desk import (
    API,
    OTHER_UNIT,
    UNIT,
    addition,
    insured,
    seen_by,
    seen_by_all,
    submitted,
    withdraw,
)
from tests.support.harness import ServiceHarness

TABLES = (Employer, Person, Coverage, RosterEntry, RosterName, Application)


async def test_another_units_clerk_sees_nothing(hall: ServiceHarness) -> None:
    await insured(hall, addition())
    application = await submitted(hall, addition())
    async with seen_by_all(hall) as tx:
        person_id = (await tx.execute(select(RosterEntry.person_id))).scalar_one()
    stranger = hall.clerk(OTHER_UNIT)

    for path, body in (
        ("applications/searches", {"state": "pending"}),
        ("applications/searches", {"state": "decided"}),
        ("applications/searches", {"state": "pending", "no": application["no"]}),
        ("roster/searches", {}),
        ("roster/searches", {"name": "沈"}),
    ):
        answer = await hall.client.post(f"{API}/{path}", json=body, headers=stranger)
        assert (answer.json()["items"], answer.json()["total"]) == ([], 0)
    for path in (f"applications/{application['no']}", f"roster/{person_id}"):
        assert (await hall.client.get(f"{API}/{path}", headers=stranger)).status_code == 404
    assert (await withdraw(hall, application["no"], unit=OTHER_UNIT)).status_code == 404


async def test_row_level_security_alone(hall: ServiceHarness) -> None:
    await insured(hall, addition())
    await submitted(hall, addition())

    for unit, expected in ((UNIT, {"Employer": 1, "Person": 1}), (OTHER_UNIT, {"Employer": 1, "Person": 0})):
        async with seen_by(hall, unit) as tx:
            counts = {
                table.__name__: (await tx.execute(select(func.count()).select_from(table))).scalar_one()
                for table in TABLES
            }
        assert {name: counts[name] for name in expected} == expected
        others = ("Coverage", "RosterEntry", "RosterName", "Application")
        assert all((counts[name] > 0) is (unit == UNIT) for name in others)


async def test_a_search_that_forgets_the_unit_still_finds_only_its_own(hall: ServiceHarness) -> None:
    await submitted(hall, addition())
    await submitted(hall, addition(), unit=OTHER_UNIT)

    async with seen_by(hall, UNIT) as tx:
        order = Order("submitted_at", descending=True)
        found = await applications.search(tx, Wanted(state="pending"), order, employer_no=None, offset=0, limit=20)
    assert found.total == 1
    assert {row.employer_no for row in found.rows} == {UNIT}


@pytest.mark.parametrize("scope", [Scope.none(), Scope("person")])
async def test_no_unit_no_rows(hall: ServiceHarness, scope: Scope) -> None:
    await insured(hall, addition())

    async with begin(hall.runtime, scope=scope) as tx:
        for table in TABLES:
            assert (await tx.execute(select(func.count()).select_from(table))).scalar_one() == 0


async def test_a_unit_writes_no_other_units_rows(hall: ServiceHarness) -> None:
    await insured(hall, addition())

    async with seen_by(hall, OTHER_UNIT) as tx:
        for table in (Coverage, RosterEntry):
            result = await tx.execute(update(table).values(monthly_wage=1))
            assert result.rowcount == 0
        result = await tx.execute(update(Person).values(updated_at=datetime.now(UTC)))
        assert result.rowcount == 0
    with pytest.raises(DBAPIError, match="row-level security"):
        async with seen_by(hall, OTHER_UNIT) as tx:
            await tx.execute(
                text(
                    "INSERT INTO employers (employer_no, uscc, name, kind, is_virtual, online_declaration, insurances,"
                    " status, version, updated_at) VALUES ('330200000000000999', 'x', 'x', '10', false, true, '{}',"
                    " 'open', 1, now())"
                )
            )


async def test_the_bare_fact_functions_leave_the_scope_as_it_was(hall: ServiceHarness) -> None:
    await insured(hall, addition())

    async with seen_by(hall, OTHER_UNIT) as tx:
        await tx.execute(text("SELECT * FROM find_person('01', ''::bytea, '')"))
        await tx.execute(text("SELECT * FROM present_covers(gen_random_uuid(), 'x')"))
        await tx.execute(text("SELECT * FROM find_people(ARRAY['01'], ARRAY[''::bytea], ARRAY[''])"))
        await tx.execute(text("SELECT * FROM present_covers_of(ARRAY[gen_random_uuid()], 'x')"))
        assert (await tx.execute(text("SELECT current_setting('hall.scope')"))).scalar_one() == "unit"
        assert (await tx.execute(select(func.count()).select_from(Person))).scalar_one() == 0


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "online-declaration", None),
        ("POST", "people/lookups", {"id_type": "01", "id_number": "330203199003071232"}),
        ("POST", "additions", {"person": {}, "insurance": {}}),
        ("POST", "applications/searches", {"state": "pending"}),
        ("GET", "applications/20260310-00000001", None),
        ("POST", "applications/20260310-00000001/withdrawal", None),
        ("POST", "reviews/searches", {"state": "pending"}),
        ("GET", "reviews/20260310-00000001", None),
        ("POST", "reviews/20260310-00000001/decision", {"decision": "approve"}),
        ("POST", "roster/searches", {}),
        ("GET", "roster/01a20aa2-2240-733b-83fc-bfb0cef40d7f", None),
    ],
)
async def test_who_may_not(hall: ServiceHarness, method: str, path: str, body: object) -> None:
    if_match = {"If-Match": '"v1"'}
    for headers, expected in (
        ({}, 401),
        (hall.clerk(UNIT, ()) | if_match, 403),
        (hall.staff("operator") | if_match, 403),
        (hall.tokens.headers(kind="person") | if_match, 403),
    ):
        if path == "online-declaration" and "X-Hall-Unit" in headers:
            continue  # any clerk of the unit may ask this
        answer = await hall.client.request(method, f"{API}/{path}", json=body, headers=headers)
        assert answer.status_code == expected, (headers, answer.text)
    wrong_side = hall.clerk(UNIT) if path.startswith("reviews") else hall.staff("reviewer")
    answer = await hall.client.request(method, f"{API}/{path}", json=body, headers=wrong_side | if_match)
    assert answer.status_code == 403
