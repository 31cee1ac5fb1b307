"""What the tests of the employer service share: units, news of coverage, and looking into the ledger."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import httpx
import sqlalchemy as sa

from contracts.base import Event
from contracts.enrollment import (
    ApplicationDecided,
    ApplicationWithdrawn,
    CoverageBaseChanged,
    CoverageStarted,
    CoverageStopped,
)
from contracts.values.month import Month
from servicekit import outbox
from servicekit.bus.protocol import Message
from servicekit.consumer import Outcome, process
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from tests.support.files import pdf
from tests.support.harness import ServiceHarness

UNIT, OTHER_UNIT, SCHOOL = "330200000000000101", "330200000000000102", "330200000000000201"
API = "/api/employer"
_QUEUES: dict[type[Event], str] = {
    CoverageStarted: "employer.bill_from",
    CoverageStopped: "employer.bill_until",
    CoverageBaseChanged: "employer.bill_base",
    ApplicationDecided: "employer.take_decision",
    ApplicationWithdrawn: "employer.take_withdrawal",
}


def unit_form(employer_no: str = UNIT, **changes: Any) -> dict[str, Any]:
    """What an operator enters to open a unit billed from 2025-01 on."""
    form = {
        "employer_no": employer_no,
        "uscc": "91330200MA2A0B1C3J",
        "name": "甬江智造科技有限公司",
        "kind": "10",
        "insured_since": "2018-05-02",
        "billed_from": "2025-01",
        "contact": {
            "legal_representative": "江一帆",
            "legal_representative_id": "330203199003071232",
            "legal_representative_phone": "13805740101",
            "contact": "沈青禾",
            "contact_phone": "0574-87000101",
            "address": "宁波市江北区示范大道101号",
        },
        "registration": {"address": "宁波市江北区示范大道101号", "capital": "20000000.00"},
    }
    return {**form, **changes}


async def open_unit(hall: ServiceHarness, employer_no: str = UNIT, **changes: Any) -> httpx.Response:
    """Opens a unit as an operator."""
    form = unit_form(employer_no, **changes)
    return await hall.client.post(f"{API}/employers", json=form, headers=hall.staff("operator"))


async def deliver(hall: ServiceHarness, event: Event, *, id: UUID | None = None) -> Outcome:
    """Hands an event to the service as the bus does; the same id is the same message come again."""
    envelope = outbox.envelope_of(event, service="enrollment").model_copy(update={"id": id or uuid7()})
    message = Message(str(envelope.id), envelope.type, envelope.model_dump_json().encode())
    consumers = hall.runtime.service.consumers
    assert consumers is not None
    return await process(hall.runtime, consumers.subscription(_QUEUES[type(event)]), message)


def started(
    *,
    employer_no: str = UNIT,
    person_id: UUID | None = None,
    insurance: str = "310",
    month: str = "2026-01",
    wage: str = "8000.00",
    category: str = "1101",
    coverage_id: UUID | None = None,
    version: int = 1,
) -> CoverageStarted:
    """News of a coverage that starts."""
    return CoverageStarted(
        coverage_id=coverage_id or uuid7(),
        employer_no=employer_no,
        person_id=person_id or uuid7(),
        insurance=insurance,
        version=version,
        month=Month.parse(month),
        monthly_wage=Decimal(wage),
        person_category=category,
    )


def stopped(start: CoverageStarted, month: str, *, version: int = 2, never_started: bool = False) -> CoverageStopped:
    """News that a coverage stops."""
    return CoverageStopped(
        coverage_id=start.coverage_id,
        employer_no=start.employer_no,
        person_id=start.person_id,
        insurance=start.insurance,
        version=version,
        month=Month.parse(month),
        never_started=never_started,
    )


def base_changed(start: CoverageStarted, month: str, wage: str, *, version: int = 2) -> CoverageBaseChanged:
    """News that the declared wage changed."""
    return CoverageBaseChanged(
        coverage_id=start.coverage_id,
        employer_no=start.employer_no,
        person_id=start.person_id,
        insurance=start.insurance,
        version=version,
        month=Month.parse(month),
        monthly_wage=Decimal(wage),
    )


async def request_assessment(hall: ServiceHarness, month: str) -> httpx.Response:
    """Asks for the assessment of a month as an operator."""
    return await hall.client.post(f"{API}/assessments", json={"month": month}, headers=hall.staff("operator"))


async def assess(hall: ServiceHarness, month: str) -> dict[str, Any]:
    """Assesses a month to the end; the finished run."""
    answer = await request_assessment(hall, month)
    assert answer.status_code == 202, answer.text
    await hall.drain()
    run = await hall.client.get(answer.headers["Location"], headers=hall.staff("operator"))
    finished: dict[str, Any] = run.json()
    assert finished["status"] == "done", finished
    return finished


async def rows(hall: ServiceHarness, query: str, **values: Any) -> Sequence[Any]:
    """What a query finds, seen by the hall itself."""
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        return (await tx.execute(sa.text(query), values)).all()


async def ledger(hall: ServiceHarness, person_id: UUID) -> list[tuple[str, str, str, str, str]]:
    """A person's rows as text: month, insurance type, base, employer's, own; in order."""
    found = await rows(
        hall,
        "SELECT to_char(month, 'YYYY-MM'), insurance, base::text, employer_amount::text, own_amount::text "
        "FROM contributions WHERE person_id = :person_id ORDER BY month, insurance, entry",
        person_id=person_id,
    )
    return [tuple(row) for row in found]


async def months(hall: ServiceHarness, person_id: UUID) -> list[str]:
    """The months a person has rows for."""
    return [row[0] for row in await ledger(hall, person_id)]


async def upload_bank_file(hall: ServiceHarness, name: str, content: bytes) -> httpx.Response:
    """Uploads a file of bank branches as an operator."""
    headers = hall.staff("operator")
    return await hall.client.post(f"{API}/bank-imports/uploads", files={"file": (name, content)}, headers=headers)


async def bank_branches(hall: ServiceHarness, branches: Sequence[tuple[str, str, str, str]]) -> None:
    """Brings in branches: class, code, name (also the short one), state."""
    lines = ["银行大类,联行号,网点名称,网点简称,状态"]
    lines += [f"{bank},{code},{name},{name},{state}" for bank, code, name, state in branches]
    answer = await upload_bank_file(hall, "名录.csv", "\n".join(lines).encode())
    assert answer.json()["bad"] == 0, answer.text
    headers = hall.staff("operator") | {"If-Match": '"v1"'}
    done = await hall.client.post(f"{API}/bank-imports/{answer.json()['id']}/confirmation", headers=headers)
    assert done.status_code == 200, done.text


async def attach(
    hall: ServiceHarness, name: str = "执照.pdf", content: bytes | None = None, *, unit: str = UNIT
) -> httpx.Response:
    """Uploads an attachment as a clerk who maintains the unit's data."""
    files = {"file": (name, pdf() if content is None else content)}
    headers = hall.clerk(unit, ("maintain",))
    return await hall.client.post(f"{API}/registration-changes/attachments", files=files, headers=headers)


