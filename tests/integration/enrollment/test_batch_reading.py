"""Files of other programs, read in the real process; and what the process does with files that are too much for it."""

import asyncio
import contextlib
import io
import os
import signal
import zipfile
from collections.abc import AsyncIterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import PatternFill

from servicekit.sheets.container import FileRefused
from servicekit.sheets.readers import Limits, ReaderLost, Readers
from tests.integration.enrollment.batch_desk import checked, template
from tests.support.harness import ServiceHarness
from tests.support.sheets import filled, first_sheet, newcomer, saved, sheet_of
from tests.support.waiting import until
from tests.unit.enrollment.forms import DICTIONARY, TODAY

CHILD = "enrollment.batches.child"

FILES = Path(__file__).parent / "files"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def bare_workbook(sheet_data: str) -> bytes:
    """The least that a library writes: one sheet, no styles, no shared strings."""
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r" Type="{_RELATIONS}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1"'
        f' Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
        '<sheet name="人员" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{sheet_data}</sheetData></worksheet>',
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + part)
    return stream.getvalue()


def inline_rows(*people: Mapping[str, Any]) -> str:
    """Inline strings, without addresses of cells, as small libraries write them."""
    lines = [list(people[0]), *([person[name] for name in people[0]] for person in people)]
    cells = [
        "".join(f'<c t="inlineStr"><is><t>{escape(str(cell or ""))}</t></is></c>' for cell in line) for line in lines
    ]
    return "".join(f"<row>{line}</row>" for line in cells)


def _in_another_order() -> bytes:
    person = newcomer()
    return sheet_of([person], list(reversed(person)))


def _with_marks_and_blanks() -> bytes:
    person = newcomer()
    book = load_workbook(io.BytesIO(sheet_of([person])))
    sheet = first_sheet(book)
    for cell in sheet[1]:
        cell.value = f"* {cell.value} "
    sheet.title = "三月新进人员"
    return saved(book)


def _with_empty_rows_behind_and_between() -> bytes:
    book = load_workbook(io.BytesIO(sheet_of([newcomer()])))
    sheet = first_sheet(book)
    for number in (5, 900):
        sheet.cell(number, 1).fill = PatternFill("solid", fgColor="FFFF00")
        sheet.cell(number, 2).value = "  "
    return saved(book)


def _with_hidden_rows() -> bytes:
    book = load_workbook(io.BytesIO(sheet_of([newcomer()])))
    first_sheet(book).row_dimensions[2].hidden = True
    return saved(book)


def _behind_another_sheet() -> bytes:
    book = load_workbook(io.BytesIO(sheet_of([newcomer()])))
    book.create_sheet("说明", 0).append(["这里什么都没有"])
    return saved(book)


def _with_numbers_and_dates() -> bytes:
    person = newcomer(参保月份=202603, 月缴费工资=8000.5, 手机号码=13800571234, 证件类型=1, 民族=1, 户口性质=11)
    return sheet_of([person | {"参加工作日期": date(2012, 7, 1), "合同开始日期": "2026/3/1", "合同终止日期": 20290228}])


def _with_formulas() -> bytes:
    """A formula counts as the value that was saved with it; written by a library, it has none."""
    person = newcomer(备注="=1+1")
    return sheet_of([person])


FORMS: Mapping[str, Any] = {
    "inline strings": lambda: bare_workbook(inline_rows(newcomer())),
    "shared strings": lambda: sheet_of([newcomer()]),
    "LibreOffice": (FILES / "libreoffice.xlsx").read_bytes,
    "columns in another order": _in_another_order,
    "headings with marks, a renamed sheet": _with_marks_and_blanks,
    "empty rows": _with_empty_rows_behind_and_between,
    "hidden rows": _with_hidden_rows,
    "not the first sheet": _behind_another_sheet,
    "numbers and dates": _with_numbers_and_dates,
    "formulas": _with_formulas,
}


@pytest.mark.parametrize("form", FORMS)
async def test_files_as_programs_write_them(hall: ServiceHarness, form: str) -> None:
    seen = await checked(hall, FORMS[form]())
    assert seen["file_fault"] is None
    # The third person of LibreOffice's file has a number that lost its digits.
    expected = (2, 1) if form == "LibreOffice" else (1, 0)
    assert (seen["stage"], seen["good"], seen["bad"]) == ("checked", *expected)


