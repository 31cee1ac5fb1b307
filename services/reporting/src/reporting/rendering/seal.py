"""The agency's seal (印章) as a font of one character: in the face "Hall Seal" the character 印 is the whole seal.

A seal is some twenty shapes around a circle. Drawn as SVG it would be laid out again in every document; as a glyph it
costs one letter, is a vector at any size, and whoever copies the text gets the word "印" in its place.
"""

import math
from io import BytesIO

import pylopdf_fonts_zh_cn
import uharfbuzz as hb
from fontTools.fontBuilder import FontBuilder
from fontTools.misc.transform import Identity, Transform
from fontTools.pens.basePen import AbstractPen, BasePen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen

PURPOSE = "业务专用章"
"""What the seal is for, below its star."""

_UNITS = 1000
_CENTRE = _UNITS / 2
_RADIUS = 480.0
_RING = 22.0
_CIRCLE_AS_CURVES = 0.5522847498  # the usual distance of control points for a quarter circle


def seal_face(agency: str, purpose: str) -> bytes:
    """The font. `agency` runs along the upper rim, `purpose` stands straight below the star."""
    pen = T2CharStringPen(_UNITS, None)
    draw_seal(pen, agency, purpose)
    seal = pen.getCharString()
    empty = T2CharStringPen(_UNITS, None).getCharString()
    builder = FontBuilder(_UNITS, isTTF=False)
    builder.setupGlyphOrder([".notdef", "seal"])
    builder.setupCharacterMap({ord("印"): "seal"})
    builder.setupCFF("HallSeal", {"FullName": "Hall Seal"}, {".notdef": empty, "seal": seal}, {})
    builder.setupHorizontalMetrics({".notdef": (_UNITS, 0), "seal": (_UNITS, 0)})
    builder.setupHorizontalHeader(ascent=_UNITS, descent=0)
    builder.setupNameTable({"familyName": "Hall Seal", "styleName": "Regular", "psName": "HallSeal"})
    builder.setupOS2(sTypoAscender=_UNITS, sTypoDescender=0, usWinAscent=_UNITS, usWinDescent=0)
    builder.setupPost()
    file = BytesIO()
    builder.save(file)
    return file.getvalue()


def draw_seal(pen: AbstractPen, agency: str, purpose: str) -> None:
    """The seal with any pen, in a square of 1000 units."""
    _circle(pen, _RADIUS, clockwise=False)
    _circle(pen, _RADIUS - _RING, clockwise=True)
    _star(pen, 120.0)
    letters = hb.Font(hb.Face(hb.Blob.from_file_path(str(pylopdf_fonts_zh_cn.sans_path()))))
    _along_the_rim(pen, letters, agency)
    _straight(pen, letters, purpose)


def _circle(pen: AbstractPen, radius: float, *, clockwise: bool) -> None:
    turn = -1 if clockwise else 1
    place = Transform(radius, 0, 0, radius * turn, _CENTRE, _CENTRE)
    k = _CIRCLE_AS_CURVES
    round_pen = TransformPen(pen, place)
    round_pen.moveTo((1, 0))
    round_pen.curveTo((1, k), (k, 1), (0, 1))
    round_pen.curveTo((-k, 1), (-1, k), (-1, 0))
    round_pen.curveTo((-1, -k), (-k, -1), (0, -1))
    round_pen.curveTo((k, -1), (1, -k), (1, 0))
    round_pen.closePath()


def _star(pen: AbstractPen, radius: float) -> None:
    inner = radius * math.sin(math.radians(18)) / math.sin(math.radians(54))
    points = []
    for corner in range(10):
        angle = math.radians(90 + corner * 36)
        reach = inner if corner % 2 else radius
        points.append((_CENTRE + reach * math.cos(angle), _CENTRE + 15 + reach * math.sin(angle)))
    pen.moveTo(points[0])
    for point in points[1:]:
        pen.lineTo(point)
    pen.closePath()


def _along_the_rim(pen: AbstractPen, letters: hb.Font, text: str) -> None:
    """Letters with their feet towards the centre, over an arc that leaves the bottom free."""
    size, reach = 108.0, _RADIUS - _RING - 24
    sweep = min(math.radians(250), (len(text) - 1) * math.radians(23))
    for index, letter in enumerate(text):
        turn = sweep / 2 - index * sweep / max(len(text) - 1, 1)
        middle = reach - size / 2
        place = (
            Identity.translate(_CENTRE - middle * math.sin(turn), _CENTRE + middle * math.cos(turn))
            .rotate(turn)
            .translate(-size / 2, -size * 0.38)
        )
        _letter(pen, letters, letter, place, size)


def _straight(pen: AbstractPen, letters: hb.Font, text: str) -> None:
    size = min(78.0, 520.0 / max(len(text), 1))
    for index, letter in enumerate(text):
        left = _CENTRE + (index - len(text) / 2) * size
        _letter(pen, letters, letter, Identity.translate(left, _CENTRE - 245), size)


def _letter(pen: AbstractPen, letters: hb.Font, letter: str, place: Transform, size: float) -> None:
    scale = size / letters.face.upem
    glyph = letters.get_nominal_glyph(ord(letter))
    if glyph is not None:
        letters.draw_glyph_with_pen(glyph, TransformPen(pen, place.scale(scale)))


class PdfPathPen(BasePen):  # type: ignore[misc]  # fontTools has no types
    """A pen that writes the path operators of PDF."""

    def __init__(self) -> None:
        super().__init__(None)
        self.operators: list[str] = []

    def _moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802  fontTools' name
        self.operators.append(f"{point[0]:.1f} {point[1]:.1f} m")

    def _lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self.operators.append(f"{point[0]:.1f} {point[1]:.1f} l")

    def _curveToOne(self, *points: tuple[float, float]) -> None:  # noqa: N802
        self.operators.append(" ".join(f"{x:.1f} {y:.1f}" for x, y in points) + " c")

    def _closePath(self) -> None:  # noqa: N802
        self.operators.append("h")
