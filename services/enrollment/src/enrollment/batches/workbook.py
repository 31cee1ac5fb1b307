"""The people in a workbook: which sheet, which headings, which rows. Runs in the child, after `container`."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from enrollment.batches.columns import GUIDE_SHEET, LIST_SHEET, Column, Layout, knows_headings, read_headings
from servicekit.sheets.cells import Cell, written
from servicekit.sheets.container import FileRefused

MAX_PEOPLE = 10_000
MAX_COLUMNS = 100
MAX_SHEETS = 20


@dataclass(frozen=True)
class Grid:
    """The rows of people as they stand in the file, with their numbers; blank ones left out."""

    layout: Layout
    rows: Sequence[tuple[int, Sequence[Cell]]]


def open_grid(data: bytes, columns: Sequence[Column]) -> Grid:
    """Reads the sheet of people.

    Raises:
        FileRefused: with everything that is wrong with the file as a whole.
    """
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheet, headings = _sheet_of_people(workbook, columns)
    except (CalamineError, OSError, ValueError) as fault:
        raise FileRefused(
            "file_damaged", "文件无法读取，可能已损坏，请用 Excel 或 WPS 另存为 .xlsx 后再上传"
        ) from fault
    layout, faults = read_headings(headings, columns)
    if layout is None:
        raise FileRefused("headings", "；".join(faults))
    rows = [
        (number, cells)
        for number, cells in enumerate(_rows(sheet), start=1)
        if number > 1 and any(written(cells[place]).strip() for place in layout.places if place < len(cells))
    ]
    if not rows:
        raise FileRefused("no_people", "表中没有人员，请从第2行起每行填写一人")
    if len(rows) > MAX_PEOPLE:
        raise FileRefused("too_many_people", f"一次最多上传{MAX_PEOPLE}人，文件中有{len(rows)}人，请分批上传")
    return Grid(layout, rows)


def _rows(sheet: CalamineSheet) -> Sequence[Sequence[Cell]]:
    return sheet.to_python(skip_empty_area=False)


def _sheet_of_people(workbook: CalamineWorkbook, columns: Sequence[Column]) -> tuple[CalamineSheet, list[str]]:
    """The first sheet whose first row has one of our headings; sheets may be renamed and moved."""
    names = [
        each.name
        for each in workbook.sheets_metadata
        if each.typ == SheetTypeEnum.WorkSheet and each.name not in (GUIDE_SHEET, LIST_SHEET)
    ]
    first: tuple[CalamineSheet, list[str]] | None = None
    for name in names[:MAX_SHEETS]:
        sheet = workbook.get_sheet_by_name(name)
        head = sheet.to_python(skip_empty_area=False, nrows=1)
        headings = [written(cell) for cell in head[0]] if head else []
        if len(headings) > MAX_COLUMNS:
            raise FileRefused("too_many_columns", f"工作表“{name[:31]}”超过{MAX_COLUMNS}列，请使用下载的模板填写")
        if knows_headings(headings, columns):
            return sheet, headings
        first = first or (sheet, headings)
    if first is None:
        raise FileRefused("no_people", "文件中没有工作表，请使用下载的模板填写")
    return first
