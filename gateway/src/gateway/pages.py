"""The built pages, served from memory: compressed once, cached long by name, index.html with a fresh nonce each."""

import asyncio
import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

import brotli  # type: ignore[import-untyped]

from gateway import security
from gateway.paths import decoded

COMPRESSIBLE = frozenset(
    (".html", ".js", ".mjs", ".css", ".json", ".svg", ".txt", ".xml", ".map", ".webmanifest", ".ico", ".ttf", ".wasm")
)
LEAST = 1024
"""Bytes below which compression is not worth a header."""
NONCE_PLACEHOLDER = b"__CSP_NONCE__"
_HASHED = re.compile(r"[-.][A-Za-z0-9_-]{8,}\.[A-Za-z0-9]+$")
_NEEDS_NONCE = re.compile(rb"<(script|style|link)\b(?![^>]*\bnonce=)", re.IGNORECASE)
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_NOT_PAGES = frozenset(("api", "assets", "internal"))
_FOREVER = b"public, max-age=31536000, immutable"
_REVALIDATE = b"no-cache"

Headers = list[tuple[bytes, bytes]]
Answer = tuple[int, Headers, bytes]
"""Status, headers and body."""


@dataclass(slots=True)
class Asset:
    """One file: its bytes as they are and as they travel."""

    content_type: bytes
    plain: bytes
    etag: bytes
    immutable: bool
    brotli: bytes | None = None
    gzip: bytes | None = None

    def answer(self, request: Headers, *, https: bool) -> Answer:
        """The answer to a GET with these headers."""
        accepted, known = b"", None
        for name, value in request:
            if name == b"accept-encoding":
                accepted = value
            elif name == b"if-none-match":
                known = value
        coding, body = self._best(accepted)
        headers: Headers = [
            (b"etag", self.etag if coding is None else self.etag[:-1] + b"-" + coding + b'"'),
            (b"cache-control", _FOREVER if self.immutable else _REVALIDATE),
            *security.of_pages(https=https),
        ]
        if self.brotli is not None or self.gzip is not None:
            headers.append((b"vary", b"accept-encoding"))
        if _matches(known, self.etag):
            return 304, headers, b""
        headers.append((b"content-type", self.content_type))
        if coding is not None:
            headers.append((b"content-encoding", coding))
        headers.append((b"content-length", b"%d" % len(body)))
        return 200, headers, body

    def _best(self, accepted: bytes) -> tuple[bytes | None, bytes]:
        """The coding to use (None: as it is) and the bytes."""
        codings = accepted_codings(accepted)
        if self.brotli is not None and b"br" in codings:
            return b"br", self.brotli
        if self.gzip is not None and b"gzip" in codings:
            return b"gzip", self.gzip
        return None, self.plain


def accepted_codings(header: bytes) -> set[bytes]:
    """The codings that `Accept-Encoding` allows; one with q=0 is refused."""
    codings = set()
    for part in header.lower().split(b","):
        coding, _, parameter = part.strip().partition(b";")
        name, _, quality = parameter.strip().partition(b"=")
        if name.strip() == b"q" and not quality.strip().strip(b"0."):
            continue
        codings.add(coding.strip())
    return codings


