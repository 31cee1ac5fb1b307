"""Seals objects: a file may hold a full ID number, so it is encrypted at rest like a column would be.

An object is named by the digest of what is inside. Form: format (1 byte), length of the key id (1), key id, nonce (12),
AES-256-GCM of the content with its tag; the digest and the header are authenticated.
"""

import hashlib
import os
from collections.abc import Mapping
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from servicekit.settings import ServiceSettings, decode_key
from servicekit.store.port import ObjectStore

_FORMAT = 1
_NONCE_BYTES = 12


class ObjectDamaged(Exception):
    """The object can't be opened: changed, or sealed with a key we no longer have."""


class SealedStore:
    """Files by the digest of their content, sealed in an object store."""

    def __init__(self, store: ObjectStore, keys: Mapping[str, bytes], *, active: str, owner: str) -> None:
        self.objects = store
        self._ciphers = {key_id: AESGCM(_file_key(key, owner)) for key_id, key in keys.items()}
        self._active = active

    @classmethod
    def of(cls, store: ObjectStore, settings: ServiceSettings, *, owner: str) -> Self:
        """With keys made from the process's keys for personal data; `owner`, the service, makes them its own."""
        keys = {key_id: decode_key(key) for key_id, key in settings.personal_keys.items()}
        return cls(store, keys, active=settings.personal_key_id, owner=owner)

    async def put(self, content: bytes) -> str:
        """Keeps a file and returns its digest. Putting the same file again changes nothing."""
        digest = hashlib.sha256(content).hexdigest()
        key_id = self._active.encode()
        header = bytes((_FORMAT, len(key_id))) + key_id
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._active].encrypt(nonce, content, digest.encode() + header)
        await self.objects.put_if_absent(digest, header + nonce + sealed)
        return digest

    async def get(self, digest: str) -> bytes:
        """A file.

        Raises:
            ObjectMissing: there is none.
            ObjectDamaged: it isn't what was put.
        """
        kept = await self.objects.get(digest)
        end = 2 + kept[1] if len(kept) > 1 else 2
        header, nonce, sealed = kept[:end], kept[end : end + _NONCE_BYTES], kept[end + _NONCE_BYTES :]
        cipher = self._ciphers.get(header[2:].decode(errors="replace"))
        if header[:1] != bytes((_FORMAT,)) or cipher is None:
            raise ObjectDamaged(digest)
        try:
            return cipher.decrypt(nonce, sealed, digest.encode() + header)
        except (InvalidTag, ValueError) as error:
            raise ObjectDamaged(digest) from error


def _file_key(key: bytes, owner: str) -> bytes:
    """A key of its own for files: one key for two purposes is one too few."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"hall {owner} files".encode()).derive(key)
