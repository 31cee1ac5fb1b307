"""The preview of a month's contributions. Pure; the amounts come from the same rule as the assessment's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from contracts.values.month import Month
from employer.rates.rules import Amounts, Limits, MonthRates, RatesMissing, RateValues, contribution

Clamp = Literal["lower", "upper"]


@dataclass(frozen=True, slots=True)
class MonthCost:
    """What one person costs in one month, in yuan, by insurance type."""

    month: Month
    limits: Limits
    base: Decimal
    clamped: Clamp | None
    """Which limit the base was brought to; None where the wage itself is the base."""
    lines: Mapping[str, Amounts]

    @property
    def employer(self) -> Decimal:
        """The employer's share of all types."""
        return sum((line.employer for line in self.lines.values()), Decimal("0.00"))

    @property
    def own(self) -> Decimal:
        """The person's own share of all types."""
        return sum((line.own for line in self.lines.values()), Decimal("0.00"))


def month_cost(
    wage: Decimal, insurances: Sequence[str], known: MonthRates, *, exempt: bool, names: Mapping[str, str]
) -> MonthCost:
    """What a person of this wage costs in a month; people of an exempt category (退休) cost nothing (rule 10).

    Raises:
        RatesMissing: a rate or the limits of the month are not known.
    """
    missing = [f"{names.get(code, code)}费率" for code in insurances if code not in known.rates]
    if known.limits is None:
        raise RatesMissing(known.month, [*missing, f"{known.month.year}年缴费基数上下限"])
    if missing:
        raise RatesMissing(known.month, missing)
    limits = known.limits
    lines = {code: contribution(wage, known.rates[code], limits) for code in insurances}
    base = contribution(wage, RateValues(), limits).base
    if exempt:
        lines = {code: Amounts(base, Decimal("0.00"), Decimal("0.00")) for code in insurances}
    return MonthCost(known.month, limits, base, _clamped(wage, limits), lines)


def _clamped(wage: Decimal, limits: Limits) -> Clamp | None:
    if wage < limits.lower:
        return "lower"
    return "upper" if wage > limits.upper else None
