"""A plain table in an .xlsx or .csv file: its sheet, headings and rows, every cell as text. Runs in a child process."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from servicekit.sheets.cells import LONGEST_CELL, written
from servicekit.sheets.container import FileRefused, check_container

Row = tuple[int, dict[str, str]]
"""The row's number in the file, and its cells that are not blank, by column."""

MAX_COLUMNS = 100
MAX_SHEETS = 20
MAX_HEADING_ROWS = 10
"""Files of other offices have a title above the headings."""
_ENCODINGS = ("utf-8-sig", "gb18030")
_DAMAGED = FileRefused("file_damaged", "文件无法读取，可能已损坏，请用 Excel 或 WPS 另存后再上传")


def open_table(
    data: bytes,
    headings: Mapping[str, Sequence[str]],
    required: Sequence[str],
    *,
    max_rows: int,
    hidden: Sequence[str] = (),
) -> list[Row]:
    """The rows below the headings. `headings` says what each column may be called.

    Raises:
        FileRefused: with what is wrong with the file as a whole.
    """
    grid = _workbook_rows(data, headings, hidden) if data.startswith(b"PK") else _text_rows(data)
    found = _below_headings(grid, headings, required)
    rows = []
    for number, cells in found:
        if cells:
            rows.append((number, cells))
        if len(rows) > max_rows:
            raise FileRefused("too_many_rows", f"一次最多上传{max_rows}行，请分成几个文件上传")
    if not rows:
        raise FileRefused("no_rows", "表中没有数据，请在表头下面每行填写一条")
    return rows


def _workbook_rows(
    data: bytes, headings: Mapping[str, Sequence[str]], hidden: Sequence[str]
) -> Iterator[tuple[int, list[str]]]:
    """The sheet that has our headings, or the first one."""
    check_container(data)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.name not in hidden
        ][:MAX_SHEETS]
        chosen = None
        for name in names:
            sheet = workbook.get_sheet_by_name(name)
            top = sheet.to_python(skip_empty_area=False, nrows=MAX_HEADING_ROWS)
            if any(_places([_clean(written(cell)) for cell in row], headings) for row in top):
                chosen = sheet
                break
            chosen = chosen or sheet
        if chosen is None:
            raise FileRefused("no_rows", "文件中没有工作表")
        grid = chosen.to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as fault:
        raise _DAMAGED from fault
    return ((number, [_clean(written(cell)) for cell in cells]) for number, cells in enumerate(grid, start=1))


def _text_rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    if not data.strip():
        raise FileRefused("file_empty", "文件是空的，请选择填写好的文件")
    if b"\0" in data[:4096]:
        check_container(data)  # names what it is instead
    for encoding in _ENCODINGS:
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        check_container(data)
        raise _DAMAGED
    first = text.partition("\n")[0]
    separator = max((",", "\t", ";"), key=first.count)
    try:
        yield from (
            (number, [_clean(cell) for cell in cells])
            for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), start=1)
        )
    except csv.Error as fault:
        raise _DAMAGED from fault


def _below_headings(
    grid: Iterable[tuple[int, list[str]]], headings: Mapping[str, Sequence[str]], required: Sequence[str]
) -> Iterator[Row]:
    rows = iter(grid)
    places: dict[str, int] = {}
    for number, cells in rows:
        if any(cells[MAX_COLUMNS:]):
            raise FileRefused("too_many_columns", f"表格超过{MAX_COLUMNS}列，请只保留需要的列")
        places = _places(cells, headings)
        if places or number == MAX_HEADING_ROWS:
            break
    missing = [headings[column][0] for column in required if column not in places]
    if missing:
        raise FileRefused("headings", f"缺少列：{'、'.join(missing)}，请核对表头")
    for number, cells in rows:
        found = {column: cells[place] for column, place in places.items() if place < len(cells) and cells[place]}
        yield number, found


def _places(cells: Sequence[str], headings: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Where each column stands in a row of headings; nothing unless at least half of them are there."""
    known = {_plain(name): column for column, names in headings.items() for name in names}
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        column = known.get(_plain(cell))
        if column is not None and column in found:
            raise FileRefused("headings", f"列“{cell}”出现了两次，请只保留一列")
        if column is not None:
            found[column] = place
    return found if len(found) * 2 >= len(headings) else {}


def _plain(heading: str) -> str:
    text = unicodedata.normalize("NFKC", heading).removesuffix("*").removeprefix("*")
    return re.sub(r"\s+|\([^)]*\)$", "", text).casefold()


def _clean(text: str) -> str:
    # Some programs write ="0123" or '0123 to keep digits as text.
    text = text.strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    return text.removeprefix("'").strip()[: LONGEST_CELL + 1]
