"""An uploaded file looked at from outside, before any reader opens it: is it a harmless .xlsx? Runs in the child.

An ordinary 300 KiB .xlsx can hold a cell of 300 MiB. So entries, declared and real sizes and their ratio come first;
macros, external links, encryption, other formats and XML with entities are refused with the reason.
"""

import io
import re
import zipfile
import zlib

MAX_ENTRIES = 500
MAX_ENTRY_BYTES = 80 * 2**20
MAX_TOTAL_BYTES = 100 * 2**20
_HARMLESS_BYTES = 4 * 2**20
MAX_RATIO = 150
"""Of the whole, once it is larger than a few MiB. Sheets of people compress to a tenth or a twentieth."""
_CHUNK = 2**16
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DTD = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_FOREIGN_XML = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")
_MACROS = re.compile(r"(?i)(?:^|/)(?:vbaproject|vbadata|vbaprojectsignature)[^/]*$|^xl/macrosheets/")
_LINKS = re.compile(r"(?i)^xl/externallinks/")
_OTHER_OFFICE = ("word/", "ppt/", "content.xml")


class FileRefused(Exception):
    """The file as a whole can't be taken. `code` is stable, `message` is for the clerk."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


def check_container(data: bytes) -> None:
    """Looks at everything that can be told without opening the workbook.

    Raises:
        FileRefused: with the reason.
    """
    if not data.startswith(b"PK\x03\x04"):
        raise _no_zip(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_entries(entries)
            _check_sizes(entries, len(data))
            _check_contents(archive, entries)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OverflowError, ValueError) as fault:
        raise FileRefused("file_damaged", "文件不完整或已损坏，请重新保存后再上传") from fault


def _no_zip(data: bytes) -> FileRefused:
    if not data:
        return FileRefused("file_empty", "文件是空的，请选择填写好的模板文件")
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            return FileRefused("file_encrypted", "文件设有打开密码，请取消密码后再上传")
        return FileRefused("file_is_xls", "这是 .xls 格式的旧版文件，请另存为 .xlsx 格式后再上传")
    if data.startswith(b"PK"):
        return FileRefused("file_damaged", "文件不完整或已损坏，请重新保存后再上传")
    if _is_text(data):
        return FileRefused("file_is_text", "这是文本文件（如 .csv），请使用下载的 .xlsx 模板填写后上传")
    return FileRefused("file_not_xlsx", "这不是 .xlsx 文件，请使用下载的模板填写后上传")


def _is_text(data: bytes) -> bool:
    start = data[:4096]
    if b"\0" in start:
        return start.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-8", "gb18030"):
        try:
            start[: len(start) - 4 if len(data) > len(start) else None].decode(encoding)
        except UnicodeDecodeError:
            continue
        return not start.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8"))
    return False


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise FileRefused("file_entries", f"文件内部的部件超过{MAX_ENTRIES}个，不是普通的表格文件")
    names = [entry.filename for entry in entries]
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise FileRefused("file_encrypted", "文件内容已加密，请取消密码后再上传")
    for name in names:
        parts = re.split(r"[/\\]", name)
        if ".." in parts or name.startswith(("/", "\\")) or "\0" in name or re.match(r"[A-Za-z]:", name):
            raise FileRefused("file_paths", "文件内部含有异常的路径，不能上传")
    if len({name.casefold() for name in names}) != len(names):
        raise FileRefused("file_paths", "文件内部含有重名的部件，不能上传")
    if any(_MACROS.search(name) for name in names):
        raise FileRefused("file_macros", "文件带有宏，请另存为不含宏的 .xlsx 格式后再上传")
    if any(_LINKS.search(name) for name in names):
        raise FileRefused("file_links", "文件含有指向其他文件的外部链接，请断开链接后再上传")
    if "xl/workbook.bin" in names:
        raise FileRefused("file_is_xlsb", "这是 .xlsb 格式的文件，请另存为 .xlsx 格式后再上传")
    if "xl/workbook.xml" not in {name.casefold() for name in names}:
        kind = (
            "这是其他办公软件格式的文件" if any(name.startswith(_OTHER_OFFICE) for name in names) else "这不是表格文件"
        )
        raise FileRefused("file_not_xlsx", f"{kind}，请使用下载的 .xlsx 模板填写后上传")


def _check_sizes(entries: list[zipfile.ZipInfo], size: int) -> None:
    total = sum(entry.file_size for entry in entries)
    largest = max(entry.file_size for entry in entries)
    if largest > MAX_ENTRY_BYTES or total > MAX_TOTAL_BYTES or total > max(size * MAX_RATIO, _HARMLESS_BYTES):
        raise _too_big(total)


def _too_big(total: int) -> FileRefused:
    return FileRefused(
        "file_inflates",
        f"文件解压后过大（超过{total // 2**20} MB），可能含有异常的内容或大量空白格式，请重新下载模板填写",
    )


def _check_contents(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Inflates everything once: sizes as they really are, checksums, and no XML that defines entities."""
    total = 0
    for entry in entries:
        is_xml = entry.filename.casefold().endswith((".xml", ".rels", ".vml"))
        content_types = entry.filename == "[Content_Types].xml"
        tail = b""
        with archive.open(entry) as stream:
            first = True
            while chunk := stream.read(_CHUNK):
                total += len(chunk)
                if total > MAX_TOTAL_BYTES:
                    raise _too_big(total)
                if not is_xml:
                    continue
                if first and chunk.startswith(_FOREIGN_XML):
                    raise FileRefused("file_xml", "文件内部的编码不受支持，请用 Excel 或 WPS 另存后再上传")
                first = False
                if _DTD.search(tail + chunk):
                    raise FileRefused("file_xml", "文件内部含有不允许的 XML 定义，请用 Excel 或 WPS 另存后再上传")
                if content_types and b"macroEnabled" in tail + chunk:
                    raise FileRefused("file_macros", "文件带有宏，请另存为不含宏的 .xlsx 格式后再上传")
                tail = chunk[-32:]
