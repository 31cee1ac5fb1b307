"""The bare structure of a PDF that is written from front to back: objects, cross-references, metadata of PDF/A-2u.

Only the places of the objects are kept in memory, so a file may have any number of pages.
"""

import hashlib
import zlib
from collections.abc import Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape

_PRODUCER = "Employer Hall"


class PdfFile:
    """Writes objects to a file as they come; `close` writes what ties them together."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._at = 0
        self._places: dict[int, int] = {}
        self._next = 1
        self._digest = hashlib.sha256()
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def reserve(self) -> int:
        """A number for an object that is written later."""
        number, self._next = self._next, self._next + 1
        return number

    def put(self, body: str, number: int | None = None) -> int:
        """An object; its number."""
        return self._object(body.encode("ascii"), number)

    def stream(self, content: bytes, entries: str = "", *, packed: bool = True) -> int:
        """A stream with these further entries; its number."""
        data = zlib.compress(content, 6) if packed else content
        head = f"<< /Length {len(data)}{' /Filter /FlateDecode' if packed else ''} {entries} >>\nstream\n"
        return self._object(head.encode("ascii") + data + b"\nendstream")

    def close(self, *, catalog: str, title: str, author: str, subject: str, made_at: datetime) -> None:
        """Metadata, catalogue, cross-references. `catalog` is what the catalogue says of the pages."""
        profile = self.stream(_colour_profile(), "/N 3")
        intent = self.put(
            f"<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) /Info (sRGB)"
            f" /DestOutputProfile {profile} 0 R >>"
        )
        xmp = self.stream(_xmp(title, author, subject, made_at), "/Type /Metadata /Subtype /XML", packed=False)
        info = self.put(
            f"<< /Title {text(title)} /Author {text(author)} /Subject {text(subject)} /Producer ({_PRODUCER})"
            f" /CreationDate ({_pdf_date(made_at)}) >>"
        )
        root = self.put(
            f"<< /Type /Catalog {catalog} /Lang (zh-CN) /Metadata {xmp} 0 R /OutputIntents [{intent} 0 R]"
            f" /ViewerPreferences << /DisplayDocTitle true >> >>"
        )
        start, size = self._at, self._next
        lines = ["xref", f"0 {size}", "0000000000 65535 f "]
        lines += [f"{self._places[number]:010d} 00000 n " for number in range(1, size)]
        identity = self._digest.hexdigest()[:32]
        lines += [
            "trailer",
            f"<< /Size {size} /Root {root} 0 R /Info {info} 0 R /ID [<{identity}> <{identity}>] >>",
            "startxref",
            str(start),
            "%%EOF",
            "",
        ]
        self._write("\n".join(lines).encode("ascii"))

    def _object(self, body: bytes, number: int | None = None) -> int:
        number = number or self.reserve()
        self._places[number] = self._at
        self._write(f"{number} 0 obj\n".encode("ascii") + body + b"\nendobj\n")
        return number

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._digest.update(data)
        self._at += len(data)


def text(value: str) -> str:
    """A text outside of content streams."""
    return f"<feff{value.encode('utf-16-be').hex()}>"


def to_unicode(mapping: Sequence[tuple[int, str]]) -> bytes:
    """The table by which readers copy and search: glyph number to text."""
    blocks = []
    for start in range(0, len(mapping), 100):
        part = mapping[start : start + 100]
        lines = "\n".join(f"<{glyph:04x}> <{sign.encode('utf-16-be').hex()}>" for glyph, sign in part)
        blocks.append(f"{len(part)} beginbfchar\n{lines}\nendbfchar")
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
        + "\n".join(blocks)
        + "\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")


def _colour_profile() -> bytes:
    """The sRGB profile that WeasyPrint ships; found without loading WeasyPrint, which takes a second."""
    found = find_spec("weasyprint")
    if found is None or found.submodule_search_locations is None:
        raise FileNotFoundError("weasyprint")
    return (Path(found.submodule_search_locations[0]) / "pdf" / "sRGB2014.icc").read_bytes()


def _pdf_date(moment: datetime) -> str:
    zone = moment.strftime("%z") or "+0000"
    return f"D:{moment:%Y%m%d%H%M%S}{zone[:3]}'{zone[3:]}'"


def _xmp(title: str, author: str, subject: str, made_at: datetime) -> bytes:
    said = {name: escape(value) for name, value in (("title", title), ("author", author), ("subject", subject))}
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{said["title"]}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{said["author"]}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{said["subject"]}</rdf:li></rdf:Alt></dc:description>
<xmp:CreateDate>{made_at.isoformat(timespec="seconds")}</xmp:CreateDate><pdf:Producer>{_PRODUCER}</pdf:Producer>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()
