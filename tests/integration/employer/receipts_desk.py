"""The operator at 到账导入: files of the tax authority, uploaded, looked at, confirmed."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from tests.integration.employer.office import API, UNIT
from tests.support.harness import ServiceHarness

HEADINGS = ("单位编号", "费款所属期", "险种类型", "到账金额", "到账日期", "缴款流水号")


def line(**changes: Any) -> dict[str, Any]:
    """A line that pays a month of the unit's 310 in full."""
    return {
        "单位编号": UNIT,
        "费款所属期": "202603",
        "险种类型": "310",
        "到账金额": "840.00",
        "到账日期": "2026-03-09",
        "缴款流水号": "SP1",
    } | changes


def csv_of(lines: Sequence[Mapping[str, Any]]) -> bytes:
    return "\n".join([",".join(HEADINGS), *(",".join(str(each[name]) for name in HEADINGS) for each in lines)]).encode()


async def upload(hall: ServiceHarness, data: bytes, name: str = "到账.csv") -> httpx.Response:
    files = {"file": (name, data)}
    return await hall.client.post(f"{API}/receipt-imports/uploads", files=files, headers=hall.staff("operator"))


async def checked(hall: ServiceHarness, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    answer = await upload(hall, csv_of(lines))
    assert answer.status_code == 202, answer.text
    await hall.drain()
    return await shown(hall, answer.json()["id"])


async def shown(hall: ServiceHarness, import_id: str) -> dict[str, Any]:
    found = await hall.client.get(f"{API}/receipt-imports/{import_id}", headers=hall.staff("operator"))
    assert found.status_code == 200, found.text
    answer: dict[str, Any] = found.json()
    return answer


async def confirm(hall: ServiceHarness, found: Mapping[str, Any]) -> httpx.Response:
    headers = hall.staff("operator") | {"If-Match": f'"v{found["version"]}"'}
    return await hall.client.post(f"{API}/receipt-imports/{found['id']}/confirmation", headers=headers)


async def booked(hall: ServiceHarness, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found = await checked(hall, lines)
    answer = await confirm(hall, found)
    assert answer.status_code == 202, answer.text
    await hall.drain()
    return await shown(hall, found["id"])


def outcomes(found: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    return {each["outcome"]: (each["lines"], each["amount"]) for each in found["outcomes"]}


async def lines_of(hall: ServiceHarness, found: Mapping[str, Any], **query: Any) -> list[dict[str, Any]]:
    answer = await hall.client.get(
        f"{API}/receipt-imports/{found['id']}/lines", params=query, headers=hall.staff("operator")
    )
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items
