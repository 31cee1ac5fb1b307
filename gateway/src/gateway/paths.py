"""Which service a path belongs to, and which paths are refused before anything looks at them.

The path goes upstream byte for byte as it came. So that nobody downstream can read it differently from us, everything
that has a second reading is refused: dot segments, empty segments, backslashes, encoded separators, encoded percent
signs and control characters.
"""

import re
from collections.abc import Collection
from urllib.parse import unquote_to_bytes

_PLAIN = re.compile(rb"/api/([a-z][a-z0-9-]*)((?:/[A-Za-z0-9_~!$&'()*+,;=:@-][A-Za-z0-9._~!$&'()*+,;=:@-]*)*)/?")
_ENCODED = re.compile(rb"/api/([a-z][a-z0-9-]*)((?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)*)/?")
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_SECOND_READING = re.compile(rb"[\x00-\x1f\x7f/\\%]")


class BadPath(ValueError):
    """The path could be read in two ways."""


def service_of(raw_path: bytes, services: Collection[str]) -> str | None:
    """The service that `raw_path` (no query) is meant for; None when there is no such service. Raises BadPath."""
    match = _PLAIN.fullmatch(raw_path)
    if match is None:
        match = _ENCODED.fullmatch(raw_path)
        if match is None:
            raise BadPath
        _check_segments(match[2])
        raw_path = unquote_to_bytes(raw_path)
    if b"/internal" in raw_path.lower():  # reaches nothing anyway; now it never can
        return None
    name = match[1].decode()
    return name if name in services else None


def _check_segments(rest: bytes) -> None:
    if _BAD_ESCAPE.search(rest):
        raise BadPath
    for segment in rest.split(b"/")[1:]:
        plain = unquote_to_bytes(segment)
        if plain in (b".", b"..") or _SECOND_READING.search(plain):
            raise BadPath


def decoded(raw_path: bytes) -> str | None:
    """A path of the pages, decoded once; None when it has a second reading or is not UTF-8."""
    if _BAD_ESCAPE.search(raw_path):
        return None
    segments = raw_path.split(b"/")[1:]
    plain = [unquote_to_bytes(segment) for segment in segments]
    if any(segment in (b".", b"..") or _SECOND_READING.search(segment) for segment in plain):
        return None
    try:
        return "/" + b"/".join(plain).decode()
    except UnicodeDecodeError:
        return None
