"""The month type. Contribution months (费款所属期) are `YYYY-MM` in the API and on the bus, `YYYYMM` on paper."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import total_ordering
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_API_FORM = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_PAPER_FORM = re.compile(r"([0-9]{4})(0[1-9]|1[0-2])")
_FIRST_YEAR, _LAST_YEAR = 1900, 2999  # anything else is a slip of the finger


@total_ordering
class Month:
    """A calendar month. Ordered; hashable; knows its neighbours.

    A plain class: FastAPI takes a dataclass for a request body where a query parameter is meant.

    Raises:
        ValueError: for a month that does not exist.
    """

    __slots__ = ("_month", "_year")

    def __init__(self, year: int, month: int) -> None:
        if not (_FIRST_YEAR <= year <= _LAST_YEAR and 1 <= month <= 12):
            raise ValueError(f"no such month: {year}-{month}")
        self._year = year
        self._month = month

    @property
    def year(self) -> int:
        """The year, 1900 to 2999."""
        return self._year

    @property
    def month(self) -> int:
        """The month of the year, 1 to 12."""
        return self._month

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Month):
            return NotImplemented
        return (self._year, self._month) == (other._year, other._month)

    def __lt__(self, other: "Month") -> bool:
        if not isinstance(other, Month):
            return NotImplemented
        return (self._year, self._month) < (other._year, other._month)

    def __hash__(self) -> int:
        return hash((self._year, self._month))

    def __repr__(self) -> str:
        return f"Month({self._year}, {self._month})"

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Reads `YYYY-MM`, the form of the API."""
        return cls._read(_API_FORM, text)

    @classmethod
    def parse_compact(cls, text: str) -> "Month":
        """Reads `YYYYMM`, the form of sheets and paper."""
        return cls._read(_PAPER_FORM, text)

    @classmethod
    def _read(cls, form: re.Pattern[str], text: str) -> "Month":
        match = form.fullmatch(text)
        if match is None:
            raise ValueError(f"not a month: {text!r}")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month a day lies in."""
        return cls(day.year, day.month)

    @classmethod
    def range(cls, first: "Month", last: "Month") -> "Iterator[Month]":
        """Every month from `first` to `last`, both included."""
        month = first
        while month <= last:
            yield month
            month = month.next()

    def plus(self, months: int) -> "Month":
        """The month so many months later (earlier, if negative)."""
        index = self.year * 12 + self.month - 1 + months
        return Month(index // 12, index % 12 + 1)

    def next(self) -> "Month":
        """The month after this one."""
        return self.plus(1)

    def previous(self) -> "Month":
        """The month before this one."""
        return self.plus(-1)

    def months_until(self, other: "Month") -> int:
        """How many months `other` is later than this one."""
        return (other.year - self.year) * 12 + other.month - self.month

    def first_day(self) -> date:
        """The 1st of the month."""
        return date(self.year, self.month, 1)

    def last_day(self) -> date:
        """The last day of the month."""
        return self.next().first_day() - timedelta(days=1)

    def compact(self) -> str:
        """`YYYYMM`, the form of sheets and paper."""
        return f"{self.year:04d}{self.month:02d}"

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def from_text(text: str) -> Month:
            try:
                return cls.parse(text)
            except ValueError as fault:
                raise PydanticCustomError("month", "月份应为 YYYY-MM 格式，如 2026-03") from fault

        text_schema = core_schema.no_info_after_validator_function(from_text, core_schema.str_schema())
        return core_schema.json_or_python_schema(
            json_schema=text_schema,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), text_schema]),
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$", "examples": ["2026-03"]}
