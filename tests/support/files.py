"""Files that people attach, small and whole: PDF, JPEG, PNG."""

import io
import struct
import zlib

from PIL import Image


def pdf(words: str = "attachment", *, objects: bytes = b"") -> bytes:
    """A one-page PDF; `objects` go into its body as they are."""
    body = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>",
    ]
    stream = f"BT /F1 24 Tf 72 760 Td ({words}) Tj ET".encode("ascii", "replace")
    parts.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
    parts.append(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    for number, part in enumerate(parts, start=1):
        places.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, part)
    body += objects
    start = len(body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    body += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(parts) + 1, table)
    return body + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, start)


def jpeg(width: int = 40, height: int = 30, *, progressive: bool = False) -> bytes:
    """A picture as scanners and telephones write it."""
    made = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(made, "JPEG", progressive=progressive)
    return made.getvalue()


def png(width: int = 40, height: int = 30) -> bytes:
    """A picture as a screenshot is one."""
    made = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(made, "PNG")
    return made.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG with its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
