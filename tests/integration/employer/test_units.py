"""Opening insured units, and looking at them."""

from typing import Any

import pytest
import sqlalchemy as sa

from contracts.values.month import Month
from employer.contributions import service as ledger
from servicekit.db.tx import Scope, begin
from tests.integration.employer.office import (
    API,
    OTHER_UNIT,
    SCHOOL,
    UNIT,
    assess,
    deliver,
    open_unit,
    rows,
    started,
    unit_form,
)
from tests.support.harness import ServiceHarness


async def test_a_unit_is_opened_and_announced(empty_hall: ServiceHarness) -> None:
    answer = await open_unit(empty_hall)
    assert answer.status_code == 201, answer.text
    assert answer.json() == {
        "employer_no": UNIT,
        "name": "甬江智造科技有限公司",
        "uscc": "91330200MA2A0B1C3J",
        "kind": "10",
        "kind_name": "企业",
        "virtual": False,
        "status": "open",
        "online_declaration": True,
    }
    (news,) = await rows(empty_hall, "SELECT type, envelope -> 'data' AS data FROM outbox")
    assert news.type == "employer.employer_opened.v1"
    assert news.data == {
        "employer_no": UNIT,
        "uscc": "91330200MA2A0B1C3J",
        "name": "甬江智造科技有限公司",
        "kind": "10",
        "virtual": False,
        "online_declaration": True,
        "insurances": ["310", "330", "510"],
        "status": "open",
        "version": 1,
    }
    (audited,) = await rows(empty_hall, "SELECT chain, action, actor_kind FROM audit_log")
    assert tuple(audited) == (UNIT, "employer.opened", "operator")


async def test_a_virtual_unit_may_not_declare_online(empty_hall: ServiceHarness) -> None:
    answer = await open_unit(empty_hall, name="失业人员参保虚拟单位", kind="99", uscc="330200XNDW00000001")
    assert (answer.json()["virtual"], answer.json()["online_declaration"]) == (True, False)


async def test_one_credit_code_may_own_several_units(hall: ServiceHarness) -> None:
    found = await hall.client.get(f"{API}/employers?q=91330200ma2a0b1c3j", headers=hall.staff("operator"))
    assert [item["employer_no"] for item in found.json()["items"]] == [UNIT, OTHER_UNIT]


async def test_a_number_is_taken_once(hall: ServiceHarness) -> None:
    answer = await open_unit(hall, UNIT, name="另一家单位")
    assert answer.status_code == 409
    assert answer.json()["code"] == "employer_no_taken"
    assert answer.json()["errors"][0]["pointer"] == "/employer_no"
    assert len(await rows(hall, "SELECT 1 FROM units WHERE name = '另一家单位'")) == 0


