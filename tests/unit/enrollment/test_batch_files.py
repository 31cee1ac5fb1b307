"""Files as a whole: hostile ones and those of other formats are refused with the reason, others are read."""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping

import pytest

from enrollment.batches import workbook
from enrollment.batches.columns import ADDITION
from enrollment.batches.workbook import Grid, open_grid
from servicekit.sheets.container import FileRefused, check_container
from tests.support.sheets import newcomer, sheet_of

GOOD = sheet_of([newcomer()])
_SHEET = "xl/worksheets/sheet1.xml"


def changed(parts: Mapping[str, bytes | None], content: bytes = GOOD) -> bytes:
    """A workbook with some of its parts replaced, added or (None) left out."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            if part is not None:
                new.writestr(name, part)
    return made.getvalue()


def part_of(name: str, content: bytes = GOOD) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def flagged_as_encrypted() -> bytes:
    content = bytearray(GOOD)
    place = content.rfind(b"PK\x01\x02")
    content[place + 8] |= 1
    return bytes(content)


def with_lying_sizes() -> bytes:
    """A part that is a hundred times as large as the directory says."""
    content = bytearray(changed({"docProps/note.bin": b"\0" * 5_000_000}))
    place = content.rfind(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<I", 50_000)
    return bytes(content)


def xml_bomb() -> bytes:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "lol">{entities}]>'.encode()
    return changed({_SHEET: part_of(_SHEET).replace(b"<worksheet", bomb + b"<worksheet", 1)})


HOSTILE: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "file_empty"),
    "a cell of 300 MiB": (lambda: changed({_SHEET: b"<a>" + b"x" * 300 * 2**20}), "file_inflates"),
    "a thousandfold of a few MiB": (lambda: changed({"xl/media/image1.png": b"\0" * 9 * 2**20}), "file_inflates"),
    "sizes that lie": (with_lying_sizes, "file_damaged"),
    "XML that defines entities": (xml_bomb, "file_xml"),
    "XML in UTF-16": (lambda: changed({_SHEET: part_of(_SHEET).decode().encode("utf-16")}), "file_xml"),
    "macros": (lambda: changed({"xl/vbaProject.bin": b"x"}), "file_macros"),
    "macros by their type": (
        lambda: changed(
            {
                "[Content_Types].xml": part_of("[Content_Types].xml").replace(
                    b"spreadsheetml.sheet.main", b"sheet.macroEnabled.main"
                )
            }
        ),
        "file_macros",
    ),
    "a sheet of macros": (lambda: changed({"xl/macrosheets/sheet1.xml": b"<x/>"}), "file_macros"),
    "links to other files": (lambda: changed({"xl/externalLinks/externalLink1.xml": b"<x/>"}), "file_links"),
    "encrypted parts": (flagged_as_encrypted, "file_encrypted"),
    "a password": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        "file_encrypted",
    ),
    "the old format": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "file_is_xls"),
    "a binary workbook": (lambda: changed({"xl/workbook.xml": None, "xl/workbook.bin": b"x"}), "file_is_xlsb"),
    "a text document": (lambda: changed({"xl/workbook.xml": None, "word/document.xml": b"<x/>"}), "file_not_xlsx"),
    "an OpenDocument": (lambda: changed({"xl/workbook.xml": None, "content.xml": b"<x/>"}), "file_not_xlsx"),
    "comma separated": (lambda: "证件类型,证件号码\n01,330203199003071232\n".encode() * 500, "file_is_text"),
    "comma separated, GB 18030": (lambda: "证件类型,证件号码\n".encode("gb18030") * 900, "file_is_text"),
    "text in UTF-16": (lambda: "证件类型\t证件号码\n".encode("utf-16"), "file_is_text"),
    "a PDF": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "file_not_xlsx"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "file_not_xlsx"),
    "half a file": (lambda: GOOD[: len(GOOD) // 2], "file_damaged"),
    "an empty archive": (lambda: b"PK\x05\x06" + bytes(18), "file_damaged"),
    "a way out": (lambda: changed({"../../etc/cron.d/x": b"x"}), "file_paths"),
    "a way out for Windows": (lambda: changed({"..\\..\\x": b"x"}), "file_paths"),
    "a drive": (lambda: changed({"C:/x": b"x"}), "file_paths"),
    "an absolute path": (lambda: changed({"/etc/passwd": b"x"}), "file_paths"),
    "two parts of one name": (lambda: changed({"XL/WORKBOOK.XML": b"<x/>"}), "file_paths"),
    "too many parts": (lambda: changed({f"xl/media/{n}": b"" for n in range(600)}), "file_entries"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_refused_with_the_reason(name: str) -> None:
    make, code = HOSTILE[name]
    with pytest.raises(FileRefused) as refused:
        check_container(make())
    assert refused.value.code == code
    assert refused.value.message


def test_a_flipped_byte_is_noticed() -> None:
    content = bytearray(GOOD)
    content[GOOD.index(b"xl/worksheets/sheet1.xml") + 60] ^= 0xFF
    with pytest.raises(FileRefused) as refused:
        check_container(bytes(content))
    assert refused.value.code == "file_damaged"


def grid(content: bytes) -> Grid:
    check_container(content)
    return open_grid(content, ADDITION)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (changed({_SHEET: b"<worksheet><sheetData><row"}), "file_damaged"),
        (changed({"xl/workbook.xml": b"<workbook/>"}), "no_people"),
        (sheet_of([{"a": 1, "b": 2}]), "headings"),
        (sheet_of([newcomer() | {"工号": "1"}]), "headings"),
        (sheet_of([{name: value for name, value in newcomer().items() if name != "姓名"}]), "headings"),
        (sheet_of([dict.fromkeys(newcomer())]), "no_people"),
        (sheet_of([newcomer()] * 4), "too_many_people"),
        (sheet_of([newcomer()], [*newcomer(), *(f"栏{n}" for n in range(100))]), "too_many_columns"),
    ],
)
def test_workbooks_that_are_refused(content: bytes, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_PEOPLE", 3)
    with pytest.raises(FileRefused) as refused:
        grid(content)
    assert refused.value.code == code


def test_missing_and_unknown_headings_are_named() -> None:
    people = [{("手机" if name == "手机号码" else name): value for name, value in newcomer().items()}]
    with pytest.raises(FileRefused) as refused:
        grid(sheet_of(people))
    assert "表头“手机”不是模板中的栏目" in refused.value.message
    assert "缺少必填栏目：手机号码" in refused.value.message
