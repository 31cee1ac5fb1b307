"""What the tests of the enrollment service share: units, forms, and the few calls that every test makes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.base import Event
from contracts.employer import ChangeRequested, EmployerOpened
from contracts.values.month import Month
from enrollment.applications.models import Application
from enrollment.coverage.models import Coverage
from servicekit import audit, outbox
from servicekit.bus.protocol import Message
from servicekit.consumer import Done, Outcome, process
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from tests.support.harness import ServiceHarness
from tests.support.people import resident_id

UNIT = "330200000000000101"
OTHER_UNIT = "330200000000000102"
SCHOOL = "330200000000000201"
VIRTUAL = "330200000000000301"
API = "/api/enrollment"


def opened(
    employer_no: str, *, kind: str = "10", online: bool = True, version: int = 1, **facts: Any
) -> EmployerOpened:
    """News of a unit with the insurance types of its kind."""
    public = ("310", "510", "330", "320") if kind in ("30", "50") else ("310", "510", "330")
    return EmployerOpened(
        employer_no=employer_no,
        uscc="91330200MA2A0B1C3J",
        name=facts.get("name", f"示例单位{employer_no[-3:]}"),
        kind=kind,
        virtual=kind == "99",
        online_declaration=online,
        insurances=facts.get("insurances", public),
        version=version,
    )


async def deliver(hall: ServiceHarness, event: Event, *, id: UUID | None = None) -> Outcome:
    """Hands an event to the service's queue for it as the bus does; the same id is the same message come again."""
    envelope = outbox.envelope_of(event, service=event.wire_name.partition(".")[0])
    envelope = envelope.model_copy(update={"id": id or uuid7()})
    message = Message(str(envelope.id), envelope.type, envelope.model_dump_json().encode())
    consumers = hall.runtime.service.consumers
    assert consumers is not None
    (subscription,) = (one for one in consumers.subscriptions if type(event) in one.events)
    return await process(hall.runtime, subscription, message)


def change_requested(
    employer_no: str = UNIT, fields: tuple[str, ...] = ("address",), change_id: UUID | None = None
) -> ChangeRequested:
    """News of a unit's request to change its registration."""
    return ChangeRequested(
        change_id=change_id or uuid7(),
        employer_no=employer_no,
        requested_by=uuid7(),
        requested_at=datetime(2026, 3, 9, 8, 30, tzinfo=UTC),
        fields=fields,
    )


async def change_taken_in(hall: ServiceHarness, request: ChangeRequested | None = None) -> str:
    """The number of the application that a change request became."""
    request = request or change_requested()
    assert await deliver(hall, request) == Done()
    async with seen_by_all(hall) as tx:
        statement = select(Application.no).where(Application.change_id == request.change_id)
        return str((await tx.execute(statement)).scalar_one())


async def set_automatic(hall: ServiceHarness, kind: str, automatic: bool = True, *, version: int = 1) -> httpx.Response:
    """An operator's 审核设置 of a kind."""
    headers = hall.staff("operator") | {"If-Match": f'"v{version}"'}
    return await hall.client.put(f"{API}/decision-settings/{kind}", json={"automatic": automatic}, headers=headers)


async def shown(hall: ServiceHarness, no: str, *, unit: str = UNIT) -> dict[str, Any]:
    """详情 as the unit sees it."""
    answer = await hall.client.get(f"{API}/applications/{no}", headers=hall.clerk(unit))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def review(hall: ServiceHarness, no: str) -> dict[str, Any]:
    """The application as a reviewer sees it."""
    answer = await hall.client.get(f"{API}/reviews/{no}", headers=hall.staff())
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def addition(id_number: str | None = None, **changes: Any) -> dict[str, Any]:
    """A complete 增员 form. `person_x` and `insurance_x` change one field; None leaves it out."""
    number = id_number or resident_id()
    form: dict[str, dict[str, Any]] = {
        "person": {
            "id_type": "01",
            "id_number": number,
            "name": "沈嘉禾",
            "sex": "1" if int(number[16]) % 2 else "2",
            "birth_date": f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
            "nationality": "01",
            "household_kind": "11",
            "mobile": "13800571234",
            "contact_address": "宁波市海曙区示范路1号",
        },
        "insurance": {
            "start_month": "2026-03",
            "reason": "01",
            "employment_form": "1",
            "personal_identity": "2",
            "person_category": "1101",
            "monthly_wage": "8000.00",
        },
    }
    for name, value in changes.items():
        module, _, field = name.partition("_")
        if value is None:
            form[module].pop(field, None)
        else:
            form[module][field] = value
    return form


async def submit(hall: ServiceHarness, form: Mapping[str, Any], *, unit: str = UNIT) -> httpx.Response:
    """Declares one new employee."""
    return await hall.client.post(f"{API}/additions", json=form, headers=hall.clerk(unit))


