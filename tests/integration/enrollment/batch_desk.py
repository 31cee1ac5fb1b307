"""What the tests of batches share: uploading, letting the worker work, confirming."""

from typing import Any

import httpx

from servicekit.ids import uuid7
from servicekit.job_runner import run_due_jobs
from tests.integration.enrollment.desk import API, UNIT
from tests.support.harness import ServiceHarness

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def template(hall: ServiceHarness, kind: str = "addition", *, unit: str = UNIT) -> bytes:
    """The template as a clerk downloads it."""
    answer = await hall.client.get(f"{API}/batches/templates/{kind}", headers=hall.clerk(unit))
    assert answer.status_code == 200, answer.text
    return answer.content


async def send(
    hall: ServiceHarness,
    content: bytes,
    *,
    kind: str = "addition",
    unit: str = UNIT,
    name: str = "人员.xlsx",
    **headers: str,
) -> httpx.Response:
    """Uploads a file."""
    return await hall.client.post(
        f"{API}/batches/uploads",
        data={"kind": kind},
        files={"file": (name, content, XLSX)},
        headers=hall.clerk(unit) | headers,
    )


async def checked(hall: ServiceHarness, content: bytes, *, kind: str = "addition", unit: str = UNIT) -> dict[str, Any]:
    """The batch of a file once it has been checked."""
    answer = await send(hall, content, kind=kind, unit=unit)
    assert answer.status_code == 202, answer.text
    await run_due_jobs(hall.runtime)
    return await batch(hall, answer.json()["id"], unit=unit)


async def batch(hall: ServiceHarness, batch_id: str, *, unit: str = UNIT) -> dict[str, Any]:
    """A batch as it is now."""
    answer = await hall.client.get(f"{API}/batches/{batch_id}", headers=hall.clerk(unit))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def confirm(
    hall: ServiceHarness, seen: dict[str, Any], *, unit: str = UNIT, headers: dict[str, str] | None = None
) -> httpx.Response:
    """提交正常数据."""
    sent = {"Idempotency-Key": str(uuid7()), **(headers or hall.clerk(unit)), "If-Match": f'"v{seen["version"]}"'}
    return await hall.client.post(f"{API}/batches/{seen['id']}/confirmation", headers=sent)


async def submitted(hall: ServiceHarness, seen: dict[str, Any], *, unit: str = UNIT) -> dict[str, Any]:
    """The batch once what was good of it has been handed in."""
    answer = await confirm(hall, seen, unit=unit)
    assert answer.status_code == 202, answer.text
    await run_due_jobs(hall.runtime)
    return await batch(hall, seen["id"], unit=unit)


async def faulty_rows(hall: ServiceHarness, batch_id: str, *, unit: str = UNIT) -> list[dict[str, Any]]:
    """The faulty rows with their reasons."""
    answer = await hall.client.get(
        f"{API}/batches/{batch_id}/faulty-rows", params={"page_size": 200}, headers=hall.clerk(unit)
    )
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def returned(hall: ServiceHarness, batch_id: str, *, unit: str = UNIT) -> bytes:
    """The faulty rows as a file."""
    answer = await hall.client.get(f"{API}/batches/{batch_id}/faulty-rows/file", headers=hall.clerk(unit))
    assert answer.status_code == 200, answer.text
    return answer.content


async def pending(hall: ServiceHarness, *, unit: str = UNIT) -> list[dict[str, Any]]:
    """The unit's pending applications."""
    answer = await hall.client.post(
        f"{API}/applications/searches", json={"state": "pending", "page_size": 200}, headers=hall.clerk(unit)
    )
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])
