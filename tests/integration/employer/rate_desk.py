"""Two operators at 费率与基数: one proposes, the other decides."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx

from servicekit.ids import uuid7
from tests.integration.employer.office import API
from tests.support.harness import ServiceHarness

FIRST, SECOND = uuid7(), uuid7()
"""Two operators."""


def rate_form(**changes: Any) -> dict[str, Any]:
    return {
        "insurance": "310",
        "employer_kind": "10",
        "first_month": "2026-03",
        "employer_rate": "0.09",
        "own_rate": "0.02",
        "source": "示例文件2026年1号",
    } | changes


def limits_form(**changes: Any) -> dict[str, Any]:
    return {"year": 2027, "lower": "5300.00", "upper": "26500.00", "source": "示例文件2026年2号"} | changes


async def propose(hall: ServiceHarness, what: str, form: Mapping[str, Any], who: UUID = FIRST) -> httpx.Response:
    headers = hall.staff("operator", account_id=who)
    return await hall.client.post(f"{API}/rate-changes/{what}", json=dict(form), headers=headers)


async def decide(hall: ServiceHarness, change: Mapping[str, Any], who: UUID = SECOND, **form: Any) -> httpx.Response:
    headers = hall.staff("operator", account_id=who) | {"If-Match": f'"v{change["version"]}"'}
    body = {"decision": "approve"} | form
    return await hall.client.post(f"{API}/rate-changes/{change['id']}/decision", json=body, headers=headers)


async def approved(hall: ServiceHarness, what: str, form: Mapping[str, Any]) -> dict[str, Any]:
    proposed = await propose(hall, what, form)
    assert proposed.status_code == 201, proposed.text
    answer = await decide(hall, proposed.json())
    assert answer.status_code == 200, answer.text
    change: dict[str, Any] = answer.json()
    return change


async def table(hall: ServiceHarness) -> dict[str, Any]:
    answer = await hall.client.get(f"{API}/rates", headers=hall.staff("operator"))
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found