async def test_the_same_request_twice_opens_one_unit(empty_hall: ServiceHarness) -> None:
    headers = empty_hall.staff("operator")
    answers = [await empty_hall.client.post(f"{API}/employers", json=unit_form(), headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len(await rows(empty_hall, "SELECT 1 FROM outbox")) == 1


_BAD_FORMS: list[tuple[dict[str, Any], int, list[str] | None]] = [
    ({"uscc": "91330200MA2A0B1C3K"}, 422, ["/uscc"]),
    ({"uscc": "91330200MA2A0B1C3K", "employer_no": "1"}, 422, ["/employer_no", "/uscc"]),
    ({"kind": "77"}, 409, ["/kind"]),
    ({"billed_from": "2020-01"}, 409, ["/billed_from"]),
    ({"billed_from": "1900-01"}, 409, ["/billed_from"]),
    ({"name": "甬"}, 422, ["/name"]),
    ({"name": None}, 422, ["/name"]),
    ({"name": "甬江\0智造"}, 422, ["/name"]),
    ({"contact": {}}, 422, None),
    ({"registration": {"address": "某路1号", "capital": "-1"}}, 422, ["/registration/capital"]),
    ({"insured_since": "2026-02-30"}, 422, ["/insured_since"]),
    ({"surprise": 1}, 422, ["/surprise"]),
]


async def test_what_cannot_be_opened(empty_hall: ServiceHarness, subtests: pytest.Subtests) -> None:
    for change, status, pointers in _BAD_FORMS:
        with subtests.test(case=repr(change)):
            answer = await open_unit(empty_hall, **change)
            assert answer.status_code == status, answer.text
            faults = answer.json()["errors"]
            assert pointers is None or [fault["pointer"] for fault in faults] == pointers
            assert all(fault["message"] for fault in faults)
            assert await rows(empty_hall, "SELECT 1 FROM units") == []


async def test_only_operators_open_and_list(hall: ServiceHarness) -> None:
    for headers in (hall.clerk(UNIT), hall.staff("reviewer")):
        for method, path, body in (
            ("POST", "/employers", unit_form("330200000000000999")),
            ("GET", "/employers", None),
            ("GET", f"/employers/{UNIT}", None),
        ):
            answer = await hall.client.request(method, f"{API}{path}", json=body, headers=headers)
            assert answer.status_code == 403


async def test_a_clerk_sees_the_units_data(hall: ServiceHarness) -> None:
    for month in ("2026-01", "2026-03", "2026-04"):
        await deliver(hall, started(month=month))
    await assess(hall, "2026-01")
    found = (await hall.client.get(f"{API}/unit", headers=hall.clerk(UNIT))).json()
    basic = found["basic"]
    assert (basic["employer_no"], basic["kind_name"], basic["insured_since"]) == (UNIT, "企业", "2018-05-02")
    assert [item["code"] for item in basic["insurances"]] == ["310", "330", "510"]
    assert basic["insured_people"] == 2  # the third one starts next month
    assert basic["payment"] == {
        "month": "2026-01",
        "status": "0",
        "status_name": "未到账",
        "outstanding": "840.00",  # 8000 × 10.5 %
        "unpaid_months": 1,
        "unpaid_since": "2026-01",
    }
    assert found["contact"]["legal_representative_id_masked"] == "330203********1232"
    assert found["contact"]["legal_representative_phone_masked"] == "138****0101"
    assert found["registration"]["capital"] == "20000000.00"
    text = str(found)
    assert "330203199003071232" not in text
    assert "13805740101" not in text


async def test_a_unit_that_was_never_assessed(hall: ServiceHarness) -> None:
    found = (await hall.client.get(f"{API}/unit", headers=hall.clerk(SCHOOL))).json()
    assert found["basic"]["payment"] == {
        "month": None,
        "status": None,
        "status_name": None,
        "outstanding": "0.00",
        "unpaid_months": 0,
        "unpaid_since": None,
    }
    assert found["basic"]["insured_people"] == 0


async def test_arrears_of_older_months_show_when_the_newest_is_paid(hall: ServiceHarness) -> None:
    await deliver(hall, started(month="2025-12"))
    for month in ("2025-12", "2026-01", "2026-02"):
        await assess(hall, month)

    async def payment() -> dict[str, Any]:
        return dict((await hall.client.get(f"{API}/unit", headers=hall.clerk(UNIT))).json()["basic"]["payment"])

    async def receive(month: Month) -> None:
        async with begin(hall.runtime, scope=Scope.system()) as tx:
            now = hall.runtime.clock.now()
            await ledger.receive_month(tx, month, received_on=now.date(), reference=f"test {month}", now=now)

    await receive(Month(2026, 2))
    seen = await payment()
    assert (seen["month"], seen["status"], seen["outstanding"]) == ("2026-02", "1", "1680.00")
    assert (seen["unpaid_months"], seen["unpaid_since"]) == (2, "2025-12")
    await receive(Month(2025, 12))
    seen = await payment()
    assert (seen["outstanding"], seen["unpaid_months"], seen["unpaid_since"]) == ("840.00", 1, "2026-01")
    await receive(Month(2026, 1))
    seen = await payment()
    assert (seen["status"], seen["outstanding"], seen["unpaid_months"]) == ("1", "0.00", 0)


async def test_personal_values_are_sealed_at_rest(hall: ServiceHarness) -> None:
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        row = (await tx.execute(sa.text("SELECT * FROM unit_contacts LIMIT 1"))).one()
    assert b"330203199003071232" not in bytes(row.legal_representative_id)
    opened = hall.runtime.vault.open("id_number", bytes(row.legal_representative_id))
    assert opened.reveal() == "330203199003071232"


_SEARCHES = [
    ("", [UNIT, OTHER_UNIT, SCHOOL]),
    ("  ", [UNIT, OTHER_UNIT, SCHOOL]),
    (SCHOOL, [SCHOOL]),
    ("智造", [UNIT, OTHER_UNIT]),
    ("鄞州分部", [OTHER_UNIT]),
    ("学", [SCHOOL]),
    ("甬江小学", []),
    ("%", []),
    ("_", []),
    ("造智", []),
]


async def test_searching_units(hall: ServiceHarness, subtests: pytest.Subtests) -> None:
    for text, found in _SEARCHES:
        with subtests.test(case=repr(text)):
            answer = await hall.client.get(f"{API}/employers", params={"q": text}, headers=hall.staff("operator"))
            assert [item["employer_no"] for item in answer.json()["items"]] == found
            assert answer.json()["total"] == len(found)


async def test_bad_search_input_is_no_server_error(hall: ServiceHarness) -> None:
    for params in ({"q": "甬\0江"}, {"q": "长" * 101}, {"page": "0"}, {"page_size": "1000"}, {"page": "x"}):
        answer = await hall.client.get(f"{API}/employers", params=params, headers=hall.staff("operator"))
        assert answer.status_code in (200, 422), answer.text


async def test_an_operator_sees_any_unit(hall: ServiceHarness) -> None:
    answer = await hall.client.get(f"{API}/employers/{SCHOOL}", headers=hall.staff("operator"))
    assert answer.json()["basic"]["name"] == "宁波市海曙区示范小学"
    for unknown, status in (("330200000000009999", 404), ("abc", 422)):
        answer = await hall.client.get(f"{API}/employers/{unknown}", headers=hall.staff("operator"))
        assert answer.status_code == status
