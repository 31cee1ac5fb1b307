"""Batch sheets for tests: the hall's own template filled in, and what is in the files that it gives back."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.support.people import resident_id

HEADING = "证件号码"


def newcomer(**changes: Any) -> dict[str, Any]:
    """A complete row of the 增员 sheet about somebody new, by headings; None leaves a cell blank."""
    return {
        "证件类型": "01 居民身份证(户口簿)",
        "证件号码": resident_id(),
        "姓名": "沈嘉禾",
        "性别": None,
        "出生日期": None,
        "民族": "01 汉族",
        "户口性质": "11 本地非农业(城镇)",
        "手机号码": "13800571234",
        "联系地址": "宁波市海曙区示范路1号",
        "参保月份": "202603",
        "增员原因": "01 新参保",
        "用工形式": "1 劳动合同制",
        "个人身份": "2 干部",
        "人员类别": "1101 职工在职",
        "月缴费工资": "8000.00",
    } | changes


def filled(template: bytes, people: Iterable[Mapping[str, Any]]) -> bytes:
    """The template with these people in it, as a clerk would fill it in."""
    book = load_workbook(io.BytesIO(template))
    sheet = book.worksheets[0]
    places = {str(cell.value): place for place, cell in enumerate(sheet[1], start=1)}
    for number, person in enumerate(people, start=2):
        for heading, value in person.items():
            sheet.cell(number, places[heading], value)
    return saved(book)


def sheet_of(people: Sequence[Mapping[str, Any]], headings: Sequence[str] | None = None) -> bytes:
    """A plain file of another program: these headings, these people, nothing else."""
    book = Workbook()
    sheet = first_sheet(book)
    names = list(headings or people[0])
    sheet.append(names)
    for person in people:
        sheet.append([person.get(name) for name in names])
    return saved(book)


def first_sheet(book: Workbook) -> Worksheet:
    """The sheet that is shown first."""
    sheet = book.worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def saved(book: Workbook) -> bytes:
    """The bytes of a workbook."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def rows_of(content: bytes) -> list[dict[str, Any]]:
    """The rows of a file's first sheet, by headings."""
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    headings, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, headings), row, strict=True)) for row in rows]


def leaver(id_number: str, **changes: Any) -> dict[str, Any]:
    """A complete row of the 减员 sheet about somebody, by headings."""
    return {
        "证件类型": "01 居民身份证(户口簿)",
        "证件号码": id_number,
        "姓名": "沈嘉禾",
        "停保原因": "03 辞职",
        "停保月份": "202603",
        "事件日期": None,
        "备注": None,
    } | changes
