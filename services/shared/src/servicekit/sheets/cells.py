"""A cell of a sheet as the reader hands it over, and as one sees it. Pure."""

from datetime import date, datetime, time, timedelta

Cell = str | int | float | bool | date | datetime | time | timedelta | None
LONGEST_CELL = 2000
"""Characters of a cell that anything is made of."""
MOST_DIGITS = 10**15
"""Whole numbers from here on may have lost their last digits: a sheet keeps them as floats."""


def written(cell: Cell) -> str:
    """A cell as one sees it. Numbers as a sheet shows them: the 16th digit of a float is noise."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == time() else f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float):
        whole = cell.is_integer() and abs(cell) < MOST_DIGITS
        return str(int(cell)) if whole else format(cell, ".15g")
    return str(cell)