async def ask_for_change(
    hall: ServiceHarness, *, unit: str = UNIT, attachments: Sequence[str] | None = None, **wanted: Any
) -> httpx.Response:
    """Asks for a change of registration, with an attachment of its own unless some are given."""
    ids = [(await attach(hall, unit=unit)).json()["id"]] if attachments is None else list(attachments)
    form = {"attachments": ids, **(wanted or {"name": "甬江智造股份有限公司"})}
    headers = hall.clerk(unit, ("maintain",))
    return await hall.client.post(f"{API}/registration-changes", json=form, headers=headers)


async def changes_of(hall: ServiceHarness, unit: str = UNIT) -> list[dict[str, Any]]:
    """The unit's change requests, newest first."""
    answer = await hall.client.get(f"{API}/registration-changes", headers=hall.clerk(unit))
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def decided(change: dict[str, Any], decision: Literal["approved", "rejected"] = "approved") -> ApplicationDecided:
    """Enrollment's news that a change request was decided."""
    return ApplicationDecided(
        application_no="2026031000000001",
        kind="employer_change",
        employer_no=change["employer_no"],
        change_id=UUID(change["id"]),
        decision=decision,
        decided_by=uuid7(),
        decided_at=datetime(2026, 3, 11, 2, tzinfo=UTC),
    )


def withdrawn(change: dict[str, Any]) -> ApplicationWithdrawn:
    """Enrollment's news that a change request was withdrawn."""
    return ApplicationWithdrawn(
        application_no="2026031000000001",
        kind="employer_change",
        employer_no=change["employer_no"],
        change_id=UUID(change["id"]),
        withdrawn_by=uuid7(),
        withdrawn_at=datetime(2026, 3, 11, 2, tzinfo=UTC),
    )
