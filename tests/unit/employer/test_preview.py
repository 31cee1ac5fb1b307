"""What a declaration will cost: the sums by hand, the limits, pensioners, and months nobody knows rates of."""

from decimal import Decimal

import pytest

from contracts.values.month import Month
from employer.previews.rules import Clamp, month_cost
from employer.rates.rules import Limits, MonthRates, RatesMissing, RateValues

RATES = {
    "310": RateValues(employer_rate=Decimal("0.085"), own_rate=Decimal("0.02")),
    "510": RateValues(employer_rate=Decimal("0.007")),
    "330": RateValues(own_fixed=Decimal("8.00")),
    "320": RateValues(employer_rate=Decimal("0.04")),
}
MARCH = MonthRates(Month(2026, 3), Limits(Decimal("5100.00"), Decimal("25500.00")), RATES)
ENTERPRISE, PUBLIC = ("310", "510", "330"), ("310", "510", "330", "320")


@pytest.mark.parametrize(
    ("wage", "insurances", "base", "clamped", "employer", "own"),
    [
        # 8000: 8.5 % 680.00 + 0.7 % 56.00 = 736.00; 2 % 160.00 + 8.00 = 168.00
        ("8000.00", ENTERPRISE, "8000.00", None, "736.00", "168.00"),
        # and for a school 4 % 320.00 on top
        ("8000.00", PUBLIC, "8000.00", None, "1056.00", "168.00"),
        # base 5100: 433.50 + 35.70; 102.00 + 8.00
        ("3200.00", ENTERPRISE, "5100.00", "lower", "469.20", "110.00"),
        ("5100.00", ENTERPRISE, "5100.00", None, "469.20", "110.00"),
        # base 25500: 2167.50 + 178.50; 510.00 + 8.00
        ("99999.00", ENTERPRISE, "25500.00", "upper", "2346.00", "518.00"),
        # each row for itself: 5555.25 × 8.5 % = 472.20, × 0.7 % = 38.89 (38.88675); × 2 % = 111.11 (111.105)
        ("5555.25", ENTERPRISE, "5555.25", None, "511.09", "119.11"),
    ],
)
def test_month(wage: str, insurances: tuple[str, ...], base: str, clamped: Clamp, employer: str, own: str) -> None:
    cost = month_cost(Decimal(wage), insurances, MARCH, exempt=False, names={})
    assert tuple(cost.lines) == insurances
    assert (str(cost.base), cost.clamped) == (base, clamped)
    assert (str(cost.employer), str(cost.own)) == (employer, own)


def test_pensioners_cost_nothing() -> None:
    cost = month_cost(Decimal("8000.00"), ENTERPRISE, MARCH, exempt=True, names={})
    assert (cost.employer, cost.own) == (Decimal(0), Decimal(0))
    assert tuple(cost.lines) == ENTERPRISE


@pytest.mark.parametrize(
    ("known", "missing"),
    [
        (MonthRates(Month(2027, 1), None, RATES), "2027年缴费基数上下限"),
        (MonthRates(Month(2026, 3), MARCH.limits, {"310": RATES["310"]}), "生育保险费率"),
    ],
)
def test_months_nobody_knows_the_rates_of(known: MonthRates, missing: str) -> None:
    with pytest.raises(RatesMissing) as said:
        month_cost(Decimal("8000.00"), ENTERPRISE, known, exempt=False, names={"510": "生育保险"})
    assert missing in said.value.detail
