"""Details of serving the pages."""

import os
from pathlib import Path

import pytest

from gateway.pages import Pages, accepted_codings, content_type_of, with_nonce_places, write_compressed


@pytest.mark.parametrize(
    ("header", "codings"),
    [
        (b"", {b""}),
        (b"gzip, deflate, br", {b"gzip", b"deflate", b"br"}),
        (b"br;q=1.0, gzip;q=0.5", {b"br", b"gzip"}),
        (b"br;q=0, gzip;q=0.000, x;q=0.001", {b"x"}),
        (b"BR", {b"br"}),
    ],
)
def test_accepted_codings(header: bytes, codings: set[bytes]) -> None:
    assert accepted_codings(header) == codings


def test_nonces_are_added_where_the_build_has_none() -> None:
    html = with_nonce_places(b"<head><script src=x></script><style nonce='__CSP_NONCE__'></style></head><scripty>")
    assert html.count(b"__CSP_NONCE__") == 3
    assert b'<script nonce="__CSP_NONCE__" src=x>' in html
    assert b"<scripty>" in html


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.js", b"text/javascript; charset=utf-8"),
        ("a.css", b"text/css; charset=utf-8"),
        ("a.woff2", b"font/woff2"),
        ("a.svg", b"image/svg+xml; charset=utf-8"),
        ("a.unknown", b"application/octet-stream"),
        ("a.json", b"application/json; charset=utf-8"),
    ],
)
def test_content_types(name: str, kind: bytes) -> None:
    assert content_type_of(Path(name)) == kind


def test_compressed_file_of_an_earlier_build_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    script = tmp_path / "assets" / "a-12345678.js"
    script.write_bytes(b"old " * 1_000)
    write_compressed(tmp_path)
    script.write_bytes(b"new " * 1_000)
    os.utime(script, (4_000_000_000, 4_000_000_000))

    found = Pages(tmp_path).find(b"/assets/a-12345678.js", [(b"accept-encoding", b"br")], https=False)

    assert found is not None
    assert found[2] == b"new " * 1_000


def test_folder_without_index_has_no_pages(tmp_path: Path) -> None:
    pages = Pages(tmp_path)
    assert not pages.has_index
    assert pages.find(b"/", [], https=False) is None
