"""Long lists as PDF, A4 landscape, drawn row by row: heading on every page, page x of y, sums, QR code, seal.

WeasyPrint takes 6 s and 300 MB for a thousand rows. A list needs none of what it can do: rows of one height in columns
of fixed width. So the pages are drawn here. Each is written to the file when it is full; only the characters in use
and the places of the pages are kept. Its foot, which says how many pages there are, is a second stream of each page,
written at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import segno

from reporting.rendering import fonts
from reporting.rendering.pdf_file import PdfFile, to_unicode
from reporting.rendering.seal import PURPOSE, PdfPathPen, draw_seal

_WIDTH, _HEIGHT = 841.89, 595.28
_SIDE, _TOP, _BOTTOM = 34.0, 34.0, 36.0
_ROW, _HEAD_ROW = 16.4, 20.0
_SIZE, _SMALL, _PAD = 9.0, 6.2, 3.0
_TITLE_BLOCK = 92.0
_CLOSING_BLOCK = 104.0
_QR_SIDE = 66.0
_SEAL_SIDE = 98.0
_NARROWEST = 0.72
"""How far a text that is too long for its cell is condensed before it is set in two lines."""
_BASELINE = 0.36
"""From the middle of a line down to its baseline, in font sizes."""


@dataclass
class _Face:
    """One face and what has been used of it."""

    name: str
    font: Any = field(default=None, repr=False)
    used: dict[int, tuple[str, float]] = field(default_factory=dict)
    """Glyph number: the character it stands for, and its width in thousandths."""

    def glyph(self, sign: str) -> tuple[int, float] | None:
        if self.font is None:
            self.font = fonts.shaper(self.name)
        glyph = self.font.get_nominal_glyph(ord(sign))
        if not glyph:
            return None
        width = self.font.get_glyph_h_advance(glyph) * 1000 / self.font.face.upem
        self.used.setdefault(glyph, (sign, width))
        return glyph, width


class _Letters:
    """Texts as the operators that show them, and how wide they are."""

    def __init__(self) -> None:
        self.faces = [_Face(name) for name in fonts.FALLBACKS]
        self._known: dict[str, tuple[int, int, float]] = {}

    def _of(self, sign: str) -> tuple[int, int, float]:
        """Face, glyph and width of a character. Raises MissingShapes."""
        for place, face in enumerate(self.faces):
            found = face.glyph(sign)
            if found is not None:
                self._known[sign] = (place, *found)
                return self._known[sign]
        raise fonts.MissingShapes(sign)

    def set(self, said: str) -> list[tuple[int, int, float]]:
        """The shapes of a text."""
        known = self._known
        return [known.get(sign) or self._of(sign) for sign in said if not fonts.shapeless(sign)]


def _width(shapes: Sequence[tuple[int, int, float]], size: float) -> float:
    return sum(shape[2] for shape in shapes) * size / 1000


def _shown(shapes: Sequence[tuple[int, int, float]], x: float, y: float, size: float, squeeze: float = 1.0) -> str:
    """The operators that show shapes from a place on."""
    pieces = [f"BT {squeeze * 100:.0f} Tz" if squeeze < 1 else "BT"]
    run: list[str] = []
    at = -1
    pieces.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm")
    for face, glyph, _ in shapes:
        if face != at:
            if run:
                pieces.append(f"<{''.join(run)}> Tj")
            run, at = [], face
            pieces.append(f"/F{face} {size:g} Tf")
        run.append(f"{glyph:04x}")
    if run:
        pieces.append(f"<{''.join(run)}> Tj")
    pieces.append("100 Tz ET" if squeeze < 1 else "ET")
    return " ".join(pieces)


class ListMaker:
    """Draws a list.

    `setup`: title, agency, meta (pairs under the title), verify_url, code, footing, made_at,
    columns (heading, width in parts, align). A row is `[kind, cells]`, kind 0 for data, 1 for sums. `closing`:
    statements (lines of text), signed (lines under the seal).
    """

    def __init__(self, setup: dict[str, Any], file: IO[bytes]) -> None:
        self._setup = setup
        self._pdf = PdfFile(file)
        self._letters = _Letters()
        columns = setup["columns"]
        unit = (_WIDTH - 2 * _SIDE) / sum(column["width"] for column in columns)
        self._edges = [_SIDE]
        for column in columns:
            self._edges.append(self._edges[-1] + column["width"] * unit)
        self._aligns = [column["align"] for column in columns]
        self._headings = [column["heading"] for column in columns]
        self._drawn: list[str] = []
        self._bodies: list[int] = []
        self._y = 0.0
        self._table_top = 0.0
        self._rules: list[float] = []
        self._begin_page()

    @property
    def pages(self) -> int:
        """How many there are."""
        return len(self._bodies)

    def add(self, row: list[Any]) -> None:
        """One row; a new page when this one is full."""
        kind, cells = row
        if self._y - _ROW < _BOTTOM:
            self._end_page()
            self._begin_page()
        top, self._y = self._y, self._y - _ROW
        if kind:
            self._drawn.append(f"0.93 g {_SIDE} {self._y:.2f} {_WIDTH - 2 * _SIDE:.2f} {_ROW} re f 0 g")
        for index, cell in enumerate(cells):
            if cell:
                self._cell(index, str(cell), (top + self._y) / 2)
        self._rules.append(self._y)

    def close(self, closing: dict[str, Any]) -> None:
        """What stands under the table, the feet of all pages, the file's structure."""
        self._end_table()
        if self._y - _CLOSING_BLOCK < _BOTTOM:
            self._flush()
            self._drawn, self._y = [], _HEIGHT - _TOP
        self._closing(closing)
        self._flush()
        self._tie()

    def _begin_page(self) -> None:
        self._drawn = ["0.4 w 0.35 G 0 g"]
        self._y = _HEIGHT - _TOP
        if not self._bodies:
            self._title()
        self._table_top = self._y
        self._y -= _HEAD_ROW
        self._rules = [self._table_top, self._y]
        width = _WIDTH - 2 * _SIDE
        self._drawn.append(f"0.91 0.93 0.97 rg {_SIDE} {self._y:.2f} {width:.2f} {_HEAD_ROW} re f 0 g")
        for index, heading in enumerate(self._headings):
            self._cell(index, heading, self._y + _HEAD_ROW / 2, align="centre")

    def _end_table(self) -> None:
        lines = [f"{_SIDE} {y:.2f} m {_WIDTH - _SIDE:.2f} {y:.2f} l" for y in self._rules]
        lines += [f"{x:.2f} {self._table_top:.2f} m {x:.2f} {self._y:.2f} l" for x in self._edges]
        self._drawn.append(" ".join(lines) + " S")

    def _end_page(self) -> None:
        self._end_table()
        self._flush()

    def _flush(self) -> None:
        self._bodies.append(self._pdf.stream("\n".join(self._drawn).encode("ascii")))

    def _cell(self, index: int, said: str, middle: float, align: str | None = None) -> None:
        left, right = self._edges[index] + _PAD, self._edges[index + 1] - _PAD
        room, shapes = right - left, self._letters.set(said)
        wide = _width(shapes, _SIZE)
        align = align or self._aligns[index]
        if wide <= room:
            self._drawn.append(_shown(shapes, _placed(left, room, wide, align), middle - _SIZE * _BASELINE, _SIZE))
            return
        if wide * _NARROWEST <= room:
            self._drawn.append(_shown(shapes, left, middle - _SIZE * _BASELINE, _SIZE, room / wide))
            return
        half = _half(shapes)
        for line, shift in ((shapes[:half], 3.6), (shapes[half:], -3.6)):
            wide = _width(line, _SMALL)
            squeeze = min(room / wide, 1.0) if wide else 1.0
            self._drawn.append(_shown(line, left, middle + shift - _SMALL * _BASELINE, _SMALL, squeeze))

    def _line(self, said: str, x: float, y: float, size: float, align: str = "left", room: float = 0.0) -> None:
        shapes = self._letters.set(said)
        wide = _width(shapes, size)
        squeeze = min(room / wide, 1.0) if room and wide else 1.0
        self._drawn.append(_shown(shapes, _placed(x, room, wide * squeeze, align), y, size, squeeze))

    def _title(self) -> None:
        setup, top, right = self._setup, self._y, _WIDTH - _SIDE
        self._line(setup["title"], _SIDE, top - 20, 18, "centre", _WIDTH - 2 * _SIDE)
        for index, (label, value) in enumerate(setup["meta"]):
            column, row = index % 2, index // 2
            x, y = _SIDE + column * 340, top - 44 - row * 15
            self._line(f"{label}：{value}", x, y, 10, room=330)
        self._qr(setup["verify_url"], right - _QR_SIDE, top - _QR_SIDE - 2)
        self._line("扫码核验真伪", right - _QR_SIDE, top - _QR_SIDE - 13, 8, "centre", _QR_SIDE)
        self._y = top - _TITLE_BLOCK

    def _qr(self, said: str, x: float, y: float) -> None:
        rows = [list(row) for row in segno.make(said, error="m", micro=False, mask=2).matrix]
        step, squares = _QR_SIDE / len(rows), []
        for down, row in enumerate(rows):
            across = 0
            while across < len(row):
                if not row[across]:
                    across += 1
                    continue
                until = across
                while until < len(row) and row[until]:
                    until += 1
                squares.append(
                    f"{x + across * step:.2f} {y + _QR_SIDE - (down + 1) * step:.2f}"
                    f" {(until - across) * step:.2f} {step:.2f} re"
                )
                across = until
        self._drawn.append("0 g " + " ".join(squares) + " f")

    def _closing(self, closing: dict[str, Any]) -> None:
        y = self._y - 22
        for statement in closing["statements"]:
            self._line(statement, _SIDE, y, 10, room=520)
            y -= 16
        right = _WIDTH - _SIDE - 190
        pen = PdfPathPen()
        draw_seal(pen, self._setup["agency"], PURPOSE)
        scale, x, bottom = _SEAL_SIDE / 1000, right + 46, self._y - _SEAL_SIDE - 2
        seal = " ".join(pen.operators)
        self._drawn.append(f"q 0.86 0.16 0.18 rg {scale:.4f} 0 0 {scale:.4f} {x:.2f} {bottom:.2f} cm {seal} f Q")
        for index, line in enumerate(closing["signed"]):
            self._line(line, right, self._y - 46 - index * 16, 11, "centre", 190)

    def _tie(self) -> None:
        """Feet, fonts, pages, metadata."""
        total, setup = len(self._bodies), self._setup
        feet = []
        for number in range(1, total + 1):
            self._drawn = ["0.3 g"]
            foot = f"{setup['footing']}　　第 {number} 页 共 {total} 页"
            self._line(foot, _SIDE, _BOTTOM - 16, 8, "centre", _WIDTH - 2 * _SIDE)
            feet.append(self._pdf.stream("\n".join(self._drawn).encode("ascii")))
        resources = self._pdf.put(
            f"<< /Font << {' '.join(f'/F{place} {number} 0 R' for place, number in self._fonts())} >> >>"
        )
        tree = self._pdf.reserve()
        pages = [
            self._pdf.put(
                f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 {_WIDTH} {_HEIGHT}] /Resources {resources} 0 R"
                f" /Contents [{body} 0 R {foot} 0 R] >>"
            )
            for body, foot in zip(self._bodies, feet, strict=True)
        ]
        kids = " ".join(f"{page} 0 R" for page in pages)
        self._pdf.put(f"<< /Type /Pages /Count {total} /Kids [{kids}] >>", tree)
        made_at = datetime.fromisoformat(setup["made_at"])
        self._pdf.close(
            catalog=f"/Pages {tree} 0 R",
            title=setup["title"],
            author=setup["agency"],
            subject=setup["footing"],
            made_at=made_at,
        )

    def _fonts(self) -> list[tuple[int, int]]:
        made = []
        for place, face in enumerate(self._letters.faces):
            if face.used:
                made.append((place, _embedded(self._pdf, face, place)))
        return made


