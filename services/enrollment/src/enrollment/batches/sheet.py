"""The sheets that the hall writes: the template to fill in, and the faulty rows of a file with their reasons.

Values are written as texts, never as formulas: a cell that begins with = + - @ stays what was typed.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from enrollment.batches.cells import code_labels
from enrollment.batches.columns import (
    COLUMNS,
    DATA_SHEET,
    GUIDE_SHEET,
    KIND_NAMES,
    LIST_SHEET,
    Column,
)
from enrollment.dictionaries.rules import Dictionary
from servicekit.sheets import REASON_HEADING, MarkedRow
from servicekit.sheets.marked import BLACK, FONT, RED, TEXT_FORMAT, add_marked_rows, heading, saved

ROOM_FOR_PEOPLE = 10_000
_FORM_WORDS = {
    "text": "文本",
    "identifier": "文本",
    "code": "下拉选择",
    "day": "日期",
    "month": "月份（YYYYMM）",
    "money": "金额",
}


def write_template(kind: str, *, dictionary: Dictionary, month: str) -> bytes:
    """The empty sheet of a kind, with drop-downs, text columns and an explanation. `month` is this one, YYYYMM."""
    columns = COLUMNS[kind]
    book = Workbook(write_only=True)
    data = book.create_sheet(DATA_SHEET.format(KIND_NAMES[kind]))
    _prepare(book, data, columns, dictionary)
    data.append([_heading(data, column) for column in columns])
    # An empty text cell in the first row shows how the column is meant; the columns' own format does for the rest.
    _guide(book, kind, columns, dictionary, month)
    _lists(book, columns, dictionary)
    return saved(book)


def write_returned(
    kind: str,
    layout: Sequence[str],
    rows: Iterable[MarkedRow],
    *,
    dictionary: Dictionary,
    month: str,
) -> bytes:
    """Faulty rows as the clerk wrote them, one person a row.

    `layout` names the columns of the file by their pointers, in the file's order.
    """
    known = {column.pointer: column for column in COLUMNS[kind]}
    columns = [known[pointer] for pointer in layout]
    book = Workbook(write_only=True)
    data = book.create_sheet(DATA_SHEET.format(KIND_NAMES[kind]))
    _prepare(book, data, columns, dictionary)
    add_marked_rows(data, [_heading(data, column) for column in columns], rows)
    _guide(book, kind, columns, dictionary, month)
    _lists(book, columns, dictionary)
    return saved(book)


def _prepare(book: Workbook, data: Any, columns: Sequence[Column], dictionary: Dictionary) -> None:
    """What write-only sheets want to know before their first row: widths, formats, the frozen heading, drop-downs."""
    data.freeze_panes = "A2"
    data.sheet_format.defaultRowHeight = 18
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        dimension = data.column_dimensions[letter]
        dimension.width = column.width
        dimension.number_format = TEXT_FORMAT
        dimension.font = Font(name=FONT, size=11)
        if column.table is not None and code_labels(dictionary, column.table):
            chooser = DataValidation(
                type="list",
                formula1=f"={_list_name(column.table)}",
                allow_blank=True,
                showErrorMessage=False,  # a code or a name without its code is taken as well
                showInputMessage=True,
                promptTitle=column.label,
                prompt="请从列表中选择",
            )
            chooser.add(f"{letter}2:{letter}{ROOM_FOR_PEOPLE + 1}")
            data.data_validations.append(chooser)


def _heading(data: Any, column: Column) -> Cell:
    cell = heading(data, column.label, required=column.required)
    if column.note:
        cell.comment = Comment(column.note, "单位网厅", width=260, height=70)
    return cell


def _guide(book: Workbook, kind: str, columns: Sequence[Column], dictionary: Dictionary, month: str) -> None:
    guide = book.create_sheet(GUIDE_SHEET)
    for letter, width in zip("ABCDEF", (6, 16, 8, 16, 60, 30), strict=True):
        guide.column_dimensions[letter].width = width
    guide.freeze_panes = "A2"
    titles = ("序号", "栏目", "必填", "格式", "填写要求与可选值", "示例")
    guide.append([heading(guide, text, required=False) for text in titles])
    for number, column in enumerate(columns, start=1):
        values = _allowed(column, dictionary)
        explained = "。".join(part for part in (column.note, values) if part)
        texts = (
            str(number),
            column.label,
            "必填" if column.required else "选填",
            _FORM_WORDS[column.form],
            explained,
            column.example.format(month=month),
        )
        line = [WriteOnlyCell(guide, text) for text in texts]
        for cell in line:
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            cell.number_format = TEXT_FORMAT
            cell.font = Font(name=FONT, size=11, color=RED if column.required and cell is line[1] else BLACK)
        guide.append(line)
    guide.append([])
    for text in (
        "红色表头为必填，黑色为选填；表头须在第1行，每行填写一人，列的顺序可以调整。",
        f"一次最多上传{ROOM_FOR_PEOPLE}人。上传后先检查，确认之前不会提交任何申报。",
        f"下载的错误数据中，有误的单元格已标色，最后一列为{REASON_HEADING}；改正后可直接再次上传。",
    ):
        guide.append([WriteOnlyCell(guide, text)])


def _allowed(column: Column, dictionary: Dictionary) -> str:
    if column.table is None:
        return ""
    labels = code_labels(dictionary, column.table)
    return f"可选值：{'、'.join(labels)}" if labels else ""


def _lists(book: Workbook, columns: Sequence[Column], dictionary: Dictionary) -> None:
    """The hidden sheet that the drop-downs take their values from: one code table a column."""
    tables = list(dict.fromkeys(column.table for column in columns if column.table is not None))
    filled = [(table, labels) for table in tables if (labels := code_labels(dictionary, table))]
    sheet = book.create_sheet(LIST_SHEET)
    sheet.sheet_state = "hidden"
    longest = max((len(labels) for _, labels in filled), default=0)
    for number in range(longest):
        sheet.append([labels[number] if number < len(labels) else None for _, labels in filled])
    for number, (table, labels) in enumerate(filled, start=1):
        letter = get_column_letter(number)
        place = f"{quote_sheetname(LIST_SHEET)}!${letter}$1:${letter}${len(labels)}"
        book.defined_names[_list_name(table)] = DefinedName(_list_name(table), attr_text=place)


def _list_name(table: str) -> str:
    return f"list_{table}"


def template_name(kind: str) -> str:
    """The file name of a template."""
    return f"批量{KIND_NAMES[kind]}模板.xlsx"
