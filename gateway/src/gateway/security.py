"""Security headers: the same few on everything, and one of three content security policies by what the answer is."""

import secrets

_ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
]
_PAGES = [
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
_HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")

DATA_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""For answers of the API: nothing in them may run or be framed."""
DOCUMENT_POLICY = (b"content-security-policy", b"frame-ancestors 'self'")
"""For PDF: our own pages show it in a frame, nobody else's may. A stricter policy stops the browsers' PDF viewers."""


def standard(*, https: bool) -> list[tuple[bytes, bytes]]:
    """Headers of every answer. HSTS only over https: elsewhere browsers ignore it, and 127.0.0.1 must stay usable."""
    return [*_ALWAYS, _HSTS] if https else list(_ALWAYS)


def of_pages(*, https: bool) -> list[tuple[bytes, bytes]]:
    """Headers of everything that belongs to the pages."""
    return [*standard(https=https), *_PAGES]


def new_nonce() -> str:
    """A nonce for one answer: 128 random bits."""
    return secrets.token_urlsafe(16)


def page_policy(nonce: str) -> bytes:
    """The policy of index.html. Scripts and styles run by nonce; PDF is shown from the application itself or a blob."""
    return (
        "default-src 'self'; "
        f"script-src 'self' 'nonce-{nonce}'; "
        f"style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
        "frame-src 'self' blob:; object-src 'self' blob:; worker-src 'self' blob:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ).encode()
