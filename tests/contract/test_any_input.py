"""Whatever comes in, no service answers with a failure of its own; what it refuses, it refuses as a problem in Chinese.

Every operation of each service's OpenAPI document gets made-up requests under every kind of authority.
"""

import asyncio
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from servicekit import logs
from servicekit.auth import INTERNAL_AUDIENCE
from tests.contract.guesses import Guess, Guesser, Operation, operations
from tests.contract.running import NAMES, UNIT, running
from tests.integration.identity.entrance import GATEWAY_SECRET, REPORTING_SECRET
from tests.support.databases import TestDatabases
from tests.support.harness import ServiceHarness

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_TRIES = 32
_AUTHORITIES: tuple[dict[str, Any] | None, ...] = (
    {"employer_no": UNIT},
    {"kind": "reviewer"},
    {"kind": "operator"},
    {"employer_no": UNIT, "audience": INTERNAL_AUDIENCE, "via": "delegation"},
    {"kind": "legal_representative"},
    {"kind": "person"},
    {"employer_no": UNIT, "perms": []},
    None,
)


@pytest.fixture(autouse=True)
def lines() -> Iterator[io.StringIO]:
    """What the services log."""
    before = structlog.get_config()
    stream = io.StringIO()
    logs.configure("tests", "ERROR", stream=stream)
    yield stream
    structlog.configure(**before)


async def _send(hall: ServiceHarness, operation: Operation, guess: Guess, headers: dict[str, str]) -> httpx.Response:
    content = None if guess.body is None and operation.method == "get" else json.dumps(guess.body).encode()
    if content is not None:
        headers = {"content-type": "application/json", **headers}
    sending = hall.client.request(
        operation.method.upper(), guess.path, params=guess.query, content=content, headers=headers
    )
    return await asyncio.wait_for(sending, 20)


async def _headers_that_fit(hall: ServiceHarness, operation: Operation) -> list[dict[str, str]]:
    """Every kind of authority, and those that are let in several times: they alone reach the rules."""
    offered = [{} if claims is None else hall.tokens.headers(**claims) for claims in _AUTHORITIES]
    offered += [{"Authorization": f"Bearer {secret}"} for secret in (GATEWAY_SECRET, REPORTING_SECRET)]
    guess = Guesser("probing").guess(operation)
    fitting = []
    for headers in offered:
        answer = await _send(hall, operation, guess, {**guess.headers, **headers})
        if answer.status_code not in (401, 403):
            fitting.append(headers)
    return [*fitting, *fitting, *fitting, *offered] if fitting else offered


@pytest.mark.parametrize("name", NAMES)
async def test_never_a_failure_always_a_problem(
    name: str, databases: TestDatabases, tmp_path: Path, lines: io.StringIO
) -> None:
    statuses: Counter[int] = Counter()
    failures: list[str] = []
    async with running(name, databases, tmp_path) as hall:
        for operation in operations(hall.app.openapi()):
            guesser = Guesser(str(operation))
            authorities = await _headers_that_fit(hall, operation)
            for number in range(_TRIES):
                guess = guesser.guess(operation)
                headers = {**guess.headers, **authorities[number % len(authorities)]}
                answer = await _send(hall, operation, guess, headers)
                statuses[answer.status_code] += 1
                failures += [f"{operation} {guess}: {fault}" for fault in _faults(operation, answer)]
    assert failures == [], "\n".join([*failures[:5], lines.getvalue()[:4000]])
    assert sum(count for status, count in statuses.items() if status < 300) > 0, statuses
    assert statuses[422] > 0


def _faults(operation: Operation, answer: httpx.Response) -> Iterator[str]:
    status = answer.status_code
    if status >= 500:
        yield f"answered {status}: {answer.text[:300]}"
    if not operation.documents(status):
        yield f"{status} is not documented"
    if status < 400:
        return
    if answer.headers.get("content-type") != "application/problem+json":
        yield f"{status} is no problem+json but {answer.headers.get('content-type')}"
        return
    body = answer.json()
    told = (body["title"], body["detail"], *(error["message"] for error in body["errors"]))
    if not all(_CHINESE.search(text) for text in told):
        yield f"not in Chinese: {told}"
    if body["status"] != status or not body["code"] or not body["trace_id"]:
        yield f"incomplete: {body}"
