"""Files as answers: never kept by a cache, never taken for anything but what they are, never run."""

from typing import Any
from urllib.parse import quote

from starlette.responses import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def disposition(name: str, *, plain: str, shown: bool = False) -> str:
    """The Content-Disposition of a file to save, or to show in place: its name in UTF-8 (RFC 6266, RFC 8187).

    `plain` is for programs that read only ASCII; it has no quotation marks in it.
    """
    kind = "inline" if shown else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def file_answer(name: str, content: bytes, media_type: str) -> Response:
    """A file to save under this name. It may hold anything, so a browser that shows it all the same runs nothing."""
    ending = name.rpartition(".")[2]
    plain = f"file.{ending}" if ending.isascii() and ending.isalnum() else "file"
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": disposition(name, plain=plain),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=media_type, headers=headers)


def file_responses(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route that answers with a file."""
    return {200: {"content": {media_type: {} for media_type in media_types}, "description": "文件"}}
