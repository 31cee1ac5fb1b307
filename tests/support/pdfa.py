"""What can be seen of PDF/A-2u (ISO 19005-2, level U) without a validator: structure, fonts, colours, annotations."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf

_DO_SOMETHING = frozenset({"/JS", "/JavaScript", "/Launch", "/AA", "/EF", "/XFA", "/TR", "/HTP", "/OPI", "/Alternates"})
_HIDDEN = 0b1 | 0b10 | 0b100000  # invisible, hidden, not shown on screen
_PRINTED = 0b100
_CMYK = frozenset({"k", "K"})
_SHOW = frozenset({"Tj", "TJ", "'", '"'})


def faults_of(content: bytes) -> list[str]:
    """What a PDF has that PDF/A-2u doesn't allow, or lacks of what it asks for."""
    with pikepdf.open(BytesIO(content)) as pdf:
        return [*_of_structure(pdf), *_of_metadata(pdf), *_of_objects(pdf), *_of_pages(pdf)]


def _of_structure(pdf: pikepdf.Pdf) -> Iterator[str]:
    if "/ID" not in pdf.trailer:
        yield "no identifier"
    if pdf.is_encrypted:
        yield "encrypted"
    intents: Any = pdf.Root.get("/OutputIntents", [])
    profiles = [one.get("/DestOutputProfile") for one in intents if one.get("/S") == "/GTS_PDFA1"]
    if [None if one is None else int(one.get("/N")) for one in profiles] != [3]:
        yield "no output intent for RGB"
    form: Any = pdf.Root.get("/AcroForm", {})
    if form.get("/NeedAppearances", False):
        yield "appearances are left to the reader"


def _of_metadata(pdf: pikepdf.Pdf) -> Iterator[str]:
    with pdf.open_metadata() as said:
        if (said.get("pdfaid:part"), said.get("pdfaid:conformance")) != ("2", "U"):
            yield "doesn't say that it is PDF/A-2u"
        title, author = said.get("dc:title"), said.get("dc:creator")
        if title != str(pdf.docinfo.get("/Title")):
            yield "two titles"
        if author != [str(pdf.docinfo.get("/Author"))]:
            yield "two authors"


def _of_objects(pdf: pikepdf.Pdf) -> Iterator[str]:
    for one in pdf.objects:
        for found in dictionaries_in(one):
            yield from (f"{name} is there" for name in _DO_SOMETHING & set(found.keys()))
            if found.get("/Type") == "/Font":
                yield from _of_font(found)
            if found.get("/Interpolate", False):
                yield "an interpolated image"
            if "/LZWDecode" in repr(found.get("/Filter")):
                yield "LZW"


def _of_font(font: Any) -> Iterator[str]:
    if font["/Subtype"] == "/Type0":
        if "/ToUnicode" not in font:
            yield f"{font['/BaseFont']} doesn't say what its shapes mean"
    elif not any(f"/FontFile{kind}" in font["/FontDescriptor"] for kind in ("", "2", "3")):
        yield f"{font['/BaseFont']} is not embedded"


def _of_pages(pdf: pikepdf.Pdf) -> Iterator[str]:
    for number, page in enumerate(pdf.pages, 1):
        for annotation in page.get("/Annots", []):
            flags = int(annotation.get("/F", 0))
            if flags & _HIDDEN or not flags & _PRINTED:
                yield f"page {number}: an annotation that isn't printed"
            left, bottom, right, top = (float(side) for side in annotation["/Rect"])
            if "/AP" not in annotation and (left, bottom) != (right, top):
                yield f"page {number}: an annotation without an appearance"
        for step in pikepdf.parse_content_stream(page):
            if str(step.operator) in _CMYK:
                yield f"page {number}: a colour that the output intent doesn't cover"
            if str(step.operator) in _SHOW and any(0 in shapes for shapes in _shapes(step.operands)):
                yield f"page {number}: a character without a shape"


def _shapes(operands: Any) -> Iterator[list[int]]:
    """Glyph numbers of what an operator shows: all our fonts have two bytes for each."""
    for operand in operands:
        for piece in operand if isinstance(operand, pikepdf.Array) else (operand,):
            if isinstance(piece, pikepdf.String):
                code = bytes(piece)
                yield [int.from_bytes(code[at : at + 2]) for at in range(0, len(code), 2)]


def dictionaries_in(one: Any) -> Iterator[Any]:
    """An object and what is directly in it, as far as it is a dictionary."""
    if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
        yield one
        inside = [value for _, value in one.items()]
    elif isinstance(one, pikepdf.Array):
        inside = list(one)
    else:
        return
    for value in inside:
        if isinstance(value, pikepdf.Object) and not value.is_indirect:
            yield from dictionaries_in(value)
