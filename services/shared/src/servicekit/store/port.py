"""What the service asks of an object store."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol


class ObjectMissing(LookupError):
    """There is no object with this key."""


class ObjectStore(Protocol):
    """Objects by key; never changed once written. Keys are lower-case hexadecimal digests."""

    async def put_if_absent(self, key: str, content: bytes) -> bool:
        """Keeps an object, whole or not at all. False when there was one already, which stays as it is."""
        ...

    async def get(self, key: str) -> bytes:
        """An object. Raises ObjectMissing."""
        ...

    async def delete(self, key: str) -> None:
        """Removes an object; nothing happens when there is none."""
        ...

    def keys_before(self, moment: datetime) -> AsyncIterator[str]:
        """Keys of the objects written before a moment."""
        ...
