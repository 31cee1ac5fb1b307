"""单位银行账户: changed with a step-up, the old ones kept; the branch comes from the directory."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.integration.employer.office import API, OTHER_UNIT, UNIT, bank_branches, rows
from tests.support.harness import ServiceHarness

FIRST, SECOND, CLOSED = "102332000014", "103332000011", "102332000026"
GOOD: dict[str, Any] = {
    "branch_code": FIRST,
    "account_name": "甬江智造科技有限公司",
    "account_number": "3901 0001 0900 0000 001",
}


@pytest.fixture(autouse=True)
async def directory(hall: ServiceHarness) -> None:
    branches = [("102", FIRST, "工行鄞州支行", "启用"), ("103", SECOND, "农行海曙支行", "启用")]
    await bank_branches(hall, [*branches, ("102", CLOSED, "工行老支行", "停用")])


async def change(hall: ServiceHarness, version: int = 0, *, stepped_up: bool = True, **changes: Any) -> httpx.Response:
    headers = hall.clerk(UNIT, ("maintain",), stepped_up=stepped_up) | {"If-Match": f'"v{version}"'}
    return await hall.client.put(f"{API}/unit/bank-account", json={**GOOD, **changes}, headers=headers)


async def history(hall: ServiceHarness, unit: str = UNIT) -> Any:
    return (await hall.client.get(f"{API}/unit/bank-accounts", headers=hall.clerk(unit))).json()["items"]


async def test_an_account_is_given_and_changed_and_the_old_one_stays_in_its_history(hall: ServiceHarness) -> None:
    answer = await change(hall)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"v1"'), answer.text
    answer = await change(hall, 1, branch_code=SECOND, account_number="622848001")
    assert answer.json()["number"] == 2
    present, before = await history(hall)
    assert (present["branch_name"], present["account_number_masked"], present["until"]) == (
        "农行海曙支行",
        "*****8001",
        None,
    )
    assert (before["branch_name"], before["bank_class_name"], before["account_number_masked"]) == (
        "工行鄞州支行",
        "中国工商银行",
        "***************0001",
    )
    assert before["until"] == present["since"]
    unit = (await hall.client.get(f"{API}/unit", headers=hall.clerk(UNIT))).json()
    assert unit["basic"]["bank_account"] == present
    audited = await rows(hall, "SELECT facts FROM audit_log WHERE action = 'bank_account.changed' ORDER BY position")
    assert [row.facts for row in audited] == [{"number": 1, "branch": FIRST}, {"number": 2, "branch": SECOND}]


async def test_without_a_step_up_nothing_happens(hall: ServiceHarness) -> None:
    answer = await change(hall, stepped_up=False)
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")
    assert await history(hall) == []


async def test_the_same_account_again_changes_nothing(hall: ServiceHarness) -> None:
    await change(hall)
    answer = await change(hall, 1, account_number="3901000109000000001")
    assert (answer.status_code, answer.json()["number"]) == (200, 1)
    assert len(await history(hall)) == 1


async def test_the_number_is_sealed_and_in_full_on_demand_only(hall: ServiceHarness) -> None:
    await change(hall)
    (kept,) = await rows(hall, "SELECT a::text AS told FROM unit_bank_accounts a")
    assert "3901000109" not in kept.told
    answer = await hall.client.post(
        f"{API}/unit/disclosures", json={"fields": ["bank_account"]}, headers=hall.clerk(UNIT, stepped_up=True)
    )
    assert answer.json()["bank_account"] == "3901000109000000001"


_BAD: list[tuple[dict[str, Any], int, str, str]] = [
    ({"branch_code": "999999999999"}, 409, "branch_unknown", "/branch_code"),
    ({"branch_code": CLOSED}, 409, "branch_unknown", "/branch_code"),
    ({"account_number": "12345"}, 422, "account_number_form", "/account_number"),
    ({"account_number": "62284800abc"}, 422, "account_number_form", "/account_number"),
    ({"account_name": "甬"}, 422, "", "/account_name"),
    ({"account_name": None}, 422, "", "/account_name"),
]


async def test_what_is_no_account_is_refused_at_its_field(hall: ServiceHarness, subtests: pytest.Subtests) -> None:
    for changes, status, code, pointer in _BAD:
        with subtests.test(case=repr(changes)):
            answer = await change(hall, **changes)
            assert answer.status_code == status, answer.text
            (fault,) = answer.json()["errors"]
            assert fault["pointer"] == pointer
            assert code in ("", fault["code"])
            assert "62284800abc" not in answer.text
    assert await history(hall) == []


async def test_of_several_changes_at_once_one_wins(hall: ServiceHarness) -> None:
    answers = await asyncio.gather(*(change(hall, account_number=f"62284800{number}") for number in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 4]
    assert len(await history(hall)) == 1


async def test_another_unit_sees_none_of_it(hall: ServiceHarness) -> None:
    await change(hall)
    assert await history(hall, OTHER_UNIT) == []
    other = (await hall.client.get(f"{API}/unit", headers=hall.clerk(OTHER_UNIT))).json()
    assert other["basic"]["bank_account"] is None
