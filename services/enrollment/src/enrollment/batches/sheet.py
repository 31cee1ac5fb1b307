"""The sheets that the hall writes: the template to fill in, and the faulty rows of a file with their reasons.

Values are written as texts, never as formulas: a cell that begins with = + - @ stays what was typed.
"""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
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
    REASON_HEADING,
    Column,
)
from enrollment.dictionaries.rules import Dictionary

ROOM_FOR_PEOPLE = 10_000
_RED, _BLACK = "FFC00000", "FF000000"
_HEAD_FILL = PatternFill("solid", fgColor="FFF2F2F2")
_FAULT_FILL = PatternFill("solid", fgColor="FFFFC7CE")
_LINE = Side(style="thin", color="FFBFBFBF")
_FRAME = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD_ALIGNMENT = Alignment(horizontal="center", vertical="center", wrap_text=True)
_FONT = "宋体"
_TEXT_FORMAT = "@"
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
    return _saved(book)


def write_returned(
    kind: str,
    layout: Sequence[str],
    rows: Iterable[tuple[Sequence[str], Sequence[int], str]],
    *,
    dictionary: Dictionary,
    month: str,
) -> bytes:
    """Faulty rows as the clerk wrote them: (cells, places of the faulty ones, reasons), one person a row.

    `layout` names the columns of the file by their pointers, in the file's order.
    """
    known = {column.pointer: column for column in COLUMNS[kind]}
    columns = [known[pointer] for pointer in layout]
    book = Workbook(write_only=True)
    data = book.create_sheet(DATA_SHEET.format(KIND_NAMES[kind]))
    _prepare(book, data, columns, dictionary)
    data.column_dimensions[get_column_letter(len(columns) + 1)].width = 60
    reason = WriteOnlyCell(data, REASON_HEADING)
    _as_heading(reason, required=False)
    data.append([*(_heading(data, column) for column in columns), reason])
    plain, marked = _Texts(data, None), _Texts(data, _FAULT_FILL)
    for cells, faulty, reasons in rows:
        line = [marked.cell(text) if place in faulty else plain.cell_or_none(text) for place, text in enumerate(cells)]
        data.append([*line, plain.cell(reasons)])
    _guide(book, kind, columns, dictionary, month)
    _lists(book, columns, dictionary)
    return _saved(book)


def _prepare(book: Workbook, data: Any, columns: Sequence[Column], dictionary: Dictionary) -> None:
    """What write-only sheets want to know before their first row: widths, formats, the frozen heading, drop-downs."""
    data.freeze_panes = "A2"
    data.sheet_format.defaultRowHeight = 18
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        dimension = data.column_dimensions[letter]
        dimension.width = column.width
        dimension.number_format = _TEXT_FORMAT
        dimension.font = Font(name=_FONT, size=11)
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
    cell = WriteOnlyCell(data, column.label)
    _as_heading(cell, required=column.required)
    if column.note:
        cell.comment = Comment(column.note, "单位网厅", width=260, height=70)
    return cell


def _as_heading(cell: Cell, *, required: bool) -> None:
    cell.font = Font(name=_FONT, size=11, bold=True, color=_RED if required else _BLACK)
    cell.fill = _HEAD_FILL
    cell.border = _FRAME
    cell.alignment = _HEAD_ALIGNMENT
    cell.number_format = _TEXT_FORMAT


class _Texts:
    """Text cells of one look. Looking a style up for each of 300,000 cells would take most of the time."""

    def __init__(self, sheet: Any, fill: PatternFill | None) -> None:
        self._sheet = sheet
        model = WriteOnlyCell(sheet)
        model.number_format = _TEXT_FORMAT
        if fill is not None:
            model.fill = fill
        self._style = model._style  # type: ignore[attr-defined]  # openpyxl has no public way to share a style

    def cell_or_none(self, text: str) -> Cell | None:
        """A cell with a text; none for no text: the column says how it is meant."""
        return self.cell(text) if text else None

    def cell(self, text: str) -> Cell:
        """A cell with a text, whatever it begins with."""
        cell = WriteOnlyCell(self._sheet, text or None)
        if text:
            cell.data_type = "s"  # openpyxl takes a text that begins with = for a formula
        cell._style = self._style  # type: ignore[attr-defined]  # as above
        return cell


def _guide(book: Workbook, kind: str, columns: Sequence[Column], dictionary: Dictionary, month: str) -> None:
    guide = book.create_sheet(GUIDE_SHEET)
    for letter, width in zip("ABCDEF", (6, 16, 8, 16, 60, 30), strict=True):
        guide.column_dimensions[letter].width = width
    guide.freeze_panes = "A2"
    head = []
    for text in ("序号", "栏目", "必填", "格式", "填写要求与可选值", "示例"):
        cell = WriteOnlyCell(guide, text)
        _as_heading(cell, required=False)
        head.append(cell)
    guide.append(head)
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
            cell.number_format = _TEXT_FORMAT
            cell.font = Font(name=_FONT, size=11, color=_RED if column.required and cell is line[1] else _BLACK)
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


def _saved(book: Workbook) -> bytes:
    book.properties.creator = "单位网厅"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def template_name(kind: str) -> str:
    """The file name of a template."""
    return f"批量{KIND_NAMES[kind]}模板.xlsx"
