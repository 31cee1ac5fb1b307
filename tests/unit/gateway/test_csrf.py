"""Where a request that changes something may come from."""

import pytest

from gateway.csrf import forged


@pytest.mark.parametrize(
    ("with_session", "fetch_site", "origin", "refused"),
    [
        (True, None, None, True),
        (False, None, None, False),
        (True, b"same-origin", None, False),
        (True, b"none", None, False),
        (True, b"same-site", None, True),
        (True, b"cross-site", None, True),
        (False, b"cross-site", None, True),
        (True, b"cross-site", b"https://hall.test", True),
        (True, None, b"https://hall.test", False),
        (True, None, b"https://HALL.test", False),
        (True, None, b"https://public.test", False),
        (True, None, b"https://evil.test", True),
        (False, None, b"https://evil.test", True),
        (True, None, b"https://hall.test.evil.test", True),
        (True, None, b"https://hall.test:444", True),
        (True, None, b"null", True),
        (True, None, b"", True),
        (True, None, b"https://[", True),
        (True, None, b"\xff", True),
    ],
)
def test_forged(with_session: bool, fetch_site: bytes | None, origin: bytes | None, refused: bool) -> None:
    assert (
        forged(
            with_session=with_session,
            fetch_site=fetch_site,
            origin=origin,
            host=b"hall.test",
            public_host=b"public.test",
        )
        is refused
    )
