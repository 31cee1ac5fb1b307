"""Which headers pass."""

import pytest

from gateway.headers import BadHeaders, Outgoing, read, session_of, trace_of

NAME = b"__Host-hall_session"


def test_read_sorts() -> None:
    incoming = read(
        [
            (b"host", b"hall.test:8000"),
            (b"accept", b"*/*"),
            (b"cookie", b"a=1"),
            (b"cookie", b"b=2"),
            (b"content-length", b"12"),
            (b"x-hall-unit", b"330"),
            (b"x-hall-account", b"1"),
            (b"x-unknown", b"u"),
            (b"connection", b"close, X-Once"),
            (b"x-once", b"1"),
            (b"origin", b"https://x"),
            (b"x_hall_unit", b"2"),
        ]
    )
    assert incoming.host == b"hall.test:8000"
    assert incoming.cookies == [b"a=1", b"b=2"]
    assert incoming.content_length == 12
    assert incoming.passing == [
        (b"accept", b"*/*"),
        (b"x-hall-unit", b"330"),
        (b"x-unknown", b"u"),
        (b"origin", b"https://x"),
    ]


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"host", b"a"), (b"host", b"a")],
        [(b"host", b"a b")],
        [(b"host", b"a/b")],
        [(b"host", b"u@a")],
        [(b"host", b"")],
        [(b"host", b"a"), (b"content-length", b"1"), (b"content-length", b"1")],
        [(b"host", b"a"), (b"content-length", b"+1")],
        [(b"host", b"a"), (b"transfer-encoding", b"gzip, chunked")],
        [(b"host", b"a:port")],
        [(b"host", b"a\r\nx: y")],
    ],
)
def test_contradictory_headers(headers: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(BadHeaders):
        read(headers)


@pytest.mark.parametrize("host", [b"127.0.0.1:8000", b"hall.test", b"[::1]:8000", b"HALL.test"])
def test_hosts(host: bytes) -> None:
    assert read([(b"host", host)]).host == host


@pytest.mark.parametrize(
    ("cookies", "session", "others"),
    [
        ([], None, b""),
        ([NAME + b"=s"], b"s", b""),
        ([b"a=1"], None, b"a=1"),
        ([b"a=1; " + NAME + b"=s;b=2"], b"s", b"a=1; b=2"),
        ([NAME + b"=s", b"a=1"], b"s", b"a=1"),
        ([NAME + b"=first; " + NAME + b"=second"], b"first", b""),
        ([b"x" + NAME + b"=s"], None, b"x" + NAME + b"=s"),
        ([NAME + b"=" + b"; a=1"], b"", b"a=1"),
    ],
)
def test_session_cookie_is_taken_out(cookies: list[bytes], session: bytes | None, others: bytes) -> None:
    assert session_of(cookies, NAME) == (session, others)


@pytest.mark.parametrize(
    ("header", "trace"),
    [
        (None, None),
        (b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", b"0af7651916cd43dd8448eb211c80319c"),
        (b"00-" + b"0" * 32 + b"-b7ad6b7169203331-01", None),
        (b"00-0af7651916cd43dd8448eb211c80319c-" + b"0" * 16 + b"-01", None),
        (b"01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", None),
        (b"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", None),
        (b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nx: y", None),
    ],
)
def test_trace(header: bytes | None, trace: bytes | None) -> None:
    assert trace_of(header) == trace


def test_outgoing() -> None:
    outgoing = Outgoing(
        [
            (b"content-type", b"text/event-stream"),
            (b"content-length", b"5"),
            (b"transfer-encoding", b"chunked"),
            (b"connection", b"close, x-inner"),
            (b"x-inner", b"1"),
            (b"set-cookie", b"a=1"),
            (b"set-cookie", b"b=2"),
            (b"server", b"s"),
            (b"date", b"d"),
            (b"cache-control", b"private"),
        ],
        bodiless=False,
    )
    assert outgoing.passing == [
        (b"content-type", b"text/event-stream"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
        (b"cache-control", b"private"),
    ]
    assert outgoing.set_cookies == [b"a=1", b"b=2"]
    assert outgoing.cache_control
    assert Outgoing([(b"content-length", b"5")], bodiless=False).passing == [(b"content-length", b"5")]
    assert Outgoing([(b"content-length", b"5")], bodiless=True).passing == []
