"""The S3-compatible store against moto's server, which speaks S3 over HTTP on this machine."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import boto3  # type: ignore[import-untyped]
import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from servicekit.db.types import utc_now
from servicekit.store import ObjectMissing, SealedStore
from servicekit.store.s3 import ObjectStoreAway, S3Objects, S3Settings

CONTENT = "证明".encode() * 1000
KEY = sha256(CONTENT).hexdigest()


def settings_at(endpoint: str, **changes: str) -> S3Settings:
    return S3Settings(
        endpoint=endpoint,
        bucket="hall",
        access_key_id=SecretStr("testing"),
        secret_access_key=SecretStr("testing"),
        allow_http=True,
        **changes,
    )


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A running S3 with one bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    client.create_bucket(Bucket="hall")
    yield address
    server.stop()


async def test_put_once_get_delete(endpoint: str) -> None:
    store = S3Objects(settings_at(endpoint))
    assert await store.put_if_absent(KEY, CONTENT) is True
    assert await store.put_if_absent(KEY, b"something else") is False
    assert await store.get(KEY) == CONTENT
    await store.delete(KEY)
    await store.delete(KEY)
    with pytest.raises(ObjectMissing):
        await store.get(KEY)


async def test_what_is_old_is_listed(endpoint: str) -> None:
    store = S3Objects(settings_at(endpoint, prefix="reporting"))
    for number in range(3):
        await store.put_if_absent(f"{number:064d}", CONTENT)
    assert [key async for key in store.keys_before(utc_now() - timedelta(hours=1))] == []
    found = [key async for key in store.keys_before(utc_now() + timedelta(hours=1))]
    assert sorted(found) == [f"{number:064d}" for number in range(3)]


async def test_nothing_readable_lies_there(endpoint: str) -> None:
    objects = S3Objects(settings_at(endpoint))
    sealed = SealedStore(objects, {"k1": bytes(range(32))}, active="k1", owner="reporting")
    digest = await sealed.put(CONTENT)
    assert await sealed.get(digest) == CONTENT
    assert CONTENT[:30] not in await objects.get(digest)


async def test_a_store_that_is_away_says_so_without_its_address() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: whoever connects is refused
        store = S3Objects(settings_at(f"http://127.0.0.1:{nobody.getsockname()[1]}"))
        with pytest.raises(ObjectStoreAway) as away:
            await store.get(KEY)
    assert "127.0.0.1" not in str(away.value)