class Pages:
    """The files of one folder, read at start. Compression follows in a thread; until then files go as they are."""

    def __init__(self, folder: Path) -> None:
        self._assets: dict[str, Asset] = {}
        self._index: bytes | None = None
        for path in sorted(folder.rglob("*")):
            name = "/" + path.relative_to(folder).as_posix()
            if (
                not path.is_file()
                or path.suffix in (".br", ".gz")
                or any(part.startswith(".") for part in name.split("/"))
            ):
                continue
            data = path.read_bytes()
            if name == "/index.html":
                self._index = with_nonce_places(data)
                continue
            self._assets[name] = Asset(
                content_type_of(path),
                data,
                b'"' + hashlib.sha256(data).hexdigest()[:24].encode() + b'"',
                immutable=name.startswith("/assets/") and _HASHED.search(name) is not None,
                brotli=_beside(path, ".br"),
                gzip=_beside(path, ".gz"),
            )

    @property
    def has_index(self) -> bool:
        """Whether there are pages at all."""
        return self._index is not None

    async def compress(self) -> None:
        """Compress what came without compressed files beside it (`gateway compress` makes those)."""
        for name, asset in self._assets.items():
            if asset.brotli is None and Path(name).suffix in COMPRESSIBLE and len(asset.plain) >= LEAST:
                asset.brotli = await asyncio.to_thread(brotli.compress, asset.plain, quality=5)
                asset.gzip = await asyncio.to_thread(gzip.compress, asset.plain, 6, mtime=0)

    def find(self, raw_path: bytes, headers: Headers, *, https: bool) -> Answer | None:
        """The answer to a GET of a page or file; None when there is no such thing."""
        path = decoded(raw_path)
        if path is None:
            return None
        asset = self._assets.get(path)
        if asset is not None:
            return asset.answer(headers, https=https)
        wanted = {name: value for name, value in headers if name in (b"accept", b"accept-encoding")}
        if self._index is None or not _is_page(path, wanted.get(b"accept", b"")):
            return None
        return self._page(self._index, wanted.get(b"accept-encoding", b""), https=https)

    def _page(self, index: bytes, accepted: bytes, *, https: bool) -> Answer:
        nonce = security.new_nonce()
        body = index.replace(NONCE_PLACEHOLDER, nonce.encode())
        headers: Headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"cache-control", b"no-store"),  # a stored copy would carry a nonce that its next policy doesn't know
            (b"content-security-policy", security.page_policy(nonce)),
            (b"vary", b"accept-encoding"),
            *security.of_pages(https=https),
        ]
        if len(body) >= LEAST and b"gzip" in accepted_codings(accepted):
            body = gzip.compress(body, 1)
            headers.append((b"content-encoding", b"gzip"))
        headers.append((b"content-length", b"%d" % len(body)))
        return 200, headers, body


def with_nonce_places(html: bytes) -> bytes:
    """index.html with the placeholder wherever a nonce belongs, whether the build put it there or not."""
    html = _NEEDS_NONCE.sub(rb'<\1 nonce="' + NONCE_PLACEHOLDER + rb'"', html)
    if b'property="csp-nonce"' not in html:
        meta = b'<meta property="csp-nonce" nonce="' + NONCE_PLACEHOLDER + b'">'
        html = html.replace(b"</head>", meta + b"</head>", 1)
    return html


def content_type_of(path: Path) -> bytes:
    """Content type by suffix; text is UTF-8. Not by the machine's own tables, which differ."""
    found = _TYPES.get(path.suffix) or mimetypes.MimeTypes().guess_type(path.name)[0] or "application/octet-stream"
    if found.startswith("text/") or found in ("application/json", "image/svg+xml", "application/manifest+json"):
        found += "; charset=utf-8"
    return found.encode()


def write_compressed(folder: Path) -> int:
    """Put `.br` and `.gz` beside every file worth it, at the best level; returns how many. For the image build."""
    count = 0
    for path in sorted(folder.rglob("*")):
        if (
            path.is_file()
            and path.suffix in COMPRESSIBLE
            and path.name != "index.html"
            and path.stat().st_size >= LEAST
        ):
            data = path.read_bytes()
            path.with_name(path.name + ".br").write_bytes(brotli.compress(data, quality=11))
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(data, 9, mtime=0))
            count += 1
    return count


def _beside(path: Path, suffix: str) -> bytes | None:
    other = path.with_name(path.name + suffix)
    # Older than the file itself: left over from an earlier build.
    return other.read_bytes() if other.exists() and other.stat().st_mtime >= path.stat().st_mtime else None


def _is_page(path: str, accept: bytes) -> bool:
    if path != "/index.html" and ("." in path.rsplit("/", 1)[1] or path.split("/")[1] in _NOT_PAGES):
        return False
    return not accept or b"text/html" in accept or b"*/*" in accept


def _matches(header: bytes | None, etag: bytes) -> bool:
    if header is None:
        return False
    if header.strip() == b"*":
        return True
    stem = etag[:-1]
    known = {etag, stem + b'-br"', stem + b'-gzip"'}
    return any(tag.strip().removeprefix(b"W/") in known for tag in header.split(b","))
