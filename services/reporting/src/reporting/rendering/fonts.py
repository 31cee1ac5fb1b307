"""The faces documents are set in, all from the Noto Serif CJK family (SIL OFL), shipped as Python packages.

Embedding makes a subset of the face a document uses, and that costs by the size of the face. So an ordinary document
is set in a face cut down to the characters of GB 2312, and one with a rarer character in the full faces. The cut takes
HarfBuzz about 0.1 s, so it is made anew by each rendering process: there is no cached file to go stale.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pylopdf_fonts_cjk
import pylopdf_fonts_zh_cn
import pylopdf_fonts_zh_tw
import uharfbuzz as hb

FaceChoice = Literal["common", "full"]

# Signs of the pages that GB 2312 lacks or that Python decodes differently, and the two zeros of Chinese numerals.
_EXTRA_SIGNS = "·—\u2013…“”‘’￥¥©®°±×÷€\u3007○\u3000"
# Joiners, marks and variation selectors: they have no shape of their own, so no face has to have them.
_SHAPELESS = frozenset(
    {0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
)


@dataclass(frozen=True)
class MissingShapes(Exception):
    """No face has a shape for these characters; a box in their place would make the document wrong."""

    characters: str


@functools.cache
def common_characters() -> frozenset[int]:
    """Code points of the common face: ASCII and GB 2312 with its 6,763 Chinese characters."""
    found = set(range(0x20, 0x7F)) | {ord(sign) for sign in _EXTRA_SIGNS}
    for row in (*range(0xA1, 0xAA), *range(0xB0, 0xF8)):
        for cell in range(0xA1, 0xFF):
            try:
                found.add(ord(bytes((row, cell)).decode("gb2312")))
            except UnicodeDecodeError:  # an unassigned cell
                continue
    return frozenset(found)


_FILES: Mapping[str, Path] = {
    "full": Path(pylopdf_fonts_zh_cn.serif_path()),
    "taiwan": Path(pylopdf_fonts_zh_tw.serif_path()),
    "japan": Path(pylopdf_fonts_cjk.serif_path()),
}


FALLBACKS: tuple[str, ...] = ("full", "taiwan", "japan")
"""The faces a character is looked for in, in this order."""


def file_of(name: str) -> Path:
    """Where a face lies."""
    return _FILES[name]


def shaper(name: str) -> hb.Font:
    """A whole face, for looking up shapes and widths; its file is mapped, not read."""
    return hb.Font(hb.Face(hb.Blob.from_file_path(str(_FILES[name]))))


def outlines(name: str, glyphs: frozenset[int]) -> bytes:
    """The CFF table of a face with these glyphs only, under the numbers they have in the whole face."""
    wanted = hb.SubsetInput()
    wanted.sets(hb.SubsetInputSets.GLYPH_INDEX).set({0, *glyphs})
    wanted.flags = hb.SubsetFlags.RETAIN_GIDS | hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.CFF_IDENTITY_CHARSET
    cut = hb.subset(hb.Face(hb.Blob.from_file_path(str(_FILES[name]))), wanted)
    return bytes(cut.reference_table("CFF ").data)


def shapeless(sign: str) -> bool:
    """Whether a character has no shape of its own."""
    return ord(sign) in _SHAPELESS or sign in "\t\n\r"


@functools.cache
def _shapes_of(name: str) -> frozenset[int]:
    return frozenset(hb.Face(hb.Blob.from_file_path(str(_FILES[name]))).unicodes)


def choose(text: str) -> FaceChoice:
    """The smallest faces that hold every character of a document.

    Raises:
        MissingShapes: a character is in none of them.
    """
    wanted = {ord(sign) for sign in set(text)} - _SHAPELESS  # a page is mostly the same few hundred, again and again
    wanted -= {0x09, 0x0A, 0x0D}
    rare = wanted - common_characters()
    if not rare:
        return "common"
    lacking = rare - _shapes_of("full") - _shapes_of("taiwan") - _shapes_of("japan")
    if lacking:
        raise MissingShapes("".join(map(chr, sorted(lacking))))
    return "full"


def face(name: str) -> bytes:
    """The font file of a face, as OpenType: `common`, `full`, `taiwan` or `japan`.

    The full Chinese face is passed on as it is; of the other two only what it lacks, so that a character has one shape
    wherever it stands.
    """
    if name == "full":
        return _FILES["full"].read_bytes()
    if name == "common":
        return _cut(_FILES["full"], common_characters() & _shapes_of("full"))
    rest = _shapes_of(name) - _shapes_of("full")
    if name == "japan":
        rest -= _shapes_of("taiwan")
    return _cut(_FILES[name], rest)


def _cut(file: Path, characters: frozenset[int]) -> bytes:
    """The font with these characters only; half-width forms (`hwid`) are kept, tables of figures are set in them."""
    wanted = hb.SubsetInput()
    wanted.sets(hb.SubsetInputSets.UNICODE).set(characters)
    wanted.sets(hb.SubsetInputSets.LAYOUT_FEATURE_TAG).add(int.from_bytes(b"hwid"))
    wanted.flags = hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.NOTDEF_OUTLINE
    cut = hb.subset(hb.Face(hb.Blob.from_file_path(str(file))), wanted)
    return bytes(cut.blob.data)
