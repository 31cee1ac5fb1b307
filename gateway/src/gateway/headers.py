"""Which headers pass, in both directions.

Inwards nothing passes that claims who somebody is or how the bytes are framed: identity is put in from the token swap,
framing anew by the upstream client, `X-Forwarded-*` from what this gateway saw itself. Outwards the hop's own headers
are dropped and the security headers added.
"""

import re
from collections.abc import Iterable

from gateway.upstream import Headers

UNIT_HEADER = b"x-hall-unit"
"""The unit that the tab shows. A claim to be checked against the token, not an identity: it passes."""

_PLAIN = frozenset(
    (
        b"accept", b"accept-encoding", b"accept-language", b"cache-control", b"content-type", b"idempotency-key",
        b"if-match", b"if-modified-since", b"if-none-match", b"if-range", b"last-event-id", b"pragma", b"prefer",
        b"priority", b"range", b"referer", b"sec-ch-ua", b"sec-ch-ua-mobile", b"sec-ch-ua-platform", b"sec-fetch-dest",
        b"sec-fetch-mode", b"upgrade-insecure-requests", b"user-agent", b"dnt", b"content-encoding", UNIT_HEADER,
    )
)  # fmt: skip
_HOP = frozenset(
    (
        b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te",
        b"trailer", b"transfer-encoding", b"upgrade", b"http2-settings", b"expect",
    )
)  # fmt: skip
_CLAIMS = frozenset(
    (b"forwarded", b"x-real-ip", b"x-client-ip", b"true-client-ip", b"cf-connecting-ip", b"via", b"x-api-key")
)
_CLAIM_PREFIXES = (b"x-hall-", b"x-forwarded-", b"x-original-", b"x-rewrite-", b"x-envoy-", b"x-request-id")
_HOST = re.compile(rb"[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::[0-9]{1,5})?")
_TRACEPARENT = re.compile(rb"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


class BadHeaders(ValueError):
    """The headers contradict themselves or HTTP."""


class Incoming:
    """A request's headers, read once: what the gateway acts on, and `passing`, what goes on to the service."""

    __slots__ = (
        "api_key", "authorization", "content_length", "cookies", "fetch_site", "forwarded_for", "forwarded_proto",
        "has_body", "host", "origin", "passing", "traceparent",
    )  # fmt: skip

    def __init__(self) -> None:
        self.passing: Headers = []
        self.host = b""
        self.cookies: list[bytes] = []
        self.authorization: bytes | None = None
        self.api_key: bytes | None = None
        self.origin: bytes | None = None
        self.fetch_site: bytes | None = None
        self.content_length: int | None = None
        self.has_body = False
        self.traceparent: bytes | None = None
        self.forwarded_for: list[bytes] = []
        self.forwarded_proto: bytes | None = None


def read(headers: Iterable[tuple[bytes, bytes]]) -> Incoming:
    """Sort a request's headers. Names come in lower case. Raises BadHeaders."""
    incoming = Incoming()
    passing = incoming.passing
    nominated: set[bytes] | None = None
    for header in headers:
        name = header[0]
        if name in _PLAIN:
            passing.append(header)
            continue
        value = header[1]
        if name == b"host":
            if incoming.host or not _HOST.fullmatch(value):
                raise BadHeaders("host")
            incoming.host = value
        elif name == b"cookie":
            incoming.cookies.append(value)
        elif name == b"connection":
            nominated = (nominated or set()) | _nominated(value)
        elif not _take(incoming, name, value):
            passing.append(header)
    if not incoming.host:
        raise BadHeaders("host")
    if nominated:
        incoming.passing = [header for header in passing if header[0] not in nominated]
    return incoming


def _take(incoming: Incoming, name: bytes, value: bytes) -> bool:  # noqa: C901 - one flat decision a header name
    """Act on a rarer header; False when it simply passes."""
    if name == b"content-length":
        if not value.isdigit() or incoming.content_length is not None:
            raise BadHeaders("content-length")
        incoming.content_length = int(value)
        incoming.has_body = True
    elif name == b"transfer-encoding":
        if value.strip(b" \t").lower() != b"chunked":
            raise BadHeaders("transfer-encoding")
        incoming.has_body = True
    elif name == b"authorization":
        incoming.authorization = value
    elif name == b"x-api-key":
        incoming.api_key = value
    elif name == b"origin":
        incoming.origin = value
        return False
    elif name == b"sec-fetch-site":
        incoming.fetch_site = value
        return False
    elif name == b"traceparent":
        incoming.traceparent = value
    elif name == b"x-forwarded-for":
        incoming.forwarded_for.append(value)
    elif name == b"x-forwarded-proto":
        incoming.forwarded_proto = value
    else:
        # An underscore can be read as a hyphen by whoever comes next: such names are nobody's.
        return name in _HOP or name in _CLAIMS or b"_" in name or name.startswith(_CLAIM_PREFIXES)
    return True


def _nominated(value: bytes) -> set[bytes]:
    return {token.strip().lower() for token in value.split(b",")} - {b"close", b"keep-alive"}


def session_of(cookies: list[bytes], name: bytes) -> tuple[bytes | None, bytes]:
    """The session cookie's value, and the other cookies as one header value (b"" when there are none)."""
    prefix = name + b"="
    if len(cookies) == 1 and b";" not in cookies[0]:
        only = cookies[0]
        return (only[len(prefix) :], b"") if only.startswith(prefix) else (None, only)
    session: bytes | None = None
    others = []
    for header in cookies:
        for part in header.split(b";"):
            pair = part.strip()
            if pair.startswith(prefix):
                session = pair[len(prefix) :] if session is None else session  # the first: `__Host-` names are unique
            elif pair:
                others.append(pair)
    return session, b"; ".join(others)


def trace_of(traceparent: bytes | None) -> bytes | None:
    """The trace id of a well-formed `traceparent`, else None."""
    if traceparent is None:
        return None
    match = _TRACEPARENT.fullmatch(traceparent)
    if match is None or match[1] == b"0" * 32 or match[2] == b"0" * 16:
        return None
    return match[1]


_DROP, _CONNECTION, _CHUNKED, _TYPE, _CACHE, _COOKIE, _POLICY = range(7)
_OUTWARD = dict.fromkeys(
    (
        b"keep-alive", b"proxy-authenticate", b"proxy-connection", b"te", b"trailer", b"upgrade", b"server", b"date",
        b"x-powered-by", b"strict-transport-security", b"via", b"x-content-type-options", b"referrer-policy",
        b"permissions-policy", b"x-frame-options", b"x-request-id",
    ),
    _DROP,
) | {
    b"connection": _CONNECTION, b"transfer-encoding": _CHUNKED, b"content-type": _TYPE, b"cache-control": _CACHE,
    b"set-cookie": _COOKIE, b"content-security-policy": _POLICY,
}  # fmt: skip


class Outgoing:
    """A service's answer headers, filtered once."""

    __slots__ = ("cache_control", "content_type", "csp", "passing", "set_cookies")

    def __init__(self, headers: Headers, *, bodiless: bool) -> None:
        self.passing: Headers = []
        self.content_type = b""
        self.cache_control = False
        self.csp = False
        self.set_cookies: list[bytes] = []
        dropped = {b"content-length"} if bodiless else set()
        keep = self.passing.append
        for header in headers:
            rule = _OUTWARD.get(header[0])
            if rule is None:
                keep(header)
            elif rule == _CONNECTION:
                if header[1] != b"keep-alive":
                    dropped |= _nominated(header[1])
            elif rule == _CHUNKED:  # with a length beside it: how one answer is made to look like two
                dropped.add(b"content-length")
            elif rule != _DROP:
                keep(header)
                self._note(rule, header[1])
        if dropped:
            self.passing = [header for header in self.passing if header[0] not in dropped]

    def _note(self, rule: int, value: bytes) -> None:
        if rule == _TYPE:
            self.content_type = value
        elif rule == _CACHE:
            self.cache_control = True
        elif rule == _COOKIE:
            self.set_cookies.append(value)
        else:
            self.csp = True
