"""Attachments: PDF, JPEG and PNG by their content, whole, and nothing besides."""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping

import pytest

from employer.registration_changes.attachments import MAX_BYTES, MAX_SIDE, check_attachment
from servicekit.refusals import InvalidFields
from tests.support.files import jpeg, pdf, png, png_chunk

GOOD: Mapping[str, tuple[str, Callable[[], bytes], str]] = {
    "a PDF": ("执照.pdf", pdf, "application/pdf"),
    "a PDF that was changed and saved behind its end": ("a.PDF", lambda: pdf() + pdf()[9:], "application/pdf"),
    "a PDF with blanks behind it": ("a.pdf", lambda: pdf() + b"\r\n\0\0", "application/pdf"),
    "a JPEG": ("a.jpg", jpeg, "image/jpeg"),
    "a progressive JPEG": ("a.jpeg", lambda: jpeg(300, 200, progressive=True), "image/jpeg"),
    "a JPEG whose thumbnail is a JPEG": ("a.jpg", lambda: _with_thumbnail(jpeg()), "image/jpeg"),
    "a PNG": ("a.PNG", png, "image/png"),
}


def _with_thumbnail(picture: bytes) -> bytes:
    data = b"Exif\0\0" + jpeg(8, 8)
    return picture[:2] + b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data + picture[2:]


def _zip(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return made.getvalue()


def _sized(width: int, height: int) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">II", width, height) + b"\x08\x02\0\0\0")
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", b"x") + png_chunk(b"IEND", b"")


def _large_jpeg() -> bytes:
    picture = bytearray(jpeg())
    place = picture.index(b"\xff\xc0")
    picture[place + 5 : place + 9] = struct.pack(">HH", 60_000, 60_000)
    return bytes(picture)


HOSTILE: Mapping[str, tuple[str, Callable[[], bytes], str]] = {
    "nothing": ("a.pdf", lambda: b"", "file_empty"),
    "too much": ("a.pdf", lambda: pdf() + b" " * MAX_BYTES, "file_too_large"),
    "a program": ("a.pdf", lambda: b"MZ\x90\0" + b"\0" * 100, "file_type"),
    "a page": ("a.pdf", lambda: b"<!DOCTYPE html><script>alert(1)</script>", "file_type"),
    "a drawing with a script": (
        "a.png",
        lambda: b"<svg onload=alert(1)/>",
        "file_type",
    ),
    "a zip bomb named .pdf": ("a.pdf", lambda: _zip(bomb=b"\0" * 50_000_000), "file_type"),
    "a PDF behind a page": ("a.pdf", lambda: b"<script>alert(1)</script>" + pdf(), "file_type"),
    "a GIF": ("a.png", lambda: b"GIF89a" + b"\0" * 40, "file_type"),
    "a text": ("a.jpg", lambda: "营业执照".encode(), "file_type"),
    "a PDF named .png": ("a.png", pdf, "file_ending"),
    "a PNG named .pdf.exe": ("a.pdf.exe", png, "file_ending"),
    "a JPEG without an ending": ("jpg", jpeg, "file_ending"),
    "a PDF with an archive behind it": ("a.pdf", lambda: pdf() + _zip(a=b"b"), "file_trailing"),
    "a JPEG with an archive behind it": ("a.jpg", lambda: jpeg() + _zip(a=b"b"), "file_trailing"),
    "a PNG with a page behind it": ("a.png", lambda: png() + b"<script>", "file_trailing"),
    "half a PDF": ("a.pdf", lambda: pdf()[:200], "file_damaged"),
    "half a JPEG": ("a.jpg", lambda: jpeg()[:-40], "file_damaged"),
    "a JPEG that ends in its head": ("a.jpg", lambda: jpeg()[:30], "file_damaged"),
    "a JPEG of rubbish": ("a.jpg", lambda: b"\xff\xd8\xff\xe0\0\x10JFIF" + b"x" * 40, "file_damaged"),
    "half a PNG": ("a.png", lambda: png()[:-6], "file_damaged"),
    "a PNG with a wrong checksum": ("a.png", lambda: png().replace(b"IDAT", b"IDAS"), "file_damaged"),
    "a PNG without a head": ("a.png", lambda: png()[:8] + png_chunk(b"IEND", b""), "file_damaged"),
    "a PNG that says it is endless": ("a.png", lambda: png()[:8] + b"\xff\xff\xff\xffIHDR" + b"x" * 40, "file_damaged"),
    "a PDF with a password": ("a.pdf", lambda: pdf(objects=b"9 0 obj<</Encrypt 8 0 R>> endobj\n"), "file_encrypted"),
    "a PDF with a script": ("a.pdf", lambda: pdf(objects=b"9 0 obj<</S/JavaScript/JS(x)>> endobj\n"), "file_active"),
    "a PDF that starts a program": ("a.pdf", lambda: pdf(objects=b"9 0 obj<</S/Launch>> endobj\n"), "file_active"),
    "a PDF with a file in it": ("a.pdf", lambda: pdf(objects=b"9 0 obj<</Type/EmbeddedFile>> endobj\n"), "file_active"),
    "a PNG of four billion pixels": ("a.png", lambda: _sized(65_000, 65_000), "image_too_large"),
    "a PNG too wide": ("a.png", lambda: _sized(MAX_SIDE + 1, 1), "image_too_large"),
    "a PNG without pixels": ("a.png", lambda: _sized(0, 10), "image_too_large"),
    "a JPEG of four billion pixels": ("a.jpg", _large_jpeg, "image_too_large"),
}


@pytest.mark.parametrize("what", GOOD)
def test_what_scanners_and_offices_write_is_taken(what: str) -> None:
    name, content, media_type = GOOD[what]
    assert check_attachment(name, content()) == media_type


@pytest.mark.parametrize("what", HOSTILE)
def test_everything_else_is_refused_with_the_reason(what: str) -> None:
    name, content, code = HOSTILE[what]
    with pytest.raises(InvalidFields) as refused:
        check_attachment(name, content())
    (fault,) = refused.value.errors
    assert (fault.pointer, fault.code) == ("/file", code)
    assert fault.message


@pytest.mark.parametrize("picture", [png(), jpeg(), pdf()])
def test_no_beginning_of_a_file_is_a_file(picture: bytes) -> None:
    """Cut anywhere, it is refused and never a fault of ours."""
    name = {b"\x89": "a.png", b"\xff": "a.jpg", b"%": "a.pdf"}[picture[:1]]
    for length in range(len(picture) - 1):
        if picture[length:].strip() == b"":
            continue
        with pytest.raises(InvalidFields):
            check_attachment(name, picture[:length])
