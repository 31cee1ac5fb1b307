"""The messages between a worker and its rendering process: a JSON head, and bytes behind it.

Each is two lengths (4 bytes each, big endian), the head and the body.
"""

import asyncio
import json
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

_LENGTHS = struct.Struct(">II")
MAX_FRAME = 256 * 2**20


def pack(head: Mapping[str, Any], body: bytes = b"") -> bytes:
    """One message."""
    encoded = json.dumps(head, ensure_ascii=False).encode()
    return _LENGTHS.pack(len(encoded), len(body)) + encoded + body


def read(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """The next message, or None at the end of the stream."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head, body = _checked(lengths)
    return json.loads(stream.read(head)), stream.read(body)


async def read_async(stream: asyncio.StreamReader) -> tuple[dict[str, Any], bytes]:
    """The next message. Raises `asyncio.IncompleteReadError` at the end of the stream."""
    head, body = _checked(await stream.readexactly(_LENGTHS.size))
    return json.loads(await stream.readexactly(head)), await stream.readexactly(body)


def _checked(lengths: bytes) -> tuple[int, int]:
    head, body = _LENGTHS.unpack(lengths)
    if head + body > MAX_FRAME:
        raise ValueError("message too large")
    return head, body
