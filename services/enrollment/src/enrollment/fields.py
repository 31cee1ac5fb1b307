"""Reading the text fields of a form: everything that is wrong, each at its JSON pointer, all at once.

A page and a row of a batch sheet both arrive here as texts, and both leave as checked values or as faults in Chinese.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from contracts.values.month import Month
from enrollment.dictionaries.rules import Dictionary
from servicekit.refusals import FieldFault

_MONEY = re.compile(r"(?P<yuan>[0-9]{1,9})(?:\.[0-9]{1,2})?")
_MORE_DECIMALS = re.compile(r"[0-9]+\.[0-9]{3,}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LINE_BREAKS = re.compile(r"[\r\n\t]+")
_EARLIEST_DAY = date(1850, 1, 1)


class FieldReader:
    """Reads one module of a form. Every method returns the value, or None when it is absent or at fault."""

    def __init__(self, fields: Mapping[str, str | None], pointer: str, dictionary: Dictionary) -> None:
        self._fields = fields
        self._pointer = pointer
        self._dictionary = dictionary
        self.faults: list[FieldFault] = []

    def fault(self, name: str, code: str, message: str) -> None:
        """Notes a fault of a field."""
        self.faults.append(FieldFault(pointer=f"{self._pointer}/{name}", code=code, message=message))

    def text(self, name: str, label: str, *, required: bool = False, longest: int = 200) -> str | None:
        """A text without surrounding blanks; characters that nobody can see are refused."""
        value = (self._fields.get(name) or "").strip()
        printable = value.isprintable()  # nearly always, and much quicker than looking at each character
        if not printable:
            value = _LINE_BREAKS.sub(" ", value)
        if not value:
            if required:
                self.fault(name, "required", f"请填写{label}")
            return None
        if len(value) > longest:
            self.fault(name, "too_long", f"{label}不能超过{longest}个字，当前为{len(value)}个字")
            return None
        if not printable and any(unicodedata.category(character) in ("Cc", "Cs", "Co") for character in value):
            self.fault(name, "unreadable_characters", f"{label}含有不可见或无法识别的字符，请重新输入")
            return None
        return value

    def code(self, name: str, label: str, table: str, *, required: bool = False) -> str | None:
        """A code of a code table."""
        value = self.text(name, label, longest=20)
        if value is None:
            if required and not self._failed(name):
                self.fault(name, "required", f"请选择{label}")
            return None
        if not self._dictionary.has(table, value):
            self.fault(name, "unknown_code", f"{label}不在代码表中，请从列表中选择")
            return None
        return value

    def day(self, name: str, label: str, *, required: bool = False) -> date | None:
        """A date, `YYYY-MM-DD`."""
        value = self.text(name, label, required=required, longest=20)
        if value is None:
            return None
        try:
            if not _DAY.fullmatch(value):
                raise ValueError(value)
            day = date.fromisoformat(value)
        except ValueError:
            self.fault(name, "date_form", f"{label}不是有效日期，应为 YYYY-MM-DD，如 1990-03-07")
            return None
        if day < _EARLIEST_DAY:
            self.fault(name, "date_form", f"{label}的年份不正确")
            return None
        return day

    def month(self, name: str, label: str, *, required: bool = False) -> Month | None:
        """A month, `YYYY-MM`."""
        value = self.text(name, label, required=required, longest=20)
        if value is None:
            return None
        try:
            return Month.parse(value)
        except ValueError:
            self.fault(name, "month_form", f"{label}不是有效月份，应为 YYYY-MM，如 2026-03")
            return None

    def money(self, name: str, label: str, *, required: bool = False) -> Decimal | None:
        """An amount of at least one fen with at most two decimals."""
        value = self.text(name, label, required=required, longest=40)
        if value is None:
            return None
        value = unicodedata.normalize("NFKC", value)
        if _MORE_DECIMALS.fullmatch(value):
            self.fault(name, "money_decimals", f"{label}最多保留两位小数")
            return None
        if not _MONEY.fullmatch(value):
            self.fault(name, "money_form", f"{label}应为金额，只填数字，最多两位小数，如 8500.00")
            return None
        amount = Decimal(value).quantize(Decimal("0.01"))
        if amount <= 0:
            self.fault(name, "money_too_small", f"{label}应不小于 0.01 元")
            return None
        return amount

    def matching(self, name: str, label: str, form: str, message: str, *, longest: int = 100) -> str | None:
        """A text of a fixed form, full-width characters taken for plain ones."""
        value = self.text(name, label, longest=longest)
        if value is None:
            return None
        value = unicodedata.normalize("NFKC", value)
        if not re.fullmatch(form, value):
            self.fault(name, f"{name}_form", message)
            return None
        return value

    def _failed(self, name: str) -> bool:
        return any(fault.pointer == f"{self._pointer}/{name}" for fault in self.faults)
