"""The built pages, the health answers, the API document and its page."""

import asyncio
import gzip
import re
import socket
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest

from gateway.pages import write_compressed
from tests.integration.gateway.rig import Client, Request, Rig, UpstreamConnection, ok, running, until

HTML = """<!doctype html><html><head><link rel="modulepreload" href="/assets/a-12345678.js">
<script type="module" nonce="__CSP_NONCE__" src="/assets/a-12345678.js"></script><style>body{}</style></head>
<body><div id="root"></div></body></html>"""
SCRIPT = b"console.log('hall');" * 400


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """A small build."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(HTML)
    (tmp_path / "assets" / "a-12345678.js").write_bytes(SCRIPT)
    (tmp_path / "assets" / "logo-Ab_dEf12.png").write_bytes(b"\x89PNG" + bytes(3_000))
    (tmp_path / "favicon.ico").write_bytes(b"\0\0\1\0")
    (tmp_path / ".hidden").write_text("secret")
    (tmp_path.parent / "outside.txt").write_text("secret")
    return tmp_path


async def test_pages(dist: Path) -> None:
    async with running(settings={"web_dir": dist}) as rig:
        for path in ("/", "/index.html", "/hall/roster", "/verify/ABCDE-12345"):
            page = await rig.ask("GET", path, "Accept: text/html,*/*;q=0.8")
            assert page.status == 200, path
            assert page.values("content-type") == ["text/html; charset=utf-8"]
            assert page.values("cache-control") == ["no-store"]
            (policy,) = page.values("content-security-policy")
            (nonce,) = set(re.findall(r"'nonce-([^']+)'", policy))
            assert len(nonce) >= 22
            html = page.body.decode()
            assert "__CSP_NONCE__" not in html
            assert html.count(f'nonce="{nonce}"') == 4  # link, script, style and the place the pages read it from
            assert f'<meta property="csp-nonce" nonce="{nonce}">' in html
            assert "frame-ancestors 'none'" in policy
            assert "frame-src 'self' blob:" in policy
            assert "unsafe-inline" not in policy

        again = await rig.ask("GET", "/")
        assert nonce not in again.body.decode()


async def test_assets(dist: Path) -> None:
    async with running(settings={"web_dir": dist}) as rig:
        pages = rig.gateway._pages
        assert pages is not None
        await until(lambda: pages._assets["/assets/a-12345678.js"].gzip is not None)
        name = "/assets/a-12345678.js"
        plain = await rig.ask("GET", name)
        packed = await rig.ask("GET", name, "Accept-Encoding: gzip, deflate, br")
        zipped = await rig.ask("GET", name, "Accept-Encoding: gzip, br;q=0")

        assert plain.body == SCRIPT
        assert plain.values("content-type") == ["text/javascript; charset=utf-8"]
        assert plain.values("cache-control") == ["public, max-age=31536000, immutable"]
        assert plain.values("vary") == ["accept-encoding"]
        assert packed.values("content-encoding") == ["br"]
        assert brotli.decompress(packed.body) == SCRIPT
        assert zipped.values("content-encoding") == ["gzip"]
        assert gzip.decompress(zipped.body) == SCRIPT
        assert packed.values("etag") != plain.values("etag")

        for answer in (plain, packed):
            same = await rig.ask("GET", name, f"If-None-Match: {answer.values('etag')[0]}", "Accept-Encoding: br")
            assert (same.status, same.body) == (304, b"")
        head = await rig.ask("HEAD", name)
        assert head.values("content-length") == [str(len(SCRIPT))]

        icon = await rig.ask("GET", "/favicon.ico")
        assert icon.values("cache-control") == ["no-cache"]
        png = await rig.ask("GET", "/assets/logo-Ab_dEf12.png", "Accept-Encoding: br")
        assert png.values("content-encoding") == []
        assert png.values("content-type") == ["image/png"]


@pytest.mark.parametrize(
    "target",
    [
        "/assets/gone-12345678.js", "/.hidden", "/../outside.txt", "/%2e%2e/outside.txt", "/..%2foutside.txt", "/a%00b",
        "/robots.txt", "/internal", "/internal/token-swaps", "/assets/", "/api",
    ],
)  # fmt: skip
async def test_what_is_not_a_page(dist: Path, target: str) -> None:
    async with running(settings={"web_dir": dist}) as rig:
        answer = await rig.ask("GET", target, "Accept: text/html")
        assert answer.status == 404
        assert answer.json()["code"] == "not_found"


async def test_pages_are_not_for_programs_and_not_for_writing(dist: Path) -> None:
    async with running(settings={"web_dir": dist}) as rig:
        assert (await rig.ask("GET", "/hall/roster", "Accept: application/json")).status == 404
        post = await rig.ask("POST", "/", body=b"{}")
        assert (post.status, post.values("allow")) == (405, ["GET, HEAD"])


async def test_compressed_files_beside_the_build_are_used(dist: Path) -> None:
    assert write_compressed(dist) == 1
    async with running(settings={"web_dir": dist}) as rig:
        packed = await rig.ask("GET", "/assets/a-12345678.js", "Accept-Encoding: br")
        assert packed.body == (dist / "assets" / "a-12345678.js.br").read_bytes()
        assert (await rig.ask("GET", "/assets/a-12345678.js.br")).status == 404


async def test_health(rig: Rig) -> None:
    assert (await rig.ask("GET", "/livez")).json()["status"] == "ok"
    ready = await rig.ask("GET", "/readyz")
    assert ready.json() == {"status": "ok", "upstreams": {"identity": "closed", "enrollment": "closed"}}


async def test_api_document_is_merged_cached_and_survives_a_service_that_is_away(rig: Rig) -> None:
    async def behaviour(connection: UpstreamConnection, request: Request) -> None:
        assert request.line == "GET /openapi.json HTTP/1.1"
        await connection.say(
            ok(b'{"info": {"title": "T", "version": "1"}, "paths": {"/api/enrollment/a": {"get": {"responses": {}}},'
               b' "/internal/b": {"get": {}}}}')
        )  # fmt: skip

    rig.service.behaviour = behaviour

    first = await rig.ask("GET", "/api/openapi.json")
    second = await rig.ask("GET", "/api/openapi.json", f"If-None-Match: {first.values('etag')[0]}")

    assert list(first.json()["paths"]) == ["/api/enrollment/a"]
    assert second.status == 304
    assert len(rig.service.requests) == 1


async def test_docs_page_needs_nothing_from_elsewhere(rig: Rig) -> None:
    page = await rig.ask("GET", "/api/docs")
    (policy,) = page.values("content-security-policy")
    html = page.body.decode()

    assert "http://" not in html
    assert "https://" not in html
    assert re.findall(r"'nonce-([^']+)'", policy)[0] in html
    for path in re.findall(r'(?:src|href)="(/[^"]+)"', html):
        file = await rig.ask("GET", path, "Accept-Encoding: gzip")
        assert file.status == 200
        assert len(file.body) > 10_000
    assert (await rig.ask("GET", "/api/docs/other.js")).status == 404
    assert (await rig.ask("POST", "/api/docs", body=b"")).status == 405


async def test_metrics_are_on_a_port_of_their_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    async with running(settings={"metrics_port": port}) as rig:
        await rig.ask("GET", "/api/enrollment/things")
        assert (await rig.ask("GET", "/metrics")).status == 404
        client = Client(*await asyncio.open_connection("127.0.0.1", port))

        text = (await client.ask("GET", "/metrics")).body.decode()

        client.writer.close()
        assert 'hall_gateway_requests_total{service="enrollment",status="200"} 1.0' in text
        assert 'hall_gateway_request_seconds_count{service="enrollment"} 1.0' in text
        assert 'hall_gateway_breaker{upstream="enrollment"} 0.0' in text
