"""Column types: contribution months, money, moments."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import Date, DateTime, Dialect, Numeric
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

from contracts.values.month import Month

Money = Numeric(14, 2)
"""Yuan with two decimals, read as `Decimal`."""
Moment = DateTime(timezone=True)


class MonthType(TypeDecorator[Month]):
    """A `Month` kept as the date of its first day, so that ranges and partitions work in SQL."""

    impl = Date
    cache_ok = True

    def process_bind_param(self, value: Month | None, dialect: Dialect) -> date | None:
        return None if value is None else value.first_day()

    def process_result_value(self, value: Any, dialect: Dialect) -> Month | None:
        return None if value is None else Month.of(value)


def utc_now() -> datetime:
    """Now, aware, in UTC. For technical columns; rules get their time from the business clock as an argument."""
    return datetime.now(UTC)


MoneyColumn = Annotated[Decimal, mapped_column(Money)]
MomentColumn = Annotated[datetime, mapped_column(Moment)]
MonthColumn = Annotated[Month, mapped_column(MonthType)]
