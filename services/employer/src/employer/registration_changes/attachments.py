"""What an attachment must be: a PDF, a JPEG or a PNG, by its content, whole, and nothing besides. Pure.

An attachment is never opened here: it is kept sealed and handed to a reviewer's browser. So what counts is that it is
exactly one file of a kind that a browser shows by itself, not two in one (a "polyglot"), and not larger than it looks.
"""

import struct
import zlib
from collections.abc import Mapping
from typing import Literal

from servicekit.refusals import FieldFault, InvalidFields

MediaType = Literal["application/pdf", "image/jpeg", "image/png"]

MAX_BYTES = 5 * 2**20
MAX_SIDE = 12_000
MAX_PIXELS = 80_000_000
"""A scan of A4 at 600 dpi has 35 million."""
_ENDINGS: Mapping[MediaType, tuple[str, ...]] = {
    "application/pdf": ("pdf",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
}
_NAMES: Mapping[MediaType, str] = {"application/pdf": "PDF", "image/jpeg": "JPG", "image/png": "PNG"}
_PNG = b"\x89PNG\r\n\x1a\n"
# What a scanned document never needs, and what runs or hides something in a reader.
_ACTIVE_PDF = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/XFA")
_BLANK = b"\r\n\t \0"


def check_attachment(name: str, content: bytes) -> MediaType:
    """What kind of file this is.

    Raises:
        InvalidFields: with the reason, beside the field of the file.
    """
    if not content:
        raise _refused("file_empty", "文件是空的，请重新选择")
    if len(content) > MAX_BYTES:
        raise too_large()
    if content.startswith(b"%PDF-"):
        media_type: MediaType = "application/pdf"
        _check_pdf(content)
    elif content.startswith(_PNG):
        media_type = "image/png"
        _check_png(content)
    elif content.startswith(b"\xff\xd8\xff"):
        media_type = "image/jpeg"
        _check_jpeg(content)
    else:
        raise _refused("file_type", "附件只能是 PDF、JPG 或 PNG 文件，该文件的内容不是其中任何一种")
    stem, _, ending = name.rpartition(".")
    if not stem or ending.casefold() not in _ENDINGS[media_type]:
        message = f"文件的内容是 {_NAMES[media_type]}，与文件名的扩展名不符，请核对后再上传"
        raise _refused("file_ending", message)
    return media_type


def too_large() -> InvalidFields:
    """What is said of a file above `MAX_BYTES`."""
    return _refused("file_too_large", f"附件不能超过{MAX_BYTES // 2**20} MB，请压缩或降低扫描分辨率后再上传")


def _refused(code: str, message: str) -> InvalidFields:
    return InvalidFields([FieldFault("/file", code, message)], message)


def _damaged() -> InvalidFields:
    return _refused("file_damaged", "文件不完整或已损坏，请重新扫描或导出后再上传")


def _more_than_one() -> InvalidFields:
    return _refused("file_trailing", "文件末尾夹带了其他内容，请重新扫描或导出后再上传")


def _check_pdf(content: bytes) -> None:
    end = content.rfind(b"%%EOF")
    if end < 0 or b"startxref" not in content[:end]:
        raise _damaged()
    if content[end + 5 :].strip(_BLANK):
        raise _more_than_one()
    if b"/Encrypt" in content:
        raise _refused("file_encrypted", "文件设有密码，请取消密码后再上传")
    if any(word in content for word in _ACTIVE_PDF):
        raise _refused("file_active", "文件带有脚本、嵌入文件等活动内容，请打印为普通 PDF 后再上传")


def _check_png(content: bytes) -> None:
    """Walks the chunks: each with its checksum, the last one IEND, nothing behind it."""
    place, first = len(_PNG), True
    while place + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, place)
        kind, end = content[place + 4 : place + 8], place + 12 + length
        if end > len(content):
            raise _damaged()
        (checksum,) = struct.unpack_from(">I", content, end - 4)
        if zlib.crc32(content[place + 4 : end - 4]) != checksum or (first and (kind, length) != (b"IHDR", 13)):
            raise _damaged()
        if first:
            _check_size(*struct.unpack_from(">II", content, place + 8))
        if kind == b"IEND":
            if end != len(content):
                raise _more_than_one()
            return
        place, first = end, False
    raise _damaged()


# Markers that have no length behind them: TEM and the restart markers.
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD8)})
# Start of a frame, which says how large the picture is: SOF0 to SOF15 without DHT, JPG and DAC.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def _check_jpeg(content: bytes) -> None:
    """Walks the segments to the end of the picture; nothing may be behind it."""
    place, sized = 2, False
    while place + 4 <= len(content):
        if content[place] != 0xFF:
            raise _damaged()
        marker = content[place + 1]
        if marker in _BARE_MARKERS or marker == 0xFF:  # 0xFF: filling
            place += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", content, place + 2)
        end = place + 2 + length
        if length < 2 or end > len(content):
            raise _damaged()
        if marker in _FRAMES and length >= 8:
            height, width = struct.unpack_from(">HH", content, place + 5)
            _check_size(width, height)
            sized = True
        place = end
        if marker == 0xDA:  # the picture itself follows
            place = _behind_the_scan(content, end)
            if content[place : place + 2] == b"\xff\xd9":
                if not sized:
                    raise _damaged()
                if content[place + 2 :].strip(_BLANK):
                    raise _more_than_one()
                return
    raise _damaged()


def _behind_the_scan(content: bytes, place: int) -> int:
    """Where the next marker after compressed data is: there, 0xFF is followed by 0 or by a restart marker."""
    while True:
        place = content.find(b"\xff", place)
        if place < 0 or place + 1 >= len(content):
            raise _damaged()
        follower = content[place + 1]
        if follower == 0xFF:
            place += 1
        elif follower == 0 or follower in _BARE_MARKERS:
            place += 2
        else:
            return place


def _check_size(width: int, height: int) -> None:
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise _refused("image_too_large", "图片的像素尺寸过大，请降低扫描分辨率后再上传")