def _placed(left: float, room: float, wide: float, align: str) -> float:
    if align == "right":
        return left + room - wide
    return left + (room - wide) / 2 if align == "centre" and room else left


def _half(shapes: Sequence[tuple[int, int, float]]) -> int:
    """Where a text is broken into two lines of about the same width."""
    whole, sofar = _width(shapes, 1), 0.0
    for index, shape in enumerate(shapes):
        sofar += shape[2] / 1000
        if sofar * 2 >= whole:
            return index + 1
    return len(shapes)


def _embedded(pdf: PdfFile, face: _Face, place: int) -> int:
    """The font of a face with what was used of it; its number."""
    name = f"HALL{'ABC'[place]}A+{Path(fonts.file_of(face.name)).stem}"
    file = pdf.stream(fonts.outlines(face.name, frozenset(face.used)), "/Subtype /CIDFontType0C")
    extents = face.font.get_font_extents("ltr")
    scale = 1000 / face.font.face.upem
    descriptor = pdf.put(
        f"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [-1000 -1000 2000 2000] /ItalicAngle 0"
        f" /Ascent {extents.ascender * scale:.0f} /Descent {extents.descender * scale:.0f} /CapHeight 730 /StemV 80"
        f" /FontFile3 {file} 0 R >>"
    )
    widths = " ".join(f"{glyph} [{width:.0f}]" for glyph, (_, width) in sorted(face.used.items()))
    below = pdf.put(
        f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /{name} /FontDescriptor {descriptor} 0 R /DW 1000"
        f" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /W [{widths}] >>"
    )
    table = pdf.stream(to_unicode([(glyph, sign) for glyph, (sign, _) in sorted(face.used.items())]))
    return pdf.put(
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{name}-Identity-H /Encoding /Identity-H"
        f" /DescendantFonts [{below} 0 R] /ToUnicode {table} 0 R >>"
    )
