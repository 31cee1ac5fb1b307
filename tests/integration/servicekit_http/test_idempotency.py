"""Idempotency-Key: one effect and one answer per key, whatever is repeated, raced or refused."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, text

from servicekit.db.tx import Scope, begin
from servicekit.idempotency import IDEMPOTENCY, KEPT_FOR, clean
from servicekit.ids import uuid7
from tests.integration.servicekit_http.probe import Behaviour, Thing
from tests.support.harness import ServiceHarness

UNIT, OTHER_UNIT = "330200000000000101", "330200000000000102"
NUMBER, SAME_MASK = "330203199003071232", "330203198003071232"
THINGS = "/api/probe/things"


def form(**changes: Any) -> dict[str, Any]:
    return {"name": "a", "number": NUMBER, **changes}


async def count(hall: ServiceHarness) -> int:
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        return await tx.scalar(select(func.count()).select_from(Thing)) or 0


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def test_a_repetition_gets_the_first_answer(hall: ServiceHarness) -> None:
    headers = hall.clerk(UNIT, account_id=uuid7())
    first = await hall.client.post(THINGS, json=form(), headers=headers)
    second = await hall.client.post(THINGS, json=form(), headers=headers)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert await count(hall) == 1


async def test_an_answer_of_an_older_form_is_given_as_it_was(hall: ServiceHarness) -> None:
    """The page repeats a request over an update by which the answer has gained a field."""
    headers = hall.clerk(UNIT)
    first = await hall.client.post(THINGS, json=form(), headers=headers)
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        await tx.execute(text("UPDATE idempotency SET answer = answer - 'number_masked'"))
    again = await hall.client.post(THINGS, json=form(), headers=headers)
    assert again.status_code == first.status_code == 201
    assert again.json() == {name: value for name, value in first.json().items() if name != "number_masked"}
    assert again.headers["idempotency-replayed"] == "true"
    assert await count(hall) == 1
    # Another body under the key is refused as ever.
    assert code(await hall.client.post(THINGS, json=form(size=2), headers=headers)) == (422, "idempotency_key_reused")


async def test_how_the_body_is_written_does_not_matter(hall: ServiceHarness) -> None:
    headers = {**hall.clerk(UNIT), "content-type": "application/json"}
    bodies = (
        f'{{"name":"a","number":"{NUMBER}"}}',
        f'{{ "size": 1,\n "number": " {NUMBER} ", "name": "\\u0061" }}',
    )
    answers = [await hall.client.post(THINGS, content=body, headers=headers) for body in bodies]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("changes", [{"name": "b"}, {"size": 2}, {"number": SAME_MASK}])
async def test_a_key_belongs_to_its_body(hall: ServiceHarness, changes: dict[str, Any]) -> None:
    headers = hall.clerk(UNIT)
    await hall.client.post(THINGS, json=form(), headers=headers)
    answer = await hall.client.post(THINGS, json=form(**changes), headers=headers)
    assert code(answer) == (422, "idempotency_key_reused")
    assert await count(hall) == 1


async def test_a_key_belongs_to_its_path(hall: ServiceHarness) -> None:
    headers = hall.clerk(UNIT)
    assert (await hall.client.post(f"{THINGS}/x/copies", headers=headers)).status_code == 201
    assert (await hall.client.post(f"{THINGS}/x/copies", headers=headers)).status_code == 201
    answer = await hall.client.post(f"{THINGS}/y/copies", headers=headers)
    assert code(answer) == (422, "idempotency_key_reused")
    # Another route is another matter.
    assert (await hall.client.post(THINGS, json=form(), headers=headers)).status_code == 201


async def test_a_key_belongs_to_its_account_and_unit(hall: ServiceHarness) -> None:
    account, key = uuid7(), "the-same-key-everywhere"
    callers = [
        hall.clerk(UNIT, account_id=account),
        hall.clerk(OTHER_UNIT, account_id=account),
        hall.clerk(UNIT, account_id=uuid7()),
    ]
    for number, headers in enumerate(callers):
        body = form(name=f"thing {number}")
        answer = await hall.client.post(THINGS, json=body, headers={**headers, "Idempotency-Key": key})
        assert answer.json()["name"] == f"thing {number}"
    assert await count(hall) == 3


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (None, (428, "idempotency_key_required")),
        ("", (422, "invalid_fields")),
        ("short", (422, "invalid_fields")),
        ("with blanks in it", (422, "invalid_fields")),
        ("x" * 201, (422, "invalid_fields")),
    ],
)
async def test_keys_of_no_use(hall: ServiceHarness, key: str | None, expected: tuple[int, str]) -> None:
    headers = hall.clerk(UNIT)
    del headers["Idempotency-Key"]
    if key is not None:
        headers["Idempotency-Key"] = key
    assert code(await hall.client.post(THINGS, json=form(), headers=headers)) == expected
    assert await count(hall) == 0


async def test_a_second_one_while_the_first_runs_is_told_so(hall: ServiceHarness, behaviour: Behaviour) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        inside.set()
        await go_on.wait()

    behaviour.meanwhile = wait
    headers = hall.clerk(UNIT)
    first = asyncio.create_task(hall.client.post(THINGS, json=form(), headers=headers))
    await inside.wait()
    second = await hall.client.post(THINGS, json=form(), headers=headers)
    assert code(second) == (409, "request_in_progress")
    assert second.headers["retry-after"] == "1"
    go_on.set()
    assert (await first).status_code == 201
    assert (await hall.client.post(THINGS, json=form(), headers=headers)).json() == (await first).json()


async def test_races_have_one_effect_and_one_answer(hall: ServiceHarness) -> None:
    async def one_key(number: int) -> None:
        headers = hall.clerk(UNIT)
        body = form(name=f"race {number}")
        bodies = set()
        for _ in range(3):
            answers = await asyncio.gather(*(hall.client.post(THINGS, json=body, headers=headers) for _ in range(5)))
            assert {answer.status_code for answer in answers} <= {201, 409}
            assert all(code(answer)[1] == "request_in_progress" for answer in answers if answer.status_code == 409)
            bodies |= {answer.text for answer in answers if answer.status_code == 201}
        assert len(bodies) == 1

    for start in range(0, 40, 4):
        await asyncio.gather(*(one_key(number) for number in range(start, start + 4)))
    assert await count(hall) == 40


async def test_a_refusal_may_become_a_success(hall: ServiceHarness, behaviour: Behaviour) -> None:
    headers = hall.clerk(UNIT)
    behaviour.limit = 5
    refused = await hall.client.post(THINGS, json=form(size=9), headers=headers)
    assert code(refused) == (409, "too_big")
    assert refused.json()["errors"][0]["pointer"] == "/size"
    behaviour.limit = 10
    assert (await hall.client.post(THINGS, json=form(size=9), headers=headers)).status_code == 201


async def test_a_crash_leaves_nothing_and_blocks_nothing(hall: ServiceHarness, behaviour: Behaviour) -> None:
    async def crash() -> None:
        raise RuntimeError("on purpose")

    headers = hall.clerk(UNIT)
    behaviour.meanwhile = crash
    assert code(await hall.client.post(THINGS, json=form(), headers=headers)) == (500, "internal_error")
    behaviour.meanwhile = None
    answer = await hall.client.post(THINGS, json=form(), headers=headers)
    assert answer.status_code == 201
    assert "idempotency-replayed" not in answer.headers


async def test_a_failed_commit_is_no_answer(hall: ServiceHarness) -> None:
    assert (await hall.client.post(THINGS, json=form(), headers=hall.clerk(UNIT))).status_code == 201
    headers = hall.clerk(UNIT)
    for _ in range(2):
        answer = await hall.client.post(THINGS, json=form(), headers=headers)
        assert code(answer) == (409, "conflict")
    assert await count(hall) == 1


async def test_public_routes_go_by_the_key_alone(hall: ServiceHarness) -> None:
    headers = {"Idempotency-Key": str(uuid7())}
    answers = [await hall.client.post("/api/probe/open-things", json=form(), headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert await count(hall) == 1
    assert code(await hall.client.post("/api/probe/open-things", json=form())) == (428, "idempotency_key_required")


async def test_keys_are_forgotten_after_two_days(hall: ServiceHarness) -> None:
    account, key = uuid7(), str(uuid7())

    def headers() -> dict[str, str]:
        return {**hall.clerk(UNIT, account_id=account), "Idempotency-Key": key}

    await hall.client.post(THINGS, json=form(), headers=headers())
    hall.clock.advance(KEPT_FOR - timedelta(seconds=1))
    assert (await hall.client.post(THINGS, json=form(), headers=headers())).headers["idempotency-replayed"]
    assert await clean(hall.runtime) == 0
    hall.clock.advance(timedelta(seconds=2))
    again = await hall.client.post(THINGS, json=form(name="b"), headers=headers())
    assert again.status_code == 201
    assert await count(hall) == 2
    hall.clock.advance(KEPT_FOR + timedelta(seconds=1))
    assert await clean(hall.runtime) == 1
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        assert await tx.scalar(select(func.count()).select_from(IDEMPOTENCY)) == 0


async def test_nothing_personal_is_kept_with_a_key(hall: ServiceHarness) -> None:
    await hall.client.post(THINGS, json=form(), headers=hall.clerk(UNIT))
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        row = (await tx.execute(select(IDEMPOTENCY))).one()
        thing = (await tx.scalars(select(Thing))).one()
    for content in (str(row), repr(vars(thing))):
        assert NUMBER not in content
        assert "19900307" not in content
    assert hall.runtime.vault.open("id_number", thing.number_sealed).reveal() == NUMBER
    assert thing.number_index == hall.runtime.vault.index("id_number", f" {NUMBER} ")
