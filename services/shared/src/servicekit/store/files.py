"""Objects as files under a directory: `ab/cd/abcd...`. Written beside, synced, then linked into place."""

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

from servicekit.ids import uuid7
from servicekit.store.port import ObjectMissing

_KEY = re.compile(r"[0-9a-f]{64}")
_PART_PREFIX = "part-"


class FileStore:
    """An object store for one machine, or for several that share a file system."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _path(self, key: str) -> Path:
        if _KEY.fullmatch(key) is None:
            raise ValueError("a key is a SHA-256 digest in hexadecimal")
        return self._root / key[:2] / key[2:4] / key

    async def put_if_absent(self, key: str, content: bytes) -> bool:
        """Keeps an object, whole or not at all. False when there was one already, which stays as it is."""
        return await asyncio.to_thread(self._put, self._path(key), content)

    def _put(self, path: Path, content: bytes) -> bool:
        self._make_folder(path.parent)
        part = path.parent / f"{_PART_PREFIX}{uuid7()}"
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(part, path)  # unlike a rename it refuses to replace
            except FileExistsError:
                return False
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(path.parent)
        return True

    def _make_folder(self, folder: Path) -> None:
        """Makes a folder under the root, each new level synced: a file in a folder that a crash forgets is lost too."""
        if folder.is_dir():
            return
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for level in (folder.parent, folder):
            level.mkdir(exist_ok=True, mode=0o700)
            _sync_folder(level.parent)

    async def get(self, key: str) -> bytes:
        """An object. Raises ObjectMissing."""
        try:
            return await asyncio.to_thread(self._path(key).read_bytes)
        except FileNotFoundError as error:
            raise ObjectMissing(key) from error

    async def delete(self, key: str) -> None:
        """Removes an object; nothing happens when there is none."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    async def keys_before(self, moment: datetime) -> AsyncIterator[str]:
        """Keys of the objects written before a moment. Removes what broken-off writes left behind on the way."""
        folders = await asyncio.to_thread(lambda: sorted(self._root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]")))
        for folder in folders:
            for key in await asyncio.to_thread(_old_files, folder, moment):
                yield key


def _old_files(folder: Path, moment: datetime) -> list[str]:
    found = []
    for entry in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # somebody else removed it
            if datetime.fromtimestamp(entry.stat().st_mtime, tz=UTC) >= moment:
                continue
            if entry.name.startswith(_PART_PREFIX):
                entry.unlink(missing_ok=True)
            elif _KEY.fullmatch(entry.name):
                found.append(entry.name)
    return found


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
