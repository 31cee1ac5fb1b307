"""Plain tables as people upload them: .xlsx of several makes and .csv of several encodings, every cell as text."""

import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from servicekit.sheets import marked_row
from servicekit.sheets.container import FileRefused
from servicekit.sheets.marked import write_marked
from servicekit.sheets.table import Row, open_table
from tests.support.sheets import first_sheet, saved, sheet_of

HEADINGS = {"number": ("单位编号",), "amount": ("金额", "实缴金额"), "day": ("到账日期",)}
REQUIRED = ("number", "amount")


def opened(data: bytes, *, max_rows: int = 100, headings: Mapping[str, Sequence[str]] = HEADINGS) -> list[Row]:
    return open_table(data, headings, REQUIRED, max_rows=max_rows, hidden=("说明",))


def refused(data: bytes, **limits: Any) -> str:
    with pytest.raises(FileRefused) as told:
        opened(data, **limits)
    return told.value.code


ROW = {"number": "330200000000000101", "amount": "12.50", "day": "2026-03-02"}


def test_xlsx_with_numbers_dates_and_other_order() -> None:
    data = sheet_of([{"备注": "x", "到账日期": date(2026, 3, 2), "实缴金额": 12.5, "单位编号": "330200000000000101"}])
    assert opened(data) == [(2, {**ROW, "amount": "12.5"})]


def test_a_title_above_the_headings_and_a_sheet_before_it() -> None:
    book = Workbook()
    first = first_sheet(book)
    first.title = "说明"
    first.append(["单位编号", "金额", "到账日期"])
    other = book.create_sheet("明细")
    for cells in (["到账明细"], [], ["单位编号*", "金额（元）", "到账日期"], [ROW["number"], "12.50", ROW["day"]], []):
        other.append(cells)
    assert opened(saved(book)) == [(4, ROW)]


TEXT = "单位编号,金额,到账日期\n\n330200000000000101,12.50,2026-03-02\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gb18030"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace("330200000000000101", '="330200000000000101"').encode(),
        TEXT.replace("330200000000000101", "'330200000000000101").encode(),
    ],
)
def test_csv_as_it_comes(data: bytes) -> None:
    assert opened(data) == [(3, ROW)]


def test_cells_with_line_breaks_keep_the_row_numbers_of_records() -> None:
    assert opened('单位编号,金额,到账日期\n"1\n2",3,\n4,5,'.encode()) == [
        (2, {"number": "1\n2", "amount": "3"}),
        (3, {"number": "4", "amount": "5"}),
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"  \n ", "file_empty"),
        ("单位编号,到账日期\n1,2".encode(), "headings"),
        ("单位编号,单位编号,金额\n1,2,3".encode(), "headings"),
        ("随便,什么\n1,2".encode(), "headings"),
        ("单位编号,金额,到账日期\n".encode(), "no_rows"),
        ("单位编号,金额,到账日期\n1,2,3\n".encode() + b"4,5,6\n7,8,9\n", "too_many_rows"),
        ((",".join(f"列{n}" for n in range(101)) + "\n").encode(), "too_many_columns"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "file_not_xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file_is_xls"),
        (b"PK\x03\x04nothing", "file_damaged"),
        (b"\xff\xff\xff\xff", "file_not_xlsx"),
    ],
)
def test_files_that_are_no_table(data: bytes, code: str) -> None:
    assert refused(data, max_rows=2) == code


def test_a_workbook_without_rows() -> None:
    stream = io.BytesIO()
    Workbook().save(stream)
    assert refused(stream.getvalue()) == "headings"


def test_what_is_given_back_can_be_read_again_and_stays_text() -> None:
    headings = ["单位编号", "金额", "到账日期"]
    cells = {"单位编号": "330200000000000101", "金额": "=1+1"}
    row = marked_row(headings, cells, [("金额", "应为金额"), ("到账日期", "不能为空")])
    assert row == (["330200000000000101", "=1+1", ""], [1, 2], "第2列 金额：应为金额；第3列 到账日期：不能为空")
    written = write_marked("到账明细", [(heading, True, 12.0) for heading in headings], [row])
    assert opened(written) == [(2, {"number": "330200000000000101", "amount": "=1+1"})]
    sheet = load_workbook(io.BytesIO(written)).worksheets[0]
    assert [cell.value for cell in sheet[1]] == [*headings, "错误原因"]
    assert [cell.fill.fill_type for cell in sheet[2]] == [None, "solid", "solid", None]