async def test_the_template_takes_every_label_of_its_drop_downs(hall: ServiceHarness) -> None:
    blank = await template(hall)
    book = load_workbook(io.BytesIO(blank))
    assert book.sheetnames == ["增员人员", "填写说明", "代码"]
    assert book["代码"].sheet_state == "hidden"
    sheet = first_sheet(book)
    colours = {cell.value: cell.font.color.rgb for cell in sheet[1] if cell.font.color is not None}
    assert (colours["证件号码"], colours["户籍地址"]) == ("FFC00000", "FF000000")
    assert sheet.column_dimensions["B"].number_format == "@"
    chosen = {
        str(validation.sqref).split(":")[0]: str(validation.formula1).lstrip("=")
        for validation in sheet.data_validations.dataValidation
    }
    lists = {name: str(place.attr_text) for name, place in book.defined_names.items()}
    firsts = {}
    for address, name in chosen.items():
        column = lists[name].rpartition("!")[2].split(":")[0].replace("$", "")
        firsts[str(sheet[f"{address[:-1]}1"].value)] = book["代码"][column].value
    person = newcomer(**{**firsts, "性别": None, "用工形式": firsts["用工形式"]})
    seen = await checked(hall, filled(blank, [person]))
    assert (seen["good"], seen["bad"]) == (1, 0)
    guide = {row[1]: row for row in book["填写说明"].iter_rows(min_row=2, values_only=True) if row[1]}
    assert guide["参保月份"][2:6] == ("必填", "月份（YYYYMM）", "YYYYMM，只能是本月或下月", "202603")
    assert "01 汉族" in str(guide["民族"][4])


_ORDER = {"kind": "addition", "today": TODAY.isoformat(), "dictionary_version": 1, "tables": DICTIONARY.tables}


async def _read(content: bytes, readers: Readers) -> list[Any]:
    """The rows that the process tells of a file of new employees."""

    async def parts() -> AsyncIterator[bytes]:
        yield content

    return [row async for answer in readers.read(_ORDER, parts()) for row in answer.get("rows", ())]


async def test_a_cell_at_the_end_of_the_world() -> None:
    """Readers make a table of everything up to the last cell: seventeen thousand million cells."""
    content = bare_workbook(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>证件号码</t></is></c></row>'
        '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    )
    with pytest.raises(FileRefused) as refused:
        await _read(content, Readers(CHILD))
    assert refused.value.code == "file_too_heavy"


@pytest.mark.parametrize(
    "limits", [Limits(memory_bytes=220 * 2**20), Limits(wall_seconds=0.01)], ids=["memory", "time"]
)
async def test_more_than_a_file_may_take(limits: Limits) -> None:
    people = "".join(
        f'<row r="{number}"><c r="B{number}" t="inlineStr"><is><t>{"x" * 1500}</t></is></c></row>'
        for number in range(2, 9000)
    )
    head = '<row r="1"><c r="A1" t="inlineStr"><is><t>证件号码</t></is></c></row>'
    content = bare_workbook(head + people)
    with pytest.raises(FileRefused) as refused:
        await _read(content, Readers(CHILD, limits))
    assert refused.value.code in ("file_too_heavy", "file_inflates")


async def test_a_process_that_is_killed_from_outside_is_nobodys_fault() -> None:
    readers = Readers(CHILD)

    async def parts() -> AsyncIterator[bytes]:
        # Not `/proc/self/task/.../children`: it leaves some out while others end.
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                if int(parent) == os.getpid() and CHILD.encode() in (entry / "cmdline").read_bytes():
                    os.kill(int(entry.name), signal.SIGKILL)
        yield b"PK"

    with pytest.raises(ReaderLost):
        async for _ in readers.read(_ORDER, parts()):
            pass


async def test_a_spare_process_waits_for_the_next_file() -> None:
    readers = Readers(CHILD)
    keeping = asyncio.create_task(readers.keep_spare())

    async def ready() -> bool:
        return readers.has_spare

    try:
        await until(ready)
        assert len(await _read(sheet_of([newcomer()]), readers)) == 1
        await until(ready)
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
    assert not readers.has_spare


def test_plain_workbooks_are_made_as_meant() -> None:
    book = load_workbook(io.BytesIO(bare_workbook(inline_rows(newcomer()))))
    assert isinstance(book, Workbook)
    assert first_sheet(book)["A1"].value == "证件类型"
