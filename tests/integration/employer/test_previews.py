"""费用测算 over HTTP: by the kind of the clerk's unit, equal to what is assessed later, and what is refused."""

from decimal import Decimal
from typing import Any

import pytest

from tests.integration.employer.office import API, SCHOOL, UNIT, assess, deliver, ledger, started
from tests.support.harness import ServiceHarness


async def _preview(hall: ServiceHarness, *, unit: str = UNIT, **form: Any) -> Any:
    body = {"months": ["2026-03"], "monthly_wage": "8000.00", **form}
    return await hall.client.post(f"{API}/cost-previews", json=body, headers=hall.clerk(unit, ("declare",)))


async def test_a_month_of_an_enterprise_and_of_a_school(hall: ServiceHarness) -> None:
    answer = await _preview(hall)
    assert answer.status_code == 200, answer.text
    assert answer.json()["exempt"] is False
    (month,) = answer.json()["months"]
    assert {line["insurance"]: (line["employer_amount"], line["own_amount"]) for line in month["lines"]} == {
        "310": ("680.00", "160.00"),
        "510": ("56.00", "0.00"),
        "330": ("0.00", "8.00"),
    }
    assert (month["employer_amount"], month["own_amount"], month["amount_total"]) == ("736.00", "168.00", "904.00")
    assert (month["base"], month["clamped"], month["lower"], month["upper"]) == ("8000.00", None, "5100.00", "25500.00")

    (school,) = (await _preview(hall, unit=SCHOOL)).json()["months"]
    assert [line["insurance"] for line in school["lines"]] == ["310", "320", "330", "510"]
    assert school["employer_amount"] == "1056.00"


async def test_limits_of_each_month(hall: ServiceHarness) -> None:
    answer = (await _preview(hall, months=["2026-01", "2025-12"], monthly_wage="5000.00")).json()
    assert [(month["month"], month["base"], month["clamped"]) for month in answer["months"]] == [
        ("2025-12", "5000.00", None),
        ("2026-01", "5100.00", "lower"),
    ]


async def test_pensioners_pay_nothing(hall: ServiceHarness) -> None:
    answer = (await _preview(hall, person_category="1201")).json()
    assert answer["exempt"] is True
    assert answer["months"][0]["amount_total"] == "0.00"


@pytest.mark.parametrize("wage", ["3000.00", "5555.25", "8000.00", "30000.00"])
@pytest.mark.parametrize("category", ["1101", "1201"])
async def test_what_was_shown_is_what_is_assessed(hall: ServiceHarness, wage: str, category: str) -> None:
    (shown,) = (await _preview(hall, monthly_wage=wage, person_category=category)).json()["months"]
    first = started(month="2026-03", wage=wage, category=category)
    for insurance in ("310", "510", "330"):
        start = started(person_id=first.person_id, insurance=insurance, month="2026-03", wage=wage, category=category)
        await deliver(hall, start)
    await assess(hall, "2026-03")

    owed = await ledger(hall, first.person_id)
    if category == "1201":
        assert owed == []
        assert Decimal(shown["amount_total"]) == 0
        return
    lines = {line["insurance"]: (line["employer_amount"], line["own_amount"]) for line in shown["lines"]}
    assert {row[1]: (row[3], row[4]) for row in owed} == lines
    assert {row[2] for row in owed} == {shown["base"]}


async def test_refused(hall: ServiceHarness) -> None:
    for form, pointer in (
        ({"monthly_wage": "0"}, "/monthly_wage"),
        ({"monthly_wage": "8000.001"}, "/monthly_wage"),
        ({"monthly_wage": "many"}, "/monthly_wage"),
        ({"months": []}, "/months"),
        ({"months": ["2026-13"]}, "/months/0"),
        ({"person_category": "退休"}, "/person_category"),
    ):
        answer = await _preview(hall, **form)
        assert answer.status_code == 422, answer.text
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]

    unknown = await _preview(hall, months=["2031-01"])
    assert (unknown.status_code, unknown.json()["code"]) == (409, "rates_missing")
    assert "2031年缴费基数上下限" in unknown.json()["detail"]
    nobody = await _preview(hall, unit="330200000000009999")
    assert nobody.status_code == 404
