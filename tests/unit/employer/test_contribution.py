"""Golden calculations of contributions, each worked by hand beside it.

Rates and limits: domain.md §5.9 (310 8.5 % and 2 %, 510 0.7 %, 320 4 %, 330 own 8.00 yuan; limits 2024 4,812 to 24,060,
2025 4,986 to 24,930, 2026 5,100 to 25,500). Rounding and clamp: §5.7.
"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from employer.rates.rules import Amounts, Limits, RateValues, contribution

BASIC = RateValues(employer_rate=Decimal("0.085"), own_rate=Decimal("0.02"))  # 310
CIVIL_SERVICE = RateValues(employer_rate=Decimal("0.04"))  # 320
LARGE_CLAIMS = RateValues(own_fixed=Decimal("8.00"))  # 330
MATERNITY = RateValues(employer_rate=Decimal("0.007"))  # 510
LIMITS = {
    2024: Limits(Decimal("4812.00"), Decimal("24060.00")),
    2025: Limits(Decimal("4986.00"), Decimal("24930.00")),
    2026: Limits(Decimal("5100.00"), Decimal("25500.00")),
}


def amounts(base: str, employer: str, own: str) -> Amounts:
    return Amounts(Decimal(base), Decimal(employer), Decimal(own))


@pytest.mark.parametrize(
    ("rate", "year", "wage", "expected"),
    [
        # 8000 × 8.5 % = 680; 8000 × 2 % = 160
        pytest.param(BASIC, 2026, "8000.00", amounts("8000.00", "680.00", "160.00"), id="between-the-limits"),
        # base 5100: × 8.5 % = 433.50; × 2 % = 102
        pytest.param(BASIC, 2026, "3200.00", amounts("5100.00", "433.50", "102.00"), id="below-the-lower-limit"),
        pytest.param(BASIC, 2026, "5099.99", amounts("5100.00", "433.50", "102.00"), id="a-fen-below"),
        pytest.param(BASIC, 2026, "5100.00", amounts("5100.00", "433.50", "102.00"), id="on-the-lower-limit"),
        # 5100.01 × 8.5 % = 433.50085; × 2 % = 102.0002
        pytest.param(BASIC, 2026, "5100.01", amounts("5100.01", "433.50", "102.00"), id="a-fen-above"),
        # base 25500: × 8.5 % = 2167.50; × 2 % = 510
        pytest.param(BASIC, 2026, "99999.99", amounts("25500.00", "2167.50", "510.00"), id="above-the-upper-limit"),
        # the same wage under each year's limits: 4812 × 8.5 % = 409.02, 4986 × 8.5 % = 423.81
        pytest.param(BASIC, 2024, "4000.00", amounts("4812.00", "409.02", "96.24"), id="limits-of-2024"),
        pytest.param(BASIC, 2025, "4000.00", amounts("4986.00", "423.81", "99.72"), id="limits-of-2025"),
        # 24930 × 8.5 % = 2119.05
        pytest.param(BASIC, 2025, "25000.00", amounts("24930.00", "2119.05", "498.60"), id="upper-limit-of-2025"),
        # 6000.10 × 8.5 % = 510.0085 -> 510.01; × 2 % = 120.002 -> 120.00
        pytest.param(BASIC, 2026, "6000.10", amounts("6000.10", "510.01", "120.00"), id="rounded-up"),
        # 5555.25 × 2 % = 111.105 -> 111.11 (half up; half to even would give 111.10); × 8.5 % = 472.19625
        pytest.param(BASIC, 2026, "5555.25", amounts("5555.25", "472.20", "111.11"), id="half-goes-up-from-odd"),
        # 5555.75 × 2 % = 111.115 -> 111.12; × 8.5 % = 472.23875
        pytest.param(BASIC, 2026, "5555.75", amounts("5555.75", "472.24", "111.12"), id="half-goes-up-from-even"),
        # 5105.00 × 0.7 % = 35.735 -> 35.74
        pytest.param(MATERNITY, 2026, "5105.00", amounts("5105.00", "35.74", "0.00"), id="maternity-half-up"),
        # 5100 × 0.7 % = 35.70
        pytest.param(MATERNITY, 2026, "1.00", amounts("5100.00", "35.70", "0.00"), id="maternity-at-the-lower-limit"),
        # 7654.32 × 4 % = 306.1728 -> 306.17
        pytest.param(CIVIL_SERVICE, 2026, "7654.32", amounts("7654.32", "306.17", "0.00"), id="civil-service"),
        pytest.param(LARGE_CLAIMS, 2026, "8000.00", amounts("8000.00", "0.00", "8.00"), id="fixed-amount"),
        pytest.param(LARGE_CLAIMS, 2024, "0.01", amounts("4812.00", "0.00", "8.00"), id="fixed-whatever-the-wage"),
    ],
)
def test_worked_by_hand(rate: RateValues, year: int, wage: str, expected: Amounts) -> None:
    assert contribution(Decimal(wage), rate, LIMITS[year]) == expected


def test_each_share_is_rounded_for_itself() -> None:
    # 5101.50 × 8.5 % = 433.6275 -> 433.63 and × 2 % = 102.03; × 10.5 % at once would be 535.6575 -> 535.66, the same,
    # but 5103.70: 433.8145 -> 433.81 and 102.074 -> 102.07 make 535.88, while 10.5 % at once makes 535.8885 -> 535.89.
    found = contribution(Decimal("5103.70"), BASIC, LIMITS[2026])
    assert (found.employer, found.own) == (Decimal("433.81"), Decimal("102.07"))


money = st.decimals(min_value="0.01", max_value="999999.99", places=2)


@given(money)
def test_base_lies_within_the_limits_and_shares_within_half_a_fen(wage: Decimal) -> None:
    found = contribution(wage, BASIC, LIMITS[2026])
    assert LIMITS[2026].lower <= found.base <= LIMITS[2026].upper
    assert abs(found.employer - found.base * BASIC.employer_rate) <= Decimal("0.005")
    assert abs(found.own - found.base * BASIC.own_rate) <= Decimal("0.005")
    assert found.employer.as_tuple().exponent == found.own.as_tuple().exponent == -2
