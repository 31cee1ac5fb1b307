"""An uploaded file before anybody opens it: the name it is shown under, its bytes in parts, its digest."""

import hashlib
from collections.abc import AsyncIterator

from starlette.datastructures import UploadFile

LONGEST_NAME = 120
_PART_BYTES = 2**20


def shown_name(name: str | None) -> str:
    """The name under which a file is shown: without the folders that some browsers send, and what can't be printed."""
    printable = "".join(character for character in (name or "") if character.isprintable())
    base = printable.replace("\\", "/").rpartition("/")[2].strip(" .")
    if not base:
        return "未命名文件"
    stem, dot, ending = base.rpartition(".")
    return (
        base if len(base) <= LONGEST_NAME else f"{stem[: LONGEST_NAME - len(ending) - 1]}{dot}{ending}"[:LONGEST_NAME]
    )


async def parts_of(file: UploadFile) -> AsyncIterator[bytes]:
    """The file from its beginning, in parts of a mebibyte."""
    await file.seek(0)
    while part := await file.read(_PART_BYTES):
        yield part


async def digest_of(file: UploadFile) -> bytes:
    """The SHA-256 of the file."""
    digest = hashlib.sha256()
    async for part in parts_of(file):
        digest.update(part)
    return digest.digest()
