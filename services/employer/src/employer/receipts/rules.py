"""Rules of receipts. Pure: what a line of the file says, what it does to what is owed, which stage follows which."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, get_args

from contracts.values.month import Month
from servicekit.refusals import FieldFault, InvalidFields, NotFound, Refusal

Stage = Literal["checking", "refused", "checked", "booking", "booked"]
Outcome = Literal["matched", "partial", "overpaid", "unknown", "duplicate", "faulty"]
STAGES: tuple[Stage, ...] = get_args(Stage)
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
BOOKABLE: tuple[Outcome, ...] = ("matched", "partial", "overpaid")
"""What a confirmation books."""
Returned = Literal["faulty", "unknown"]
"""Lines that somebody must look into, and that can be had as a file."""

MAX_FILE_BYTES = 16 * 2**20
MAX_LINES = 200_000
LONGEST_REFERENCE = 64
_MOST = Decimal(10) ** 12
_FIRST_YEAR = 1990

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "employer_no": ("单位编号", "参保单位编号", "社保编号"),
    "employer_name": ("单位名称", "缴费单位名称", "纳税人名称"),
    "month": ("费款所属期", "所属期", "费款所属月份"),
    "insurance": ("险种类型", "险种", "征收品目"),
    "amount": ("到账金额", "实缴金额", "金额"),
    "received_on": ("到账日期", "入库日期", "缴款日期"),
    "reference": ("缴款流水号", "电子税票号码", "税票号码", "凭证号"),
}
"""What each column may be called; the first name is the one of the hall."""
REQUIRED = ("employer_no", "month", "insurance", "amount", "received_on", "reference")

_MONTH = re.compile(r"([0-9]{4})[-/.年]?([0-9]{1,2})(?:月|[-/.]0?1)?")
_DAY = re.compile(r"([0-9]{4})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})日?(?: 00:00(?::00)?)?")


class FileEmpty(InvalidFields):
    """Nothing was uploaded."""

    def __init__(self) -> None:
        super().__init__(
            [FieldFault("/file", "file_empty", "文件是空的，请选择到账文件")], "文件是空的，请选择到账文件"
        )


class FileTooLarge(InvalidFields):
    """More than one upload may carry."""

    def __init__(self) -> None:
        words = f"文件超过{MAX_FILE_BYTES // 2**20} MB，请分成几个文件上传"
        super().__init__([FieldFault("/file", "file_too_large", words)], words)


class ImportNotFound(NotFound):
    """There is no such import."""

    code = "receipt_import_not_found"
    title = "到账批次不存在"
    detail = "该到账批次不存在。"


class NothingToReturn(NotFound):
    """No line of the import has that outcome."""

    code = "no_such_lines"
    title = "没有可下载的数据"
    detail = "该到账批次没有这类数据可供下载。"


class NotChecked(Refusal):
    """Only what was checked can be booked."""

    code = "receipts_not_checked"
    title = "到账批次尚不能入账"
    detail = "文件检查完成、且有可入账的数据后才能入账。"


@dataclass(frozen=True, slots=True)
class Group:
    """What a receipt is for: a unit, a month, an insurance type."""

    employer_no: str
    month: Month
    insurance: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line that can be read."""

    group: Group
    amount: Decimal
    received_on: date
    reference: str


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong with a cell; `column` is its heading."""

    column: str
    message: str


def read_line(cells: Mapping[str, str], *, insurances: Mapping[str, str], today: date) -> Line | list[LineFault]:
    """A line of the file, or everything that is wrong with it. `insurances` are the names by code."""
    readers: Mapping[str, Callable[[str], Any]] = {
        "employer_no": _employer_no,
        "month": _month,
        "insurance": lambda text: _insurance(text, insurances),
        "amount": _amount,
        "received_on": lambda text: _day(text, today),
        "reference": _reference,
    }
    values: dict[str, Any] = {}
    faults: list[LineFault] = []
    for column, read in readers.items():
        text = unicodedata.normalize("NFKC", cells.get(column, "")).strip()
        try:
            if not text:
                raise _Wrong("不能为空")
            values[column] = read(text)
        except _Wrong as wrong:
            faults.append(LineFault(HEADINGS[column][0], str(wrong)))
    if faults:
        return faults
    group = Group(values["employer_no"], values["month"], values["insurance"])
    return Line(group, values["amount"], values["received_on"], values["reference"])


def outcome_of(amount: Decimal, still_open: Decimal | None) -> Outcome:
    """What a receipt does to what is still open; None: nothing was ever assessed that it could be for."""
    if still_open is None:
        return "unknown"
    if amount > still_open:
        return "overpaid"
    return "matched" if amount == still_open else "partial"


def check_file(name: str | None, size: int) -> str:
    """The name of an uploaded file of a size that can be taken.

    Raises:
        FileEmpty, FileTooLarge.
    """
    if size == 0:
        raise FileEmpty
    if size > MAX_FILE_BYTES:
        raise FileTooLarge
    shown = "".join(character for character in (name or "") if character.isprintable())
    return (shown.replace("\\", "/").rpartition("/")[2].strip() or "未命名文件")[:120]


def check_may_book(stage: Stage, counts: Mapping[str, int]) -> None:
    """Whether a confirmation has something to do. After booking, lines that were unknown may be tried again.

    Raises:
        NotChecked.
    """
    if stage == "booked" and counts.get("unknown"):
        return
    if stage != "checked" or not any(counts.get(outcome) for outcome in BOOKABLE):
        raise NotChecked


class _Wrong(Exception):
    """What is wrong with a cell, in Chinese."""


def _employer_no(text: str) -> str:
    if re.search(r"[eE]\+", text):
        raise _Wrong("以数字格式保存，末几位已丢失，请设为文本格式")
    if not re.fullmatch(r"[0-9]{6,20}", text):
        raise _Wrong("应为6至20位数字")
    return text


def _month(text: str) -> Month:
    match = _MONTH.fullmatch(text)
    try:
        month = Month(int(match[1]), int(match[2])) if match else None
    except ValueError:
        month = None
    if month is None or month.year < _FIRST_YEAR:
        raise _Wrong("应为 YYYYMM 格式的月份，如 202603")
    return month


def _insurance(text: str, names: Mapping[str, str]) -> str:
    """The code of what is written: the code, the name, or both."""
    code = text[:3]
    if code in names and text[3:].strip(" -—") in ("", names[code]):
        return code
    for code, name in names.items():
        if name == text:
            return code
    raise _Wrong("不在险种类型代码表中")


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text.replace(",", "").removeprefix("¥").removesuffix("元").strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise _Wrong("应为金额，最多两位小数")
    if amount <= 0:
        raise _Wrong("应大于零；退费不能通过到账文件导入")
    if amount >= _MOST:
        raise _Wrong("金额过大，请核对")
    if amount != (exact := amount.quantize(Decimal("0.01"))):
        raise _Wrong("应为金额，最多两位小数")
    return exact


def _day(text: str, today: date) -> date:
    match = _DAY.fullmatch(text)
    try:
        day = date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        day = None
    if day is None or day.year < _FIRST_YEAR:
        raise _Wrong("应为日期，如 2026-03-10")
    if day > today:
        raise _Wrong("不能晚于今天")
    return day


def _reference(text: str) -> str:
    if len(text) > LONGEST_REFERENCE or not text.isprintable():
        raise _Wrong(f"应为不超过{LONGEST_REFERENCE}个字符的编号")
    return text
