"""Workbooks (.xlsx) written row by row: memory does not grow with the rows.

openpyxl makes everything but the rows of data: heading, widths, styles, filter, the second sheet. The rows are written
straight into the sheet's XML between what it made, at a tenth of what its cells cost. Texts stay texts whatever they
begin with: no cell of ours is ever a formula.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import IO, Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from reporting.rendering.lines import width_of

_FORMATS: Mapping[str, str] = {
    "text": "@",
    "money": "#,##0.00",
    "integer": "#,##0",
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
}
_SAMPLES: Mapping[str, Any] = {
    "text": "x",
    "money": Decimal(1),
    "integer": 1,
    "date": date(2026, 1, 1),
    "moment": datetime(2026, 1, 1),  # noqa: DTZ001  a sheet knows no zones
}
# XML can't hold these; a name with one came from a broken program.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MEASURED = 500
_NARROWEST, _WIDEST, _AIR = 8, 48, 2.5
_LONGEST_CELL = 32_767  # what Excel can hold
_SHEET = "xl/worksheets/sheet1.xml"
_EPOCH = date(1899, 12, 30).toordinal()
_BUFFERED = 200
_STYLED = re.compile(r'<c r="([A-Z]+[23])" s="([0-9]+)"')


class SheetMaker:
    """A sheet of data with a frozen heading, a filter and a row of sums, and a second one that explains it.

    `setup`: title (the sheet's name), columns (heading, type, sum), notes (pairs for the second sheet).
    Rows are lists of JSON values in the order of the columns.
    """

    pages = 0

    def __init__(self, setup: dict[str, Any], file: IO[bytes]) -> None:
        self._title: str = setup["title"]
        self._columns: list[dict[str, Any]] = setup["columns"]
        self._types: list[str] = [column["type"] for column in self._columns]
        self._notes: list[tuple[str, str]] = [(str(label), str(value)) for label, value in setup["notes"]]
        self._letters = [get_column_letter(index + 1) for index in range(len(self._columns))]
        self._widths: list[float] = []
        self._first: list[list[Any]] | None = []
        self._rows = 0
        self._sums: dict[int, Decimal] = {
            index: Decimal(0) for index, column in enumerate(self._columns) if column.get("sum")
        }
        self._zip = ZipFile(file, "w", ZIP_DEFLATED, compresslevel=4)
        samples = _saved(self._made_shell())[_SHEET].decode()
        styles = {match[1]: match[2] for match in _STYLED.finditer(samples)}
        self._cells = [f'<c r="{letter}%d" s="{styles[f"{letter}2"]}"' for letter in self._letters]
        self._sum_cells = [f'<c r="{letter}%d" s="{styles[f"{letter}3"]}"' for letter in self._letters]
        self._part: Any = None
        self._lines: list[str] = []

    def add(self, row: list[Any]) -> None:
        """One row. The first ones are kept back until the widths that they need are known."""
        self._rows += 1
        for index in self._sums:
            if row[index] is not None:
                self._sums[index] += Decimal(row[index])
        if self._first is None:
            self._write(row, self._rows + 1)
            return
        self._first.append(row)
        if len(self._first) >= _MEASURED:
            self._begin()

    def close(self, closing: dict[str, Any]) -> None:
        """The sums, the filter, the second sheet; then the file."""
        self._begin()
        if self._sums:
            self._lines.append(self._sum_row())
        self._flush()
        self._notes += [("行数", str(self._rows)), *closing.get("notes", [])]
        shell = _saved(self._made_shell())
        self._part.write(shell[_SHEET].decode().partition("</sheetData>")[2].join(("</sheetData>", "")).encode())
        self._part.close()
        for name, content in shell.items():
            if name != _SHEET:
                self._zip.writestr(name, content)
        self._zip.close()

    def _begin(self) -> None:
        """Writes what has been kept back, under the heading."""
        if self._first is None:
            return
        rows, self._first = self._first, None
        for index, column in enumerate(self._columns):
            widest = max((width_of(_shown(row[index], column["type"])) for row in rows), default=0)
            if index in self._sums:
                widest += 3  # a sum is longer than what it sums
            width = max(width_of(column["heading"]) + 2, widest)
            self._widths.append(min(max(width, _NARROWEST), _WIDEST) + _AIR)
        head = _saved(self._made_shell())[_SHEET].decode().partition('<row r="2"')[0]
        self._part = self._zip.open(_SHEET, "w", force_zip64=True)
        # How far the sheet reaches shows at the end; a reader must not believe what the shell says of itself.
        self._part.write(re.sub("<dimension [^>]*/>", "", head).encode())
        for number, row in enumerate(rows, 2):
            self._write(row, number)

    def _write(self, row: list[Any], number: int) -> None:
        written = [
            cell % number + _content(value, kind)
            for cell, value, kind in zip(self._cells, row, self._types, strict=True)
            if value is not None and value != ""
        ]
        self._lines.append(f'<row r="{number}">{"".join(written)}</row>')
        if len(self._lines) >= _BUFFERED:
            self._flush()

    def _flush(self) -> None:
        self._part.write("".join(self._lines).encode())
        self._lines.clear()

    def _sum_row(self) -> str:
        number, written = self._rows + 2, []
        for index, cell in enumerate(self._sum_cells):
            if index in self._sums:
                written.append(f"{cell % number}><v>{self._sums[index]}</v></c>")
            elif index == 0:
                written.append(cell % number + _content("合计", "text"))
        return f'<row r="{number}">{"".join(written)}</row>'

    def _made_shell(self) -> Workbook:
        """The workbook without its data: heading in row 1, samples of a row of data and of the sums in 2 and 3."""
        book = Workbook()
        sheet: Any = book.active
        sheet.title = self._title
        for index, column in enumerate(self._columns):
            cell = sheet.cell(1, index + 1, column["heading"])
            cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8EEF7")
            cell.alignment = Alignment(horizontal="center", vertical="center")
            cell.border = Border(bottom=Side("thin"))
            for row in (2, 3):
                cell = sheet.cell(row, index + 1, _SAMPLES[column["type"]])
                cell.number_format = _FORMATS[column["type"]]
            cell.font, cell.border = Font(bold=True), Border(top=Side("thin"))
        for letter, width in zip(self._letters, self._widths, strict=False):
            sheet.column_dimensions[letter].width = width
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = f"A1:{self._letters[-1]}{self._rows + 1}"
        sheet.print_title_rows = "1:1"
        sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", 9, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        notes = book.create_sheet("说明")
        notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 16, 60
        for number, pair in enumerate(self._notes, 1):
            for place, text in enumerate(pair, 1):
                cell = notes.cell(number, place)
                cell.value, cell.data_type = _UNWRITABLE.sub("", text), "s"
            notes.cell(number, 1).font = Font(bold=True)
        return book


def _saved(book: Workbook) -> dict[str, bytes]:
    file = BytesIO()
    book.save(file)
    with ZipFile(file) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def _content(value: Any, kind: str) -> str:
    """What follows the opening of a cell's tag."""
    if kind == "money":
        return f"><v>{Decimal(value)}</v></c>"
    if kind == "integer":
        return f"><v>{int(value)}</v></c>"
    if kind == "date":
        return f"><v>{date.fromisoformat(value).toordinal() - _EPOCH}</v></c>"
    if kind == "moment":
        moment = datetime.fromisoformat(value)
        seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
        return f"><v>{moment.toordinal() - _EPOCH + seconds / 86400:.6f}</v></c>"
    text = escape(_UNWRITABLE.sub("", str(value))[:_LONGEST_CELL])
    return f' t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _shown(value: Any, kind: str) -> str:
    """About what a cell looks like, for its width."""
    if value is None:
        return ""
    if kind == "money":
        return f"{Decimal(value):,.2f}"
    return "2026-01-01 00:00" if kind == "moment" else str(value)
