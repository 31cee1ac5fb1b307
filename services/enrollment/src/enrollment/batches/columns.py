"""The columns of the batch sheets: the fields of the forms, in their order (domain.md §4). Pure.

A column knows its field by the JSON pointer of the form, so that what the rules say of a field lands in its cell.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from servicekit.sheets import REASON_HEADING

Kind = Literal["addition", "removal"]
Form = Literal["text", "identifier", "code", "day", "month", "money"]

KIND_NAMES: Mapping[str, str] = {"addition": "增员", "removal": "减员"}
DATA_SHEET, GUIDE_SHEET, LIST_SHEET = "{}人员", "填写说明", "代码"


@dataclass(frozen=True)
class Column:
    """One column of a sheet."""

    pointer: str
    """The field of the form: `/person/id_number`."""
    label: str
    form: Form
    required: bool = False
    table: str | None = None
    """The code table of a coded field."""
    open_table: bool = False
    """Whether other codes than those of the table are taken."""
    note: str = ""
    example: str = ""
    width: int = 14


def _coded(pointer: str, label: str, table: str, example: str, *, required: bool = True, width: int = 16) -> Column:
    return Column(
        pointer, label, "code", required, table, note="从下拉列表选择，也可填代码或名称", example=example, width=width
    )


_DAY_NOTE = "日期，如 2026-03-01、20260301 或 2026/3/1"
_FROM_NUMBER = "18位证件号码可留空，由系统从号码取得"

ADDITION: Sequence[Column] = (
    _coded("/person/id_type", "证件类型", "id_types", "01 居民身份证(户口簿)", width=22),
    Column(
        "/person/id_number",
        "证件号码",
        "identifier",
        True,
        note="文本格式；居民身份证为18位，末位可为X。以数字格式填写会丢失末几位",
        example="330203199003071232",
        width=22,
    ),
    Column("/person/name", "姓名", "text", True, note="2至50个汉字或字母，间隔号用“·”", example="王小明"),
    Column("/person/sex", "性别", "code", True, "sexes", note=_FROM_NUMBER, example="1 男", width=8),
    Column("/person/birth_date", "出生日期", "day", True, note=f"{_DAY_NOTE}；{_FROM_NUMBER}", example="1990-03-07"),
    _coded("/person/nationality", "民族", "nationalities", "01 汉族", width=12),
    _coded("/person/household_kind", "户口性质", "household_kinds", "11 本地非农业(城镇)", width=20),
    Column(
        "/person/household_region",
        "户籍地区划",
        "code",
        table="regions",
        open_table=True,
        note="6位行政区划代码，常用的可从下拉列表选择",
        example="330203 宁波市海曙区",
        width=20,
    ),
    Column("/person/household_address", "户籍地址", "text", note="不超过200字", example="示范路1号", width=28),
    _coded("/person/marital_status", "婚姻状况", "marital_statuses", "20 已婚", required=False, width=12),
    _coded("/person/education_level", "学历", "education_levels", "20 本科", required=False, width=12),
    Column(
        "/person/work_start_date", "参加工作日期", "day", note=f"{_DAY_NOTE}；应在年满16周岁之后", example="2012-07-01"
    ),
    Column("/person/mobile", "手机号码", "identifier", True, note="11位手机号码", example="13800571234", width=16),
    Column("/person/email", "电子邮箱", "text", note="如 name@example.com", example="name@example.com", width=22),
    Column(
        "/person/contact_address",
        "联系地址",
        "text",
        True,
        note="不超过200字",
        example="宁波市海曙区示范路1号",
        width=32,
    ),
    Column("/person/postal_code", "邮政编码", "identifier", note="6位数字", example="315000", width=10),
    Column(
        "/insurance/start_month",
        "参保月份",
        "month",
        True,
        note="YYYYMM，只能是本月或下月",
        example="{month}",
        width=12,
    ),
    _coded("/insurance/reason", "增员原因", "addition_reasons", "01 新参保"),
    _coded("/insurance/employment_form", "用工形式", "employment_forms", "1 劳动合同制"),
    _coded("/insurance/personal_identity", "个人身份", "personal_identities", "2 干部", width=12),
    _coded("/insurance/person_category", "人员类别", "person_categories", "1101 职工在职"),
    Column(
        "/insurance/monthly_wage",
        "月缴费工资",
        "money",
        True,
        note="元，只填数字，最多两位小数；核定时按缴费基数上下限计算",
        example="8500.00",
    ),
    Column("/insurance/contract_start", "合同开始日期", "day", note=_DAY_NOTE, example="2026-03-01"),
    Column(
        "/insurance/contract_end", "合同终止日期", "day", note=f"{_DAY_NOTE}；不早于合同开始日期", example="2029-02-28"
    ),
    Column("/insurance/position", "岗位/职务", "text", note="不超过50字", example="会计", width=16),
    Column("/insurance/remark", "备注", "text", note="不超过500字", width=24),
)

REMOVAL: Sequence[Column] = (
    *ADDITION[:3],
    _coded("/removal/reason", "停保原因", "removal_reasons", "03 辞职", width=22),
    Column("/removal/stop_month", "停保月份", "month", True, note="YYYYMM，只能是本月", example="{month}", width=12),
    Column("/removal/event_date", "事件日期", "day", note=f"{_DAY_NOTE}；退休、死亡必填", example="2026-03-05"),
    Column("/removal/remark", "备注", "text", note="不超过500字；停保原因为“其他”时必填", width=30),
)

COLUMNS: Mapping[str, Sequence[Column]] = {"addition": ADDITION, "removal": REMOVAL}
"""The columns of each kind of batch."""


def heading_key(text: str) -> str:
    """A heading without what people and programs add to it: marks, blanks, brackets, full-width forms."""
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"\([^()]*\)", "", plain)
    return re.sub(r"[\s*:：/、_\-]+", "", plain).casefold()


@dataclass(frozen=True)
class Layout:
    """Which column of a file holds what."""

    order: tuple[Column, ...]
    """The known columns as they stand in the file, from left to right."""
    places: tuple[int, ...]
    """The place of each in the file; the first column is 0."""


def knows_headings(texts: Sequence[str], columns: Sequence[Column]) -> bool:
    """Whether a row has any of our headings."""
    return not {heading_key(column.label) for column in columns}.isdisjoint(heading_key(text) for text in texts)


def read_headings(texts: Sequence[str], columns: Sequence[Column]) -> tuple[Layout | None, list[str]]:
    """Where each column of the sheet is, or everything that is wrong with the headings, in Chinese."""
    by_key = {heading_key(column.label): column for column in columns}
    found: dict[str, int] = {}
    faults: list[str] = []
    for place, text in enumerate(texts):
        key = heading_key(text)
        if not key or key == heading_key(REASON_HEADING):
            continue
        if key not in by_key:
            faults.append(f"第{place + 1}列的表头“{text.strip()[:30]}”不是模板中的栏目")
        elif key in found:
            faults.append(f"表头“{by_key[key].label}”重复：第{found[key] + 1}列和第{place + 1}列")
        else:
            found[key] = place
    if not found:
        return None, ["第1行不是模板的表头，请使用下载的模板填写，表头须在第1行"]
    missing = [column.label for key, column in by_key.items() if column.required and key not in found]
    if missing:
        faults.append(f"缺少必填栏目：{'、'.join(missing)}")
    if faults:
        return None, faults
    order = sorted(found, key=lambda key: found[key])
    return Layout(tuple(by_key[key] for key in order), tuple(found[key] for key in order)), []
