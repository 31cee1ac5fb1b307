"""What rates and limits do to a wage. Pure. The figures themselves are data (`models`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from contracts.values.money import round_half_up
from contracts.values.month import Month
from servicekit.refusals import Refusal


@dataclass(frozen=True, slots=True)
class RateValues:
    """A rate as it is valid in one month: shares of the base, and fixed amounts in yuan beside them."""

    employer_rate: Decimal = Decimal(0)
    own_rate: Decimal = Decimal(0)
    employer_fixed: Decimal = Decimal(0)
    own_fixed: Decimal = Decimal(0)
    rounding: int = 2
    """Decimals each share is rounded to."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Lower and upper limit of the base in one month, in yuan."""

    lower: Decimal
    upper: Decimal


@dataclass(frozen=True, slots=True)
class MonthRates:
    """What is valid in one month for one kind of employer; a rate or the limits may not be known yet."""

    month: Month
    limits: Limits | None
    rates: Mapping[str, RateValues]
    """By insurance type."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """One month's contribution of one person for one insurance type, in yuan."""

    base: Decimal
    employer: Decimal
    own: Decimal


class RatesMissing(Refusal):
    """A month can't be assessed before its rates and limits are known."""

    code = "rates_missing"
    title = "费率表不完整"

    def __init__(self, month: Month, missing: Iterable[str]) -> None:
        super().__init__(f"{month} 尚缺：{'、'.join(missing)}。请先维护费率表和缴费基数上下限。", pointer="/month")


def contribution(wage: Decimal, rate: RateValues, limits: Limits) -> Amounts:
    """Base and shares of one month (domain rule 7): clamp first, then round each share by itself, half up
    to the fen or to what the rate says.

    The assessment does the same in SQL for millions of rows; tests hold the two against each other.
    """
    base = round_half_up(min(max(wage, limits.lower), limits.upper))
    return Amounts(
        base=base,
        employer=_rounded(base * rate.employer_rate, rate.rounding) + rate.employer_fixed,
        own=_rounded(base * rate.own_rate, rate.rounding) + rate.own_fixed,
    )


def _rounded(amount: Decimal, decimals: int) -> Decimal:
    return round_half_up(amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))
