"""Cells as spreadsheet programs leave them, and what the form gets of them."""

from datetime import date, datetime, time, timedelta

import pytest

from enrollment.batches.cells import (
    BROKEN_FORMULA,
    LOST_DIGITS,
    TOO_LONG,
    CellFault,
    CellReader,
    CodeNames,
    ReadCell,
)
from enrollment.batches.columns import ADDITION, Column, heading_key, read_headings
from servicekit.sheets.cells import Cell, written
from tests.unit.enrollment.forms import DICTIONARY

NAMES = CodeNames(DICTIONARY)
BY_LABEL = {column.label: column for column in ADDITION}


def column(label: str) -> Column:
    return BY_LABEL[label]


@pytest.mark.parametrize(
    ("label", "cell", "text"),
    [
        ("证件号码", "330203199003071232", "330203199003071232"),
        ("证件号码", "33020319900307123x ", "33020319900307123x"),
        ("证件号码", "'330203199003071232", "330203199003071232"),
        ("证件号码", 12345678.0, "12345678"),
        ("证件号码", 12345678, "12345678"),
        ("手机号码", 13800571234.0, "13800571234"),
        ("手机号码", "13800571234.0", "13800571234"),
        ("邮政编码", 315000.0, "315000"),
        ("姓名", " 王小明 ", "王小明"),
        ("民族", "01 汉族", "01"),
        ("民族", "汉族", "01"),
        ("民族", "01", "01"),
        ("民族", 1.0, "01"),
        ("民族", 1, "01"),
        ("民族", "\uff10\uff11 汉族", "01"),
        ("民族", "01-汉族", "01"),
        ("民族", "火星族", "火星族"),
        ("户口性质", "本地非农业（城镇）", "11"),
        ("人员类别", 1101.0, "1101"),
        ("户籍地区划", 330203.0, "330203"),
        ("出生日期", date(1990, 3, 7), "1990-03-07"),
        ("出生日期", datetime.fromisoformat("1990-03-07"), "1990-03-07"),
        ("出生日期", "1990-03-07", "1990-03-07"),
        ("出生日期", "19900307", "1990-03-07"),
        ("出生日期", 19900307.0, "1990-03-07"),
        ("出生日期", "1990/3/7", "1990-03-07"),
        ("出生日期", "1990.3.7", "1990-03-07"),
        ("出生日期", "1990年3月7日", "1990-03-07"),
        ("出生日期", "1990-03-07 00:00:00", "1990-03-07"),
        ("出生日期", "1990-03-07 10:30:00", "1990-03-07 10:30:00"),
        ("出生日期", "三月七日", "三月七日"),
        ("参保月份", "202603", "2026-03"),
        ("参保月份", 202603.0, "2026-03"),
        ("参保月份", "2026-03", "2026-03"),
        ("参保月份", "2026/3", "2026-03"),
        ("参保月份", "2026年3月", "2026-03"),
        ("参保月份", date(2026, 3, 1), "2026-03"),
        ("参保月份", date(2026, 3, 15), "2026-03-15"),
        ("参保月份", "20260301", "2026-03"),
        ("月缴费工资", 8000.0, "8000"),
        ("月缴费工资", 8000.55, "8000.55"),
        ("月缴费工资", 8000.1 + 0.2, "8000.3"),
        ("月缴费工资", "8,000.50", "8000.50"),
        ("月缴费工资", "¥8000", "8000"),
        ("备注", True, "TRUE"),
        ("备注", "=1+1", "=1+1"),
        ("备注", "", None),
        ("备注", None, None),
        ("备注", "   ", None),
    ],
)
def test_what_is_meant_is_read(label: str, cell: Cell, text: str | None) -> None:
    reader = CellReader(column(label), NAMES)
    assert reader.read(cell) == reader.read(cell) == ReadCell(written(cell)[:500], text, None)


@pytest.mark.parametrize(
    ("label", "cell", "fault"),
    [
        ("证件号码", 330203199003071232.0, LOST_DIGITS),
        ("证件号码", 3.30203199003071e17, LOST_DIGITS),
        ("证件号码", "3.30203E+17", LOST_DIGITS),
        ("证件号码", "3.30203199003071e17", LOST_DIGITS),
        ("姓名", "王" * 2001, TOO_LONG),
        ("月缴费工资", "#VALUE!", BROKEN_FORMULA),
    ],
)
def test_what_is_lost_is_named(label: str, cell: Cell, fault: CellFault) -> None:
    assert CellReader(column(label), NAMES).read(cell) == ReadCell(written(cell)[:500], None, fault)


def test_every_kind_of_cell_can_be_shown() -> None:
    cells: list[Cell] = [
        None,
        False,
        time(1, 2),
        timedelta(days=1),
        datetime.fromisoformat("2026-03-01T04:05:06"),
        1e300,
        float("inf"),
    ]
    assert [written(cell) for cell in cells] == [
        "", "FALSE", "01:02:00", "1 day, 0:00:00", "2026-03-01 04:05:06", "1e+300", "inf",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "heading",
    [
        "证件号码",
        "*证件号码",
        "证件号码*",
        " 证 件 号 码 ",
        "证件号码（必填）",
        "证件号码:",
        "\uff0a证件号码",
        "证件\n号码",
    ],
)
def test_headings_with_what_people_add_to_them(heading: str) -> None:
    assert heading_key(heading) == heading_key("证件号码")


def test_columns_in_any_order() -> None:
    labels = [column.label for column in ADDITION if column.required]
    layout, faults = read_headings(["", *reversed(labels), "错误原因"], ADDITION)
    assert faults == []
    assert layout is not None
    assert [column.label for column in layout.order] == labels[::-1]
    assert layout.places == tuple(range(1, len(labels) + 1))


def test_everything_wrong_with_the_headings_at_once() -> None:
    labels = [column.label for column in ADDITION if column.label not in ("姓名", "联系地址", "备注")]
    layout, faults = read_headings([*labels, "工号", "民族"], ADDITION)
    assert layout is None
    assert faults == [
        f"第{len(labels) + 1}列的表头“工号”不是模板中的栏目",
        f"表头“民族”重复：第6列和第{len(labels) + 2}列".replace("第6列", f"第{labels.index('民族') + 1}列"),
        "缺少必填栏目：姓名、联系地址",
    ]


def test_a_sheet_without_our_headings() -> None:
    assert read_headings(["a", "b"], ADDITION) == (
        None,
        ["第1行不是模板的表头，请使用下载的模板填写，表头须在第1行"],
    )
