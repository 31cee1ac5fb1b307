"""The child's half: fills a document's template and sets it. Everything that can be kept between documents is kept."""

import base64
import struct
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pydyf
import segno
from jinja2 import Environment, PackageLoader, StrictUndefined
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from reporting.rendering import fonts
from reporting.rendering.fetching import SCHEME, PackagedOnly
from reporting.rendering.seal import PURPOSE, seal_face

_FAMILIES: Mapping[fonts.FaceChoice, tuple[tuple[str, str], ...]] = {
    "common": (("Hall", "common"), ("Hall Seal", "seal")),
    "full": (("Hall", "full"), ("Hall Taiwan", "taiwan"), ("Hall Japan", "japan"), ("Hall Seal", "seal")),
}
_ARCHIVAL = {"pdf_variant": "pdf/a-2u"}
"""For keeping: nothing from outside is needed to show it, and every shape says which character it is (ADR 8)."""
_DOCUMENTS = ("insurance_certificate", "employer_certificate")
"""Every document, by the folder of its template in `reporting.documents`."""


_DOTS = 4
"""Dots in a row for each module of a QR code: more than one, for readers that smooth what they enlarge."""


class _Deflate:
    """Stands for `zlib` in pydyf, which compresses at level 9: 3 ms more for each document, and 0.5 % smaller."""

    compress = staticmethod(zlib.compress)

    @staticmethod
    def compressobj(level: int = 6) -> Any:
        return zlib.compressobj(level=min(level, 6))


pydyf.zlib = _Deflate


@dataclass(frozen=True)
class Typeset:
    """A document that was set."""

    pdf: bytes
    milliseconds: float
    pages: int
    faces: fonts.FaceChoice


class _Setting:
    """One choice of faces: its font configuration, and the style sheets parsed with it."""

    def __init__(self, choice: fonts.FaceChoice, styles: Mapping[str, str], load_face: Callable[[str], bytes]) -> None:
        self.fetcher = PackagedOnly(load_face)
        self.fonts = FontConfiguration()
        faces = "".join(
            f'@font-face {{ font-family: "{family}"; src: url("{SCHEME}{name}") }}\n'
            for family, name in _FAMILIES[choice]
        )
        self.styles = {
            name: CSS(string=faces + style, font_config=self.fonts, url_fetcher=self.fetcher)
            for name, style in styles.items()
        }


class Typesetter:
    """Sets documents by the name of their template folder in `reporting.documents`."""

    def __init__(self, *, agency: str) -> None:
        self._agency = agency
        loader = PackageLoader("reporting", "documents")
        pages = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
        pages.globals["qr"] = qr_image
        self._pages = {name: pages.get_template(f"{name}/page.html.j2") for name in _DOCUMENTS}
        self._styles = {name: loader.get_source(pages, f"{name}/page.css")[0] for name in _DOCUMENTS}
        self._settings: dict[fonts.FaceChoice, _Setting] = {}

    def _face(self, name: str) -> bytes:
        if name == "seal":
            return seal_face(self._agency, PURPOSE)
        return fonts.face(name)

    def setting(self, choice: fonts.FaceChoice) -> _Setting:
        """The faces of a choice, loaded when first wanted: most workers never see a rare character."""
        if choice not in self._settings:
            self._settings[choice] = _Setting(choice, self._styles, self._face)
        return self._settings[choice]

    def set(self, document: str, content: Mapping[str, Any]) -> Typeset:
        """The PDF of a document.

        Raises:
            MissingShapes: a character of the content is in none of our faces.
        """
        started = time.perf_counter()
        page = self._pages[document].render(content)
        choice = fonts.choose(page)
        setting = self.setting(choice)
        rendered = HTML(string=page, url_fetcher=setting.fetcher).render(
            stylesheets=[setting.styles[document]], font_config=setting.fonts, **_ARCHIVAL
        )
        pdf: bytes = rendered.write_pdf(**_ARCHIVAL)
        return Typeset(pdf, (time.perf_counter() - started) * 1000, len(rendered.pages), choice)


def qr_image(text: str) -> str:
    """A QR code as the address of a grey image: it costs a fraction of the same drawn as shapes.

    Error correction M, so that a folded or stamped print is still read. The mask is fixed: choosing the best of eight
    is most of the work of making a code, and every reader takes any of them.
    """
    rows = segno.make(text, error="m", micro=False, mask=2).matrix
    # Grey, which WeasyPrint passes on; of one bit it would make three colours.
    lines = b"".join((b"\0" + b"".join((b"\0" if dark else b"\xff") * _DOTS for dark in row)) * _DOTS for row in rows)
    side = len(rows) * _DOTS
    chunks = (
        (b"IHDR", struct.pack(">II", side, side) + bytes((8, 0, 0, 0, 0))),
        (b"IDAT", zlib.compress(lines)),
        (b"IEND", b""),
    )
    image = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return f"data:image/png;base64,{base64.b64encode(image).decode()}"