async def submitted(hall: ServiceHarness, form: Mapping[str, Any], *, unit: str = UNIT) -> dict[str, Any]:
    """The accepted application."""
    answer = await submit(hall, form, unit=unit)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def decide(
    hall: ServiceHarness,
    no: str,
    decision: str = "approve",
    *,
    version: int = 1,
    reason: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """A reviewer's decision."""
    body = {"decision": decision, **({"reason": reason} if reason else {})}
    sent = {**(headers or hall.staff("reviewer")), "If-Match": f'"v{version}"'}
    return await hall.client.post(f"{API}/reviews/{no}/decision", json=body, headers=sent)


async def insured(hall: ServiceHarness, form: Mapping[str, Any], *, unit: str = UNIT) -> dict[str, Any]:
    """Declared and approved."""
    application = await submitted(hall, form, unit=unit)
    answer = await decide(hall, application["no"])
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "approved", answer.text
    return dict(answer.json())


async def covered_alone(hall: ServiceHarness, number: str, *, insurance: str) -> UUID:
    """Somebody with a coverage of no unit: as a resident (390) or flexibly employed (310), since January 2025.

    Declared once, approved, then taken over by hand.
    """
    application = await submitted(hall, addition(number), unit=SCHOOL)
    assert (await decide(hall, application["no"])).status_code == 200
    async with seen_by_all(hall) as tx:
        covers = list((await tx.execute(select(Coverage).order_by(Coverage.insurance))).scalars())
        person_id: UUID = covers[0].person_id
        for cover in covers:
            cover.stop_month = cover.start_month
        await tx.flush()
        tx.add(
            Coverage(
                id=uuid7(),
                employer_no=None,
                person_id=person_id,
                insurance=insurance,
                start_month=Month(2025, 1),
                version=1,
            )
        )
    return person_id


async def withdraw(hall: ServiceHarness, no: str, *, version: int = 1, unit: str = UNIT) -> httpx.Response:
    """撤销."""
    headers = hall.clerk(unit) | {"If-Match": f'"v{version}"'}
    return await hall.client.post(f"{API}/applications/{no}/withdrawal", headers=headers)


async def person_id_of(hall: ServiceHarness, id_number: str, *, unit: str = UNIT) -> str:
    """The id of a person on the unit's roster."""
    found = await hall.client.post(f"{API}/roster/searches", json={"id_number": id_number}, headers=hall.clerk(unit))
    (row,) = found.json()["items"]
    return str(row["person_id"])


def removal(person_id: str, **changes: Any) -> dict[str, Any]:
    """A complete 减员 form; None leaves a field out."""
    fields = {"reason": "01", "stop_month": "2026-03", **changes}
    return {"person_id": person_id, "removal": {name: value for name, value in fields.items() if value is not None}}


async def remove(hall: ServiceHarness, form: Mapping[str, Any], *, unit: str = UNIT) -> httpx.Response:
    """Declares that an employee leaves."""
    return await hall.client.post(f"{API}/removals", json=form, headers=hall.clerk(unit))


async def removed(hall: ServiceHarness, person_id: str, *, unit: str = UNIT, **changes: Any) -> dict[str, Any]:
    """Declared and approved."""
    answer = await remove(hall, removal(person_id, **changes), unit=unit)
    assert answer.status_code == 201, answer.text
    decided = await decide(hall, answer.json()["no"])
    assert decided.json()["status"] == "approved", decided.text
    return dict(decided.json())


async def events(hall: ServiceHarness, *types: type[Event]) -> list[Any]:
    """What the service has announced so far, in order; of some types only when given."""
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        rows = (
            await tx.execute(select(outbox.table.c.type, outbox.table.c.envelope).order_by(outbox.table.c.id))
        ).all()
    known = {event.wire_name: event for event in types}
    return [known[row.type].model_validate(row.envelope["data"]) for row in rows if row.type in known]


async def audited(hall: ServiceHarness, subject: str) -> list[str]:
    """The actions that the audit log has about a subject, in order."""
    log = audit.AUDIT_LOG
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        rows = await tx.execute(select(log.c.action).where(log.c.subject == subject).order_by(log.c.id))
        return list(rows.scalars())


def seen_by(hall: ServiceHarness, unit: str) -> Any:
    """A transaction in which row level security alone says what unit `unit` sees."""
    return begin(hall.runtime, scope=Scope.unit(unit))


def seen_by_all(hall: ServiceHarness) -> Any:
    """A transaction that sees every row."""
    return begin(hall.runtime, scope=Scope.system())


__all__ = [
    "API",
    "OTHER_UNIT",
    "SCHOOL",
    "UNIT",
    "VIRTUAL",
    "AsyncSession",
    "addition",
    "audited",
    "change_requested",
    "change_taken_in",
    "decide",
    "deliver",
    "events",
    "insured",
    "opened",
    "person_id_of",
    "removal",
    "remove",
    "removed",
    "review",
    "seen_by",
    "seen_by_all",
    "set_automatic",
    "shown",
    "submit",
    "submitted",
    "withdraw",
]  # fmt: skip
