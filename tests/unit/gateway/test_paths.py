"""Paths with a second reading are refused."""

from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.paths import BadPath, decoded, service_of

SERVICES = {"identity", "enrollment"}


@pytest.mark.parametrize(
    ("path", "service"),
    [
        (b"/api/enrollment", "enrollment"),
        (b"/api/enrollment/", "enrollment"),
        (b"/api/identity/sessions/current", "identity"),
        (b"/api/enrollment/people/%E5%BC%A0", "enrollment"),
        (b"/api/enrollment/a.b/c~d", "enrollment"),
        (b"/api/enrollment/internals", None),
        (b"/api/identity/internal", None),
        (b"/api/identity/%49nternal/x", None),
        (b"/api/reporting/reports", None),
        (b"/api/identity/.well-known/x", "identity"),
    ],
)
def test_service_of(path: bytes, service: str | None) -> None:
    assert service_of(path, SERVICES) == service


@pytest.mark.parametrize(
    "path",
    [
        b"",
        b"/",
        b"/api/",
        b"/api//identity",
        b"/api/identity//x",
        b"/api/identity/../x",
        b"/api/identity/./x",
        b"/api/identity/%2e%2e/x",
        b"/api/identity/%2E/x",
        b"/api/identity/a%2fb",
        b"/api/identity/a%5Cb",
        b"/api/identity/a%00",
        b"/api/identity/%0d%0a",
        b"/api/identity/%252e",
        b"/api/identity/%",
        b"/api/identity/%2",
        b"/api/identity/a\\b",
        b"/api/Identity/x",
        b"/api/identity/a b",
        b"/api/identity/\xe4\xb8\xad",
        b"/apis/identity",
    ],
)
def test_bad_paths(path: bytes) -> None:
    with pytest.raises(BadPath):
        service_of(path, SERVICES)


@given(
    st.lists(
        st.sampled_from(["..", ".", "%2e", "%2f", "%5c", "internal", "x", "", "%00", "%25", ";", "%c0%ae"]), max_size=8
    )
)
def test_nothing_accepted_can_climb_or_reach_internal(pieces: list[str]) -> None:
    path = b"/api/identity/" + "/".join(pieces).encode()
    try:
        service = service_of(path, SERVICES)
    except BadPath:
        return
    if service is None:
        return
    plain = unquote_to_bytes(unquote_to_bytes(path)).replace(b"\\", b"/")
    assert b".." not in plain.split(b"/")
    assert b"internal" not in plain.split(b"/")[3:4]
    assert b"//" not in plain.rstrip(b"/")


@pytest.mark.parametrize("path", [b"/../x", b"/%2e%2e/x", b"/a%2fb", b"/a%00", b"/%ff", b"/%zz"])
def test_pages_paths_with_a_second_reading_are_nothing(path: bytes) -> None:
    assert decoded(path) is None


def test_pages_path_is_decoded_once() -> None:
    assert decoded("/参保".encode()) == "/参保"
    assert decoded(b"/%E5%8F%82") == "/参"
