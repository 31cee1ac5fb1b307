"""Rules of the bank directory: what a row of its file must say, what may be done with an import in which stage. Pure.

The last digit of a clearing code (联行号) is a check digit. Its rule is not published where we could verify it, so a
code is checked by its form and its bank class only; whether it exists is for the agency's list to say.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from servicekit.refusals import FieldFault, Gone, InvalidFields, NotFound, Refusal

Stage = Literal["checked", "confirmed", "expired"]
BranchStatus = Literal["open", "closed"]

MAX_FILE_BYTES = 8 * 2**20
MAX_ROWS = 20_000
KEPT_FOR = timedelta(days=7)
"""How long a checked file waits for its confirmation."""
LABELS: Mapping[str, str] = {
    "bank_class": "银行大类",
    "code": "联行号",
    "name": "网点名称",
    "short_name": "网点简称",
    "status": "状态",
}
"""The columns of the file by our names of them."""
REQUIRED = ("bank_class", "code", "name", "short_name")
OTHER_LABELS: Mapping[str, tuple[str, ...]] = {"code": ("行号", "支付系统行号"), "name": ("行名", "银行名称")}
"""What the files of others call them."""
_STATES: Mapping[str, BranchStatus] = {"": "open", "启用": "open", "停用": "closed"}
_CODE = re.compile(r"[0-9]{12}")
_LONGEST_NAME, _LONGEST_SHORT_NAME = 100, 60
_LONGEST_SHOWN = 200


class ImportNotFound(NotFound):
    code = "bank_import_not_found"
    title = "导入记录不存在"
    detail = "该导入记录不存在。"


class ImportExpired(Gone):
    code = "bank_import_expired"
    title = "导入已过期"
    detail = f"该文件上传已超过{KEPT_FOR.days}天，数据已清除，请重新上传。"


class NothingFaulty(NotFound):
    code = "nothing_faulty"
    title = "没有错误数据"
    detail = "该文件没有错误数据可供下载。"


class ImportConfirmed(Refusal):
    code = "bank_import_confirmed"
    title = "该文件已导入"
    detail = "该文件的数据已经导入，无需重复确认。"


class NothingToImport(Refusal):
    code = "nothing_to_import"
    title = "没有可导入的数据"
    detail = "文件中没有检查通过的网点，请按提示改正后重新上传。"


@dataclass(frozen=True)
class Branch:
    """A branch as a row of the file tells it."""

    code: str
    bank_class: str
    name: str
    short_name: str
    status: BranchStatus


@dataclass(frozen=True)
class CheckedRow:
    """A row with what is wrong with it; without faults, the branch that it tells of."""

    number: int
    cells: Mapping[str, str]
    faults: Sequence[FieldFault]
    branch: Branch | None


def check_size(size: int) -> None:
    """Whether an uploaded file may be opened at all.

    Raises:
        InvalidFields: empty or too large.
    """
    if size == 0:
        raise file_refused("file_empty", "文件是空的，请选择填写好的模板文件")
    if size > MAX_FILE_BYTES:
        raise file_refused("file_too_large", f"文件超过{MAX_FILE_BYTES // 2**20} MB，请分成几个文件上传")


def file_refused(code: str, message: str) -> InvalidFields:
    """What is wrong with a file as a whole, beside the field of the file."""
    return InvalidFields([FieldFault("/file", code, message)], message)


def check_rows(rows: Sequence[tuple[int, Mapping[str, str]]], *, classes: Mapping[str, str]) -> list[CheckedRow]:
    """Every row with all its faults. A code that comes twice is a fault of each of its rows.

    Args:
        rows: number in the file, and the cells that are not blank by our names of the columns.
        classes: names of the known bank classes by code.
    """
    told = [(number, _cells(row)) for number, row in rows]
    at: dict[str, list[int]] = {}
    for number, cells in told:
        at.setdefault(cells["code"], []).append(number)
    codes = {**{code: code for code in classes}, **{name: code for code, name in classes.items()}}
    return [_checked(number, cells, codes, at[cells["code"]]) for number, cells in told]


def _cells(row: Mapping[str, str]) -> dict[str, str]:
    return {field: unicodedata.normalize("NFKC", row.get(field, "")).strip()[:_LONGEST_SHOWN] for field in LABELS}


def _checked(number: int, cells: Mapping[str, str], classes: Mapping[str, str], same: Collection[int]) -> CheckedRow:
    # `102 中国工商银行`, as the template's list offers it.
    bank_class = classes.get(cells["bank_class"]) or classes.get(cells["bank_class"].partition(" ")[0])
    status = _STATES.get(cells["status"])
    faults = [*_blank(cells), *_names(cells), *_code_faults(cells["code"], bank_class)]
    if cells["bank_class"] and bank_class is None:
        message = "银行大类不在代码表中，请填写3位代码或名称"
        faults.append(FieldFault("/bank_class", "bank_class_unknown", message))
    if cells["code"] and len(same) > 1:
        others = "、".join(str(one) for one in sorted(same)[:5] if one != number)
        faults.append(FieldFault("/code", "branch_code_twice", f"联行号与第{others}行重复"))
    if status is None:
        faults.append(FieldFault("/status", "status_unknown", "状态应为“启用”或“停用”，不填为启用"))
    if faults or bank_class is None or status is None:
        return CheckedRow(number, cells, faults, None)
    branch = Branch(cells["code"], bank_class, cells["name"], cells["short_name"], status)
    return CheckedRow(number, cells, (), branch)


def _blank(cells: Mapping[str, str]) -> Iterator[FieldFault]:
    for field in REQUIRED:
        if not cells[field]:
            yield FieldFault(f"/{field}", "required", f"请填写{LABELS[field]}")


def _names(cells: Mapping[str, str]) -> Iterator[FieldFault]:
    for field, longest in (("name", _LONGEST_NAME), ("short_name", _LONGEST_SHORT_NAME)):
        if cells[field] and not 2 <= len(cells[field]) <= longest:
            yield FieldFault(f"/{field}", "length", f"{LABELS[field]}应为2至{longest}个字")


def _code_faults(code: str, bank_class: str | None) -> Iterator[FieldFault]:
    if code and not _CODE.fullmatch(code):
        message = "联行号应为12位数字，请将单元格设为文本格式后填写"
        yield FieldFault("/code", "branch_code_form", message)
    elif code and bank_class is not None and not code.startswith(bank_class):
        yield FieldFault("/code", "branch_code_class", f"联行号前3位应为所属银行大类 {bank_class}")


def check_may_confirm(stage: Stage, *, good: int, uploaded_at: datetime, now: datetime) -> None:
    """Whether what is good of a file may be brought in now.

    Raises:
        ImportConfirmed, ImportExpired, NothingToImport.
    """
    if stage == "confirmed":
        raise ImportConfirmed
    if stage == "expired" or now >= uploaded_at + KEPT_FOR:
        raise ImportExpired
    if good == 0:
        raise NothingToImport
