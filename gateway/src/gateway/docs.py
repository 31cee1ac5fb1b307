"""`/api/openapi.json` (merged from the services, cached) and `/api/docs` (Swagger UI from a package, no CDN)."""

import asyncio
import hashlib
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import structlog

from gateway import security
from gateway.openapi import merge
from gateway.pages import Asset
from gateway.upstream import Upstream, UpstreamError, UpstreamRequest

FRESH_SECONDS = 60.0
INCOMPLETE_SECONDS = 2.0
"""How long a document is kept that lacks a service which did not answer."""
MAX_DOCUMENT = 8 * 1024 * 1024
_log = structlog.get_logger()

_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>医疗保障单位网厅 API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/api/docs/swagger-ui.css"></head>
<body><div id="docs"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script nonce="{nonce}">
SwaggerUIBundle({{
  url: "/api/openapi.json", dom_id: "#docs", deepLinking: true, docExpansion: "none", filter: true,
  persistAuthorization: false, validatorUrl: null, requestSnippetsEnabled: false
}});
</script></body></html>
"""


class ApiDocument:
    """The merged document, fetched from the services when it is asked for and old."""

    def __init__(self, upstreams: Mapping[str, Upstream]) -> None:
        self._upstreams = upstreams
        self._asset: Asset | None = None
        self._stale_at = 0.0
        self._lock = asyncio.Lock()

    async def asset(self) -> Asset:
        """The document as a file to be served."""
        now = asyncio.get_running_loop().time()
        if self._asset is None or now >= self._stale_at:
            async with self._lock:
                if self._asset is None or now >= self._stale_at:
                    await self._refresh()
        assert self._asset is not None  # noqa: S101 - set by _refresh
        return self._asset

    async def _refresh(self) -> None:
        documents = await asyncio.gather(*(self._fetch(upstream) for upstream in self._upstreams.values()))
        found = [document for document in documents if document is not None]
        complete = len(found) == len(documents)
        if complete or self._asset is None:
            body = orjson.dumps(merge(found))
            etag = b'"' + hashlib.sha256(body).hexdigest()[:24].encode() + b'"'
            self._asset = Asset(b"application/json", body, etag, immutable=False)
        self._stale_at = asyncio.get_running_loop().time() + (FRESH_SECONDS if complete else INCOMPLETE_SECONDS)

    async def _fetch(self, upstream: Upstream) -> dict[str, Any] | None:
        request = UpstreamRequest(
            b"GET",
            b"/openapi.json",
            [(b"host", upstream.name.encode()), (b"accept", b"application/json")],
            None,
            replayable=True,
        )
        try:
            response = await upstream.send(request)
            try:
                body = b""
                while len(body) <= MAX_DOCUMENT and (piece := await response.read()):
                    body += piece
            finally:
                response.close()
            document = orjson.loads(body) if response.status == 200 else None
        except (UpstreamError, ValueError):
            document = None
        if not isinstance(document, dict):
            _log.warning("openapi_document_missing", upstream=upstream.name)
            return None
        return document


class DocsPage:
    """Swagger UI under a policy with a nonce. Its files come from the `fastapi-offline` package."""

    FILES = ("swagger-ui-bundle.js", "swagger-ui.css")

    def __init__(self) -> None:
        self._assets: dict[str, Asset] = {}

    async def file(self, name: str) -> Asset | None:
        """One of Swagger UI's files; read when first asked for, they are large."""
        if name not in self.FILES:
            return None
        if name not in self._assets:
            self._assets[name] = await asyncio.to_thread(_load, name)
        return self._assets[name]

    def page(self) -> tuple[bytes, bytes]:
        """The page and its content security policy."""
        nonce = security.new_nonce()
        return _PAGE.format(nonce=nonce).encode(), security.page_policy(nonce)


def _load(name: str) -> Asset:
    import gzip

    spec = importlib.util.find_spec("fastapi_offline")  # found, not imported: only its files are wanted
    if spec is None or spec.origin is None:
        raise FileNotFoundError("fastapi_offline")
    data = (Path(spec.origin).parent / "static" / name).read_bytes()
    kind = b"text/css; charset=utf-8" if name.endswith(".css") else b"text/javascript; charset=utf-8"
    etag = b'"' + hashlib.sha256(data).hexdigest()[:24].encode() + b'"'
    return Asset(kind, data, etag, immutable=False, gzip=gzip.compress(data, 6, mtime=0))
