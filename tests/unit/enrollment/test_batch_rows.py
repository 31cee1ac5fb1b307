"""Rows against the rules of the form: every fault of a row at its cell, in the file's own columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from enrollment.batches.checking import CheckedRow, Checker, RowFault
from enrollment.batches.columns import ADDITION, Column, Layout
from servicekit.sheets.cells import Cell
from tests.unit.enrollment.forms import DICTIONARY, TODAY

LABELS = [column.label for column in ADDITION]
GOOD: Mapping[str, Any] = {
    "证件类型": "01",
    "证件号码": "330203199003071232",
    "姓名": "王小明",
    "民族": "01",
    "户口性质": "11",
    "手机号码": "13800571234",
    "联系地址": "宁波市海曙区示范路1号",
    "参保月份": "202603",
    "增员原因": "01",
    "用工形式": "1",
    "个人身份": "2",
    "人员类别": "1101",
    "月缴费工资": 8500.0,
}


def check(*rows: Mapping[str, Any], columns: Sequence[Column] = ADDITION) -> list[CheckedRow]:
    """The rows as if they stood in a file from row 2 on."""
    layout = Layout(tuple(columns), tuple(range(len(columns))))
    checker = Checker("addition", layout, today=TODAY, dictionary=DICTIONARY)
    cells: list[tuple[int, list[Cell]]] = [
        (number, [row.get(column.label) for column in columns]) for number, row in enumerate(rows, start=2)
    ]
    return list(checker.check(cells))


def faults(row: CheckedRow) -> list[tuple[str, str]]:
    return [(fault.label, fault.code) for fault in row.faults]


def test_a_good_row_is_what_the_form_sends() -> None:
    (row,) = check(GOOD)
    assert row.faults == ()
    assert row.texts["/insurance/start_month"] == "2026-03"
    assert (row.texts["/person/sex"], row.texts["/person/birth_date"]) == ("1", "1990-03-07")
    assert row.cells[LABELS.index("月缴费工资")] == "8500"


def test_every_fault_of_a_row_at_once() -> None:
    wrong = {"姓名": "1", "手机号码": "1", "民族": "火星", "月缴费工资": "0", "参保月份": "202605", "联系地址": None}
    (row,) = check({**GOOD, **wrong})
    assert faults(row) == [
        ("姓名", "name_form"),
        ("民族", "unknown_code"),
        ("手机号码", "mobile_form"),
        ("联系地址", "required"),
        ("参保月份", "start_month_not_open"),
        ("月缴费工资", "money_too_small"),
    ]


def test_sex_and_birth_date_are_not_missed_as_long_as_the_number_is_wrong() -> None:
    for number in ("330203199003071233", 330203199003071232.0, None):
        (row,) = check({**GOOD, "证件号码": number})
        assert [label for label, _ in faults(row)] == ["证件号码"]
    (passport,) = check({**GOOD, "证件类型": "08", "证件号码": "E12345678"})
    assert faults(passport) == [("性别", "required"), ("出生日期", "required")]


def test_sex_and_birth_date_that_are_given_are_held_against_the_number() -> None:
    (row,) = check({**GOOD, "性别": "女", "出生日期": "1990-03-08"})
    assert faults(row) == [("性别", "sex_differs"), ("出生日期", "birth_date_differs")]


def test_the_same_person_twice_is_a_fault_of_each_row() -> None:
    first, other, second, third = check(
        GOOD,
        {**GOOD, "证件号码": "330282198512310028"},
        {**GOOD, "证件号码": "\uff13\uff13\uff10\uff12\uff10\uff13 199003071232"},
        GOOD,
    )
    assert other.faults == ()
    assert [fault.message for fault in first.faults] == ["与第4行、第5行重复，同一文件中每人只能填一行"]
    assert [fault.message for fault in second.faults] == ["与第2行、第5行重复，同一文件中每人只能填一行"]
    assert faults(third) == [("证件号码", "duplicate_row")]


def test_faults_are_said_in_the_files_own_columns() -> None:
    columns = [column for column in reversed(ADDITION) if column.required]
    (row,) = check({**GOOD, "姓名": "1"}, columns=columns)
    (fault,) = row.faults
    assert fault.column == [column.label for column in columns].index("姓名") + 1


def test_a_fault_as_a_sentence() -> None:
    fault = RowFault(3, "证件号码", "id_number_check_digit", "证件号码校验位不正确，末位应为 2")
    assert fault.sentence() == "第3列 证件号码：校验位不正确，末位应为 2"
    assert RowFault(0, "", "unit_closed", "本单位已注销").sentence() == "本单位已注销"


def test_nothing_personal_in_a_repr() -> None:
    (row,) = check({**GOOD, "姓名": "1"})
    assert "330203" not in repr(row)
    assert "1380057" not in repr(row)
