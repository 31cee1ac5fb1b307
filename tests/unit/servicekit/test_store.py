"""Files in the object store."""

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from servicekit.db.types import utc_now
from servicekit.store import FileStore, ObjectDamaged, ObjectMissing, SealedStore

OLD, NEW = b"o" * 32, b"n" * 32
CONTENT = b"%PDF-1.7 " + b"330203199003071232" * 100


def sealed(folder: Path, **keys: bytes) -> SealedStore:
    keys = keys or {"k1": OLD}
    return SealedStore(FileStore(folder), keys, active=list(keys)[-1], owner="tests")


async def test_what_is_put_comes_back_and_is_unreadable_on_disk(tmp_path: Path) -> None:
    store = sealed(tmp_path)
    digest = await store.put(CONTENT)
    assert digest == hashlib.sha256(CONTENT).hexdigest()
    assert await store.get(digest) == CONTENT
    (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert file == tmp_path / digest[:2] / digest[2:4] / digest
    assert b"330203" not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0


async def test_putting_twice_keeps_the_first(tmp_path: Path) -> None:
    store = sealed(tmp_path)
    digest = await store.put(CONTENT)
    first = await store.objects.get(digest)
    assert await store.put(CONTENT) == digest
    assert await store.objects.get(digest) == first
    assert await store.objects.put_if_absent(digest, b"other") is False


async def test_many_at_once_leave_one_whole_object(tmp_path: Path) -> None:
    store = sealed(tmp_path)
    digests = await asyncio.gather(*(store.put(CONTENT) for _ in range(20)))
    assert len(set(digests)) == 1
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


async def test_old_keys_open_old_files(tmp_path: Path) -> None:
    digest = await sealed(tmp_path).put(CONTENT)
    assert await sealed(tmp_path, k1=OLD, k2=NEW).get(digest) == CONTENT
    with pytest.raises(ObjectDamaged):
        await sealed(tmp_path, k2=NEW).get(digest)


@pytest.mark.parametrize("place", [0, 1, 3, 10, 200, -1])
async def test_a_changed_byte_is_noticed(tmp_path: Path, place: int) -> None:
    store = sealed(tmp_path)
    digest = await store.put(CONTENT)
    file = tmp_path / digest[:2] / digest[2:4] / digest
    damaged = bytearray(file.read_bytes())
    damaged[place] ^= 1
    file.write_bytes(damaged)
    with pytest.raises(ObjectDamaged):
        await store.get(digest)


@pytest.mark.parametrize("length", [0, 1, 5, 20])
async def test_a_cut_off_file_is_noticed(tmp_path: Path, length: int) -> None:
    store = sealed(tmp_path)
    digest = await store.put(CONTENT)
    file = tmp_path / digest[:2] / digest[2:4] / digest
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(ObjectDamaged):
        await store.get(digest)


async def test_a_file_under_anothers_name_is_noticed(tmp_path: Path) -> None:
    store = sealed(tmp_path)
    digest, other = await store.put(CONTENT), "0" * 64
    await store.objects.put_if_absent(other, await store.objects.get(digest))
    with pytest.raises(ObjectDamaged):
        await store.get(other)


async def test_missing_and_deleted(tmp_path: Path) -> None:
    store = sealed(tmp_path)
    with pytest.raises(ObjectMissing):
        await store.get("0" * 64)
    digest = await store.put(CONTENT)
    await store.objects.delete(digest)
    await store.objects.delete(digest)
    with pytest.raises(ObjectMissing):
        await store.get(digest)


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "A" * 64, "0" * 63, "0" * 64 + "\n"])
async def test_only_digests_are_keys(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        await FileStore(tmp_path).get(key)


async def test_broken_off_writes_are_cleared_away(tmp_path: Path) -> None:
    store = sealed(tmp_path)
    digest = await store.put(CONTENT)
    part = tmp_path / digest[:2] / digest[2:4] / "part-1"
    part.write_bytes(b"half")
    soon = utc_now() + timedelta(minutes=1)
    assert [key async for key in store.objects.keys_before(utc_now() - timedelta(minutes=1))] == []
    assert part.exists()
    assert [key async for key in store.objects.keys_before(soon)] == [digest]
    assert not part.exists()
