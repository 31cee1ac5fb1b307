"""What the tests of reporting do again and again."""

from typing import Any
from uuid import UUID

import httpx

from tests.integration.reporting.siblings import UNIT
from tests.support.harness import ServiceHarness


async def ask(
    hall: ServiceHarness,
    person_id: UUID,
    *,
    unit: str = UNIT,
    first: str = "2025-11",
    last: str = "2026-02",
    **headers: str,
) -> httpx.Response:
    """A clerk asks for a certificate."""
    form = {"kind": "insurance_certificate", "person_id": str(person_id), "from_month": first, "to_month": last}
    return await ask_for(hall, form, unit=unit)


async def ask_for(hall: ServiceHarness, form: dict[str, Any], *, unit: str = UNIT, **clerk: Any) -> httpx.Response:
    """A clerk asks for a document."""
    return await hall.client.post("/api/reporting/reports", json=form, headers=hall.clerk(unit, **clerk))


async def made(hall: ServiceHarness, person_id: UUID, **rest: Any) -> dict[str, Any]:
    """A certificate, asked for and made (or failed)."""
    answer = await ask(hall, person_id, **rest)
    assert answer.status_code == 202, answer.text
    await hall.drain()
    return await shown(hall, answer.json()["id"])


async def shown(hall: ServiceHarness, report_id: str, *, unit: str = UNIT) -> dict[str, Any]:
    """A report as its unit's clerk sees it."""
    answer = await hall.client.get(f"/api/reporting/reports/{report_id}", headers=hall.clerk(unit))
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


async def file_of(hall: ServiceHarness, report: dict[str, Any], **query: str) -> httpx.Response:
    """The report's PDF."""
    return await hall.client.get(report["file_url"], params=query, headers=hall.clerk(UNIT))
