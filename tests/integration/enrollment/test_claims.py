"""正在审核: who has an application open, as the other reviewers see it. A hint that ends by itself."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx

from tests.integration.enrollment.desk import API, addition, decide, submitted, withdraw
from tests.support.harness import ServiceHarness

FIRST, SECOND = uuid4(), uuid4()


async def _claim(hall: ServiceHarness, no: str, account: Any) -> httpx.Response:
    return await hall.client.put(f"{API}/reviews/{no}/claim", headers=hall.staff(account_id=account))


async def _row(hall: ServiceHarness, no: str, account: Any) -> tuple[bool, bool]:
    """Whether the queue shows that somebody has it open, and that it is the asker."""
    body = {"state": "pending", "no": no}
    answer = await hall.client.post(f"{API}/reviews/searches", json=body, headers=hall.staff(account_id=account))
    (row,) = answer.json()["items"]
    return row["claimed_by"] is not None, row["claimed_by_me"]


async def test_the_first_who_opens_it_is_shown_to_the_others(hall: ServiceHarness) -> None:
    no = (await submitted(hall, addition()))["no"]
    assert await _row(hall, no, FIRST) == (False, False)

    assert (await _claim(hall, no, FIRST)).json()["mine"]
    late = (await _claim(hall, no, SECOND)).json()
    assert (late["mine"], bool(late["reviewer_name"])) == (False, True)
    assert (await _claim(hall, no, FIRST)).json()["mine"]  # renewed
    assert await _row(hall, no, FIRST) == (True, True)
    assert await _row(hall, no, SECOND) == (True, False)

    release = f"{API}/reviews/{no}/claim"
    assert (await hall.client.delete(release, headers=hall.staff(account_id=SECOND))).status_code == 204
    assert await _row(hall, no, SECOND) == (True, False)  # not theirs to end
    assert (await hall.client.delete(release, headers=hall.staff(account_id=FIRST))).status_code == 204
    assert await _row(hall, no, FIRST) == (False, False)
    assert (await _claim(hall, no, SECOND)).json()["mine"]


async def test_it_ends_by_itself_and_keeps_nobody_out(hall: ServiceHarness) -> None:
    forgotten, decided = [(await submitted(hall, addition()))["no"] for _ in range(2)]
    for no in (forgotten, decided):
        assert (await _claim(hall, no, FIRST)).json()["mine"]
    answer = await decide(hall, decided, headers=hall.staff(account_id=SECOND))
    assert answer.json()["status"] == "approved"

    hall.clock.advance(timedelta(minutes=3))
    assert await _row(hall, forgotten, FIRST) == (False, False)
    assert (await _claim(hall, forgotten, SECOND)).json()["mine"]


async def test_what_is_decided_or_unknown_is_not_claimed(hall: ServiceHarness) -> None:
    no = (await submitted(hall, addition()))["no"]
    assert (await withdraw(hall, no)).status_code == 200
    late = await _claim(hall, no, FIRST)
    assert (late.status_code, late.json()["code"]) == (409, "application_final")
    assert (await _claim(hall, "20260310-99999999", FIRST)).status_code == 404
