"""Cross-site request forgery: what changes something must come from our own pages when a cookie speaks for it.

Browsers say where a request comes from (`Sec-Fetch-Site`, else `Origin`); SameSite=Lax on the cookie is the first line,
this is the second. An API key needs none of it: no browser adds one by itself.
"""

from urllib.parse import urlsplit

SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
_OWN = (b"same-origin", b"none")


def forged(
    *, with_session: bool, fetch_site: bytes | None, origin: bytes | None, host: bytes, public_host: bytes | None
) -> bool:
    """Whether an unsafe request has to be refused.

    With the session cookie the origin must be shown to be ours. Without it (login, registration) the request is refused
    only when the browser says that another site made it.
    """
    if fetch_site is not None:
        return fetch_site not in _OWN
    if origin is not None:
        return not _same_host(origin, host, public_host)
    return with_session


def _same_host(origin: bytes, host: bytes, public_host: bytes | None) -> bool:
    try:
        netloc = urlsplit(origin.decode("ascii")).netloc.lower().encode()
    except (ValueError, UnicodeDecodeError):
        return False
    return bool(netloc) and netloc in (host.lower(), public_host)
