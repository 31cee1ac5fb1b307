"""Objects in an S3-compatible store, through obstore (Rust's object_store)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from obstore.exceptions import AlreadyExistsError, NotFoundError
from obstore.store import S3Store
from pydantic import BaseModel, ConfigDict, SecretStr

from servicekit.store.port import ObjectMissing

_TIMEOUT = timedelta(seconds=30)
_RETRIES = 3


class S3Settings(BaseModel):
    """Where the store is and who we are there."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    endpoint: str
    bucket: str
    region: str = "us-east-1"
    access_key_id: SecretStr
    secret_access_key: SecretStr
    prefix: str = ""
    """Before every key: several services may share a bucket."""
    allow_http: bool = False


class ObjectStoreAway(Exception):
    """The store doesn't answer, or not as it should. Trying again later may help."""


class S3Objects:
    """An object store for any number of machines. Needs conditional writes (`If-None-Match: *`), as S3 has them."""

    def __init__(self, settings: S3Settings) -> None:
        self._store = S3Store(
            settings.bucket,
            prefix=settings.prefix or None,
            endpoint=settings.endpoint,
            region=settings.region,
            access_key_id=settings.access_key_id.get_secret_value(),
            secret_access_key=settings.secret_access_key.get_secret_value(),
            virtual_hosted_style_request=False,
            client_options={"allow_http": settings.allow_http, "timeout": _TIMEOUT, "connect_timeout": "5s"},
            retry_config={"max_retries": _RETRIES, "retry_timeout": _TIMEOUT},
        )

    async def put_if_absent(self, key: str, content: bytes) -> bool:
        """Keeps an object, whole or not at all. False when there was one already, which stays as it is."""
        try:
            await self._asked(self._store.put_async(key, content, mode="create"))
        except AlreadyExistsError:
            return False
        return True

    async def get(self, key: str) -> bytes:
        """An object. Raises ObjectMissing, ObjectStoreAway."""
        try:
            found = await self._asked(self._store.get_async(key))
            return bytes(await self._asked(found.bytes_async()))
        except (NotFoundError, FileNotFoundError) as error:
            raise ObjectMissing(key) from error

    async def delete(self, key: str) -> None:
        """Removes an object; nothing happens when there is none."""
        try:
            await self._asked(self._store.delete_async(key))
        except (NotFoundError, FileNotFoundError):
            return

    async def keys_before(self, moment: datetime) -> AsyncIterator[str]:
        """Keys of the objects written before a moment."""
        listing = self._store.list()
        while page := await asyncio.to_thread(next, listing, None):
            for one in page:
                if one["last_modified"] < moment:
                    yield one["path"]

    async def _asked(self, answer: Any) -> Any:
        try:
            return await answer
        except (AlreadyExistsError, NotFoundError, FileNotFoundError):
            raise
        except Exception as error:  # its text may hold addresses and keys
            raise ObjectStoreAway(type(error).__name__) from None
