"""Faulty rows given back as a file: as they were, the faulty cells marked, the reasons in the last column.

For processes of `child`: openpyxl takes long to import, and its memory grows with the rows. Values are written as
texts, never as formulas: a cell that begins with = + - @ stays what was typed.
"""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from servicekit.sheets import REASON_HEADING, MarkedRow

FONT, TEXT_FORMAT = "宋体", "@"
RED, BLACK = "FFC00000", "FF000000"
_REASON_WIDTH = 60
_HEAD_FILL = PatternFill("solid", fgColor="FFF2F2F2")
_FAULT_FILL = PatternFill("solid", fgColor="FFFFC7CE")
_LINE = Side(style="thin", color="FFBFBFBF")
_FRAME = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD_ALIGNMENT = Alignment(horizontal="center", vertical="center", wrap_text=True)


def write_marked(title: str, columns: Sequence[tuple[str, bool, float]], rows: Iterable[MarkedRow]) -> bytes:
    """A workbook of one sheet with these columns (heading, whether it is required, width) and rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, (_, _, width) in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
        sheet.column_dimensions[get_column_letter(number)].number_format = TEXT_FORMAT
    add_marked_rows(sheet, [heading(sheet, label, required=required) for label, required, _ in columns], rows)
    return saved(book)


def add_marked_rows(sheet: Any, headings: Sequence[Cell], rows: Iterable[MarkedRow]) -> None:
    """The headings and rows of a write-only sheet, with the column of reasons behind them."""
    sheet.column_dimensions[get_column_letter(len(headings) + 1)].width = _REASON_WIDTH
    sheet.append([*headings, heading(sheet, REASON_HEADING, required=False)])
    plain, marked = _Texts(sheet, None), _Texts(sheet, _FAULT_FILL)
    for cells, faulty, reasons in rows:
        line = [marked.cell(text) if place in faulty else plain.cell_or_none(text) for place, text in enumerate(cells)]
        sheet.append([*line, plain.cell(reasons)])


def heading(sheet: Any, text: str, *, required: bool) -> Cell:
    """A cell of the first row: red where the column must be filled in."""
    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(name=FONT, size=11, bold=True, color=RED if required else BLACK)
    cell.fill = _HEAD_FILL
    cell.border = _FRAME
    cell.alignment = _HEAD_ALIGNMENT
    cell.number_format = TEXT_FORMAT
    return cell


def saved(book: Workbook) -> bytes:
    """The bytes of a workbook."""
    book.properties.creator = "单位网厅"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


class _Texts:
    """Text cells of one look. Looking a style up for each of 300,000 cells would take most of the time."""

    def __init__(self, sheet: Any, fill: PatternFill | None) -> None:
        self._sheet = sheet
        model = WriteOnlyCell(sheet)
        model.number_format = TEXT_FORMAT
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
