"""Tables as ruled lines of text. Pure.

To WeasyPrint a line of text costs about 0.3 ms and a row of table cells 2.5 ms. So the rows of a table are set as
preformatted lines in half-width letters (OpenType `hwid`: a Latin letter, a digit, a space and a full-width sign are
half as wide as a Chinese character), padded to the columns, on a ground that is ruled in the same widths. Widths here
count such half-width places: a Chinese character takes two.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

_STAY_WIDE = frozenset("！：；？￠￡￣")
"""Full-width signs that Noto has no half-width form of."""


@dataclass(frozen=True)
class Column:
    """A column of a ruled table. `width` includes one place of air at each side."""

    heading: str
    width: int
    align: Literal["left", "right", "centre"] = "left"


def width_of(text: str) -> int:
    """Half-width places of a text set with `hwid`; an estimate for letters that are neither Chinese nor ASCII."""
    return sum(2 if sign in _STAY_WIDE or unicodedata.east_asian_width(sign) == "W" else 1 for sign in text)


def wrap(text: str, places: int) -> list[str]:
    """The text cut into pieces no wider than `places`; an empty text is one empty piece."""
    pieces, piece, used = [], "", 0
    for sign in text:
        need = width_of(sign)
        if piece and used + need > places:
            pieces.append(piece)
            piece, used = "", 0
        piece += sign
        used += need
    return [*pieces, piece]


def _pad(text: str, column: Column) -> str:
    free = column.width - 2 - width_of(text)
    left = {"left": 0, "right": free, "centre": free // 2}[column.align]
    return f" {' ' * left}{text}{' ' * (free - left)} "


def row(columns: Sequence[Column], cells: Sequence[str]) -> Iterator[str]:
    """The lines of one row: one, or more when a cell is wider than its column."""
    wrapped = [wrap(cell, column.width - 2) for column, cell in zip(columns, cells, strict=True)]
    for index in range(max(map(len, wrapped))):
        pieces = [pieces[index] if index < len(pieces) else "" for pieces in wrapped]
        yield "".join(_pad(piece, column) for piece, column in zip(pieces, columns, strict=True)).rstrip()


def heading(columns: Sequence[Column]) -> str:
    """The line of headings."""
    return next(row(columns, [column.heading for column in columns]))


def ground(columns: Sequence[Column], rows: int, *, to: int | None = None) -> str:
    """The ground of a table of so many lines as the address of an SVG image.

    All of its rules are in one drawing: a repeated one would be a pattern, whose step some readers round to pixels.
    They end at place `to` where something else stands at the right.
    """
    places = sum(column.width for column in columns)
    uprights, at = "", 0
    for column in columns[:-1]:
        at += column.width
        uprights += f"M{at} 0V{rows * 10}"
    levels = "".join(f"M0 {row * 10}H{to or places}" for row in range(1, rows))
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {places} {rows * 10}" preserveAspectRatio="none">'
        f'<path d="{levels}" stroke="#777" stroke-width=".4"/>'
        f'<path d="{uprights}" stroke="#777" stroke-width=".12"/></svg>'
    )
    return f"data:image/svg+xml,{quote(drawing)}"
