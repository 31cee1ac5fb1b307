"""A cell as a spreadsheet program left it, as the text that the form takes. Pure.

Spreadsheets keep what people typed as numbers, dates or texts as they please: an identity number may have become a
float, a code may have lost its leading zero, a month may be a date. What is unambiguous is read as meant; what has lost
digits is named as such.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from enrollment.batches.columns import Column
from enrollment.dictionaries.rules import Dictionary
from servicekit.sheets.cells import LONGEST_CELL, MOST_DIGITS, Cell, written

_LONGEST_SHOWN = 500

_EXPONENT = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE]\+?[0-9]+")
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?: 0{1,2}:00(?::00(?:\.0+)?)?)?")
_COMPACT_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_MONTH = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})月?(?:[-/.]?0?1日?(?: 0{1,2}:00(?::00)?)?)?")
_COMPACT_MONTH = re.compile(r"([0-9]{4})([0-9]{2})(?:01)?")
_WHOLE_NUMBER = re.compile(r"([0-9]+)\.0+")


@dataclass(frozen=True)
class CellFault:
    """What is wrong with a cell as such, before any rule looks at it."""

    code: str
    message: str


LOST_DIGITS = CellFault(
    "digits_lost",
    "号码以数字格式（科学计数法）保存，末几位已丢失，请将单元格设为文本格式后重新填写完整号码",
)
TOO_LONG = CellFault("cell_too_long", f"内容超过{LONGEST_CELL}个字")
BROKEN_FORMULA = CellFault("formula_error", "单元格是出错的公式，请改为填写内容")
_ERRORS = frozenset({"#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA"})


class CodeNames:
    """What people write for a code: the code, its name, both, or the code without its leading zeros."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._tables: dict[str, dict[str, str]] = {}
        for table, codes in dictionary.tables.items():
            written: dict[str, str] = {}
            for code in codes:
                written.setdefault(code.lstrip("0") or "0", code)
            for code, name in codes.items():
                for text in (name, f"{code} {name}", f"{code}{name}", f"{code}-{name}", code):
                    written[_plain(text)] = code
            self._tables[table] = written

    def code(self, table: str, text: str) -> str | None:
        """The code that is meant, or None."""
        return self._tables.get(table, {}).get(_plain(_whole(text)))


def label_of(code: str, name: str) -> str:
    """How a code is shown in drop-downs: `01 汉族`."""
    return f"{code} {name}"


@dataclass(frozen=True)
class ReadCell:
    """A cell that was read."""

    shown: str = field(repr=False)
    """What one sees in it, not longer than somebody wants to be shown."""
    text: str | None = field(repr=False)
    """What the form's rules get of it; None: nothing."""
    fault: CellFault | None
    """What is wrong with the cell itself."""


_BLANK = ReadCell("", None, None)
_OFTEN_THE_SAME = frozenset({"code", "day", "month", "money"})


class CellReader:
    """Reads the cells of one column. What a sheet says over and over is read once."""

    def __init__(self, column: Column, names: CodeNames) -> None:
        self._column = column
        self._names = names
        self._known: dict[tuple[type, Cell], ReadCell] | None = {} if column.form in _OFTEN_THE_SAME else None

    def read(self, cell: Cell) -> ReadCell:
        """What is in a cell of the column."""
        if cell is None or cell == "":
            return _BLANK
        if self._known is None:
            return self._read(cell)
        key = (type(cell), cell)  # 1, 1.0 and TRUE are the same key without their types
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._read(cell)
        return known

    def _read(self, cell: Cell) -> ReadCell:
        shown = written(cell)
        text, fault = read_cell(cell, shown.strip(), self._column, self._names)
        return ReadCell(shown[:_LONGEST_SHOWN], text, fault)


def read_cell(cell: Cell, text: str, column: Column, names: CodeNames) -> tuple[str | None, CellFault | None]:
    """The text that the form's rules get for a cell with `text` in it; or what is wrong with the cell itself."""
    if not text:
        return None, None
    if len(text) > LONGEST_CELL:
        return None, TOO_LONG
    if text in _ERRORS:
        return None, BROKEN_FORMULA
    if column.form == "identifier":
        return _identifier(cell, text)
    if column.form == "code" and column.table is not None:
        return names.code(column.table, text) or _whole(text), None
    if column.form == "day":
        return _day(_whole(text)), None
    if column.form == "month":
        return _month(_whole(text)), None
    if column.form == "money":
        return unicodedata.normalize("NFKC", text).replace(",", "").removeprefix("¥").strip(), None
    return text, None


def _identifier(cell: Cell, text: str) -> tuple[str | None, CellFault | None]:
    if isinstance(cell, int | float) and abs(cell) >= MOST_DIGITS:
        return None, LOST_DIGITS
    plain = unicodedata.normalize("NFKC", text)
    if _EXPONENT.fullmatch(plain):
        return None, LOST_DIGITS
    return _whole(plain.removeprefix("'")), None


def _whole(text: str) -> str:
    """`202603.0` is 202603: some programs write whole numbers so when they make texts of them."""
    match = _WHOLE_NUMBER.fullmatch(text)
    return match[1] if match else text


def _day(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    match = _DAY.fullmatch(plain) or _COMPACT_DAY.fullmatch(plain)
    return f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}" if match else text


def _month(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    match = _COMPACT_MONTH.fullmatch(plain) or _MONTH.fullmatch(plain)
    return f"{match[1]}-{int(match[2]):02d}" if match else text


def _plain(text: str) -> str:
    """The form in which names of codes are compared."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def code_labels(dictionary: Dictionary, table: str) -> list[str]:
    """The drop-down of a coded field, in the table's order."""
    codes: Mapping[str, str] = dictionary.tables.get(table, {})
    return [label_of(code, name) for code, name in codes.items()]
