"""A real hall, attacked from outside: whatever comes in is clearly refused, and nobody becomes somebody else by it."""

import json
import shutil
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from servicekit.ids import uuid7
from tests.safety.wire import page, send
from tests.support.hall import PASSWORD, SECOND_UNIT, UNIT, HallClient, RunningHall, addition_form, standalone_process
from tests.support.people import resident_id
from tests.support.servers import open_folder

pytestmark = [pytest.mark.processes]

COOKIE = "__Host-hall_session"
ADDITIONS = "/api/enrollment/additions"


@pytest.fixture(scope="module")
def hall() -> Iterator[RunningHall]:
    """A hall that logs every request."""
    folder = open_folder("hostile")
    with standalone_process(folder, log_level="INFO") as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def clerk(hall: RunningHall) -> Iterator[HallClient]:
    """An agent who works for the first demo unit."""
    with HallClient(hall.url) as client:
        yield client.login("agent", "jingban01", unit=UNIT)


def _deep(levels: int) -> bytes:
    return b'{"person":' * levels + b"1" + b"}" * levels


BODIES = {
    "nothing": b"",
    "not JSON": b"{",
    "null": b"null",
    "a number": b"1",
    "a list": b"[[]]",
    "NUL written as an escape": rb'{"id_type":"01","id_number":"\u0000","name":"\u0000","username":"\u0000"}',
    "NUL as a byte": b'{"id_number":"\x00"}',
    "lone surrogate": rb'{"id_type":"01","id_number":"\ud800","name":"\udfff","username":"\ud800"}',
    "surrogates the wrong way round": rb'{"id_type":"01","id_number":"\udc00\ud800"}',
    "not UTF-8": b'{"id_number":"\xff\xfe"}',
    "overlong UTF-8": b'{"id_number":"\xc0\xaf"}',
    "UTF-16": '{"id_number":"1"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"id_number":"1"}',
    "100 deep": _deep(100),
    "100,000 deep": _deep(100_000),
    "100,000 lists deep": b"[" * 100_000 + b"]" * 100_000,
    "a huge number": b'{"page":1' + b"0" * 5000 + b',"state":"pending"}',
    "an infinite number": b'{"page":1e400,"state":"pending"}',
    "NaN": b'{"page":NaN,"state":"pending"}',
    "Infinity": b'{"page":-Infinity,"state":"pending"}',
    "a number beyond 64 bits": b'{"page":9223372036854775808,"state":"pending"}',
    "two kinds for one key": b'{"state":"pending","state":{"a":1}}',
    "a key of the object's own": b'{"__proto__":{"a":1},"__class__":"x"}',
    "an empty key": b'{"":""}',
    "an endless text": b'{"id_number":"' + b"9" * 500_000 + b'"}',
    "many keys": b"{" + b",".join(b'"k%d":1' % n for n in range(50_000)) + b"}",
    "a second document": b'{"state":"pending"}{"state":"pending"}',
}
FORMS = (
    ADDITIONS,
    "/api/enrollment/people/lookups",
    "/api/enrollment/applications/searches",
    "/api/reporting/reports",
    "/api/identity/sessions",
    "/api/identity/registrations",
    "/api/identity/sessions/current/unit",
)


@pytest.mark.parametrize("name", BODIES)
def test_body_that_no_page_sends(hall: RunningHall, clerk: HallClient, name: str) -> None:
    for form in FORMS:
        answer = send(hall, b"POST", form.encode(), page(clerk), BODIES[name])
        assert answer.refused(), (form, answer)


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "application/octet-stream",
        "application/json-seq",
        "nonsense",
        "; charset=utf-8",
        "text/html; charset=" + "x" * 4000,
    ],
)
def test_content_of_another_type(hall: RunningHall, clerk: HallClient, content_type: str) -> None:
    body = json.dumps(addition_form(resident_id())).encode()
    answer = send(hall, b"POST", ADDITIONS.encode(), page(clerk, Content_Type=content_type), body)
    assert answer.refused(), answer


def test_a_form_that_says_it_is_compressed(hall: RunningHall, clerk: HallClient) -> None:
    for coding in ("gzip", "br", "identity, gzip"):
        answer = send(
            hall, b"POST", ADDITIONS.encode(), page(clerk, Content_Encoding=coding), b"\x1f\x8b\x08\x00rubbish"
        )
        assert answer.refused(), (coding, answer)


HEADERS: dict[str, list[tuple[bytes, bytes]]] = {
    "16 KiB in one": [(b"X-Padding", b"a" * 16_384)],
    "1 MiB in one": [(b"X-Padding", b"a" * 1_048_576)],
    "2,000 of them": [(b"X-Padding-%d" % n, b"a") for n in range(2_000)],
    "a name of 8 KiB": [(b"X" * 8_192, b"a")],
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_without_measure(hall: RunningHall, clerk: HallClient, name: str) -> None:
    try:
        answer = send(hall, b"GET", b"/api/identity/sessions/current", [*page(clerk), *HEADERS[name]])
    except (ConnectionError, OSError):
        return  # cut off while still talking: an answer too
    assert answer.status == 200 or answer.refused(), answer


@pytest.mark.parametrize(
    "odd",
    [
        {"Idempotency_Key": "x" * 5000},
        {"Idempotency_Key": "钥匙"},
        {"Idempotency_Key": "a b"},
        {"X_Hall_Unit": "x" * 5000},
        {"X_Hall_Unit": "".join(chr(ord(digit) + 0xFEE0) for digit in UNIT)},
        {"X_Hall_Unit": f"{UNIT}, {SECOND_UNIT}"},
        {"X_Hall_Unit": f"{UNIT}' OR '1'='1"},
    ],
    ids=str,
)
def test_header_that_no_page_sends(hall: RunningHall, clerk: HallClient, odd: dict[str, str]) -> None:
    body = json.dumps(addition_form(resident_id())).encode()
    answer = send(hall, b"POST", ADDITIONS.encode(), page(clerk, **odd), body)
    assert answer.refused(), answer


@pytest.mark.parametrize(
    "odd",
    [
        {"traceparent": "00-" + "0" * 32 + "-" + "0" * 16 + "-01"},
        {"traceparent": "钥" * 100},
        {"If_None_Match": '"' + "x" * 4000},
        {"Range": "bytes=0-0,-1,5-3"},
        {"Accept": "x/" * 1000},
        {"Accept_Encoding": "br;q=nan, *;q=-1"},
        {"Accept_Language": "\x7f" * 100},
        {"Prefer": "wait=99999999999999999999"},
        {"Last_Event_ID": "9" * 400},
        {"Forwarded": 'for="_x";by=;;;'},
        {"X_Forwarded_For": ", ,999.1.1.1,::" + "f" * 3000},
    ],
    ids=lambda odd: next(iter(odd)),
)
def test_header_that_means_nothing_is_ignored_or_refused(
    hall: RunningHall, clerk: HallClient, odd: dict[str, str]
) -> None:
    for target in (b"/api/identity/sessions/current", b"/api/enrollment/dictionaries", b"/api/reporting/reports"):
        answer = send(hall, b"GET", target, page(clerk, **odd))
        assert answer.status in (200, 304) or answer.refused(), (target, answer)


INSIDE = b"/internal/contributions?from_month=2026-01&to_month=2026-02"
TARGETS = [
    INSIDE,
    b"/internal/token-swaps",
    b"//internal/token-swaps",
    b"/./internal/token-swaps",
    b"/%69nternal/token-swaps",
    b"/internal%2ftoken-swaps",
    b"/INTERNAL/token-swaps",
    b"/api/../internal/token-swaps",
    b"/api/identity/../../internal/token-swaps",
    b"/api/identity/..%2f..%2finternal/token-swaps",
    b"/api/identity/%2e%2e/%2e%2e/internal/token-swaps",
    b"/api/identity/%252e%252e/%252e%252e/internal/token-swaps",
    b"/api/identity/..;/..;/internal/token-swaps",
    b"/api/identity/..\\..\\internal\\token-swaps",
    b"/api/identity/..%5c..%5cinternal%5ctoken-swaps",
    b"/api/identity//internal/token-swaps",
    b"/api/identity/internal/token-swaps",
    b"/api/identity/%69nternal/token-swaps",
    b"/api/identity/.%2e/internal",
    b"/api/internal/token-swaps",
    b"/api//internal/token-swaps",
    b"/api/identity/%c0%ae%c0%ae/internal",
    b"/api/identity/\xef\xbc\x8f..\xef\xbc\x8finternal",
    b"http://identity:8000/internal/token-swaps",
    b"/api/identity@internal/token-swaps",
    b"/api/identity#/internal/token-swaps",
    b"/api/identity/%00",
    b"/api/identity/%",
    b"/api/identity/%zz",
    b"/api/identity/%0d%0aX-Evil:%201",
    b"/api/nobody/things",
    b"/api/",
    b"/api/employer/openapi.json",
    b"/metrics",
    b"/../../etc/passwd",
    b"/assets/../../../etc/passwd",
    b"/assets/..%2f..%2f..%2fetc%2fpasswd",
    b"/.env",
    b"/.git/config",
]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.decode("latin-1"))
def test_path_out_of_the_public_api(hall: RunningHall, clerk: HallClient, target: bytes) -> None:
    for method, body in ((b"GET", b""), (b"POST", b'{"session":"x"}')):
        answer = send(hall, method, target, page(clerk), body)
        # Whatever isn't the API's or a file's is the pages' own business: they show that there is no such page.
        shown = method == b"GET" and answer.status == 200 and b'<div id="root">' in answer.body
        assert answer.refused() or (shown and not target.startswith((b"/api", b"/assets"))), (method, answer)
        assert shown or answer.status in (400, 404, 405), (method, answer)


def test_method_that_hides_behind_another(hall: RunningHall, clerk: HallClient) -> None:
    current = b"/api/identity/sessions/current"
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"):
        sent = [*page(clerk), (name.encode(), b"DELETE")]
        assert send(hall, b"POST", current, sent, b"{}").status == 405
        assert send(hall, b"GET", current + b"?_method=DELETE", sent).status == 200
    for method in (b"TRACE", b"CONNECT", b"PROPFIND", b"get", b"G\xc3\x89T"):
        assert send(hall, method, current, page(clerk)).refused(), method
    assert clerk.call("GET", current.decode()).status_code == 200


def _own_token(**claims: Any) -> str:
    key = Ed25519PrivateKey.generate()
    payload = {
        "iss": "hall-identity", "aud": "hall", "sub": str(uuid7()), "sid": str(uuid7()), "kind": "operator",
        "employer_no": None, "perms": [], "via": "session", "iat": 1_774_000_000, "exp": 4_000_000_000, **claims,
    }  # fmt: skip
    return jwt.encode(payload, key, algorithm="EdDSA", headers={"kid": "k1"})


CLAIMS = {
    "a token of one's own": {"Authorization": f"Bearer {_own_token()}"},
    "no token at all": {"Authorization": "Bearer a.b.c"},
    "a secret guessed": {"Authorization": "Bearer gateway"},
    "basic": {"Authorization": "Basic Z3VhbmxpMDE6WW9uZ2ppYW5nLWRlbW8tMjAyNg=="},
    "an API key guessed": {"X-API-Key": "guess"},
    "headers of a proxy": {
        "X-Forwarded-User": "guanli01",
        "X-Remote-User": "guanli01",
        "X-Auth-Request-User": "guanli01",
    },
    "headers of ours": {"X-Hall-Account": str(uuid7()), "X-Hall-Kind": "operator", "X-Hall-Employer": UNIT},
    "from inside": {
        "X-Forwarded-For": "127.0.0.1",
        "X-Real-IP": "10.0.0.1",
        "Forwarded": "for=127.0.0.1;host=identity",
    },
    "another address": {"X-Original-URL": "/internal/token-swaps", "X-Rewrite-URL": "/internal/token-swaps"},
}


@pytest.mark.parametrize("name", CLAIMS)
def test_nobody_becomes_somebody_by_a_header(hall: RunningHall, clerk: HallClient, name: str) -> None:
    claim = [(header.encode(), value.encode()) for header, value in CLAIMS[name].items()]
    for target in (
        b"/api/employer/employers",
        b"/api/identity/sessions/current",
        b"/api/enrollment/online-declaration",
    ):
        answer = send(hall, b"GET", target, claim)
        assert (answer.status, answer.refused()) == (401, True), answer
    # Beside a genuine session it changes nothing, or the request is refused.
    answer = send(hall, b"GET", b"/api/employer/employers", [*page(clerk), *claim])
    assert answer.status in (401, 403), answer
    answer = send(hall, b"GET", b"/api/employer/unit", [*page(clerk), *claim])
    assert answer.status == 401 or json.loads(answer.body)["basic"]["employer_no"] == UNIT


FOREIGN: dict[str, dict[str, str]] = {
    "another site": {"Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"},
    "another site, an old browser": {"Origin": "https://evil.test"},
    "a sandboxed frame": {"Origin": "null"},
    "a neighbour": {"Origin": "http://localhost:1", "Sec-Fetch-Site": "same-site"},
    "a name that begins like ours": {"Origin": "http://localhost.evil.test"},
    "our name as a user": {"Origin": "http://localhost@evil.test"},
    "the browser says so, whatever the origin": {"Sec-Fetch-Site": "cross-site"},
    "an origin that is none": {"Origin": "x" * 2000},
}


@pytest.mark.parametrize("name", FOREIGN)
def test_request_that_another_site_makes(hall: RunningHall, clerk: HallClient, name: str) -> None:
    forged = FOREIGN[name]
    form = json.dumps(addition_form(resident_id())).encode()
    for method, target, body in (
        (b"POST", ADDITIONS.encode(), form),
        (b"POST", b"/api/identity/sessions/current/unit", b'{"employer_no":"%s"}' % SECOND_UNIT.encode()),
        (b"DELETE", b"/api/identity/sessions/current", b""),
    ):
        answer = send(hall, method, target, page(clerk, **forged), body)
        assert (answer.status, answer.refused()) == (403, True), (target, answer)
    login = json.dumps({"mode": "agent", "username": "jingban01", "password": PASSWORD}).encode()
    sent = [(n.encode(), v.encode()) for n, v in {**forged, "Content-Type": "application/json"}.items()]
    assert send(hall, b"POST", b"/api/identity/sessions", sent, login).status == 403  # into the attacker's account
    assert clerk.get("/api/identity/sessions/current")["employer_no"] == UNIT


def test_cookie_without_any_word_where_the_request_comes_from(hall: RunningHall, clerk: HallClient) -> None:
    sent = [header for header in page(clerk) if header[0] != b"Origin"]
    answer = send(hall, b"POST", ADDITIONS.encode(), sent, json.dumps(addition_form(resident_id())).encode())
    assert (answer.status, answer.refused()) == (403, True), answer


def test_a_session_chosen_by_an_attacker_is_worth_nothing(hall: RunningHall) -> None:
    planted = "A" * 43
    with HallClient(hall.url, cookies={COOKIE: planted}) as victim:
        victim.login("agent", "jingban01")
        first = victim.cookies[COOKIE]
        victim.choose(UNIT)
        second = victim.cookies[COOKIE]
        assert len({planted, first, second}) == 3
        for stale in (planted, first):
            with HallClient(hall.url, cookies={COOKIE: stale}) as attacker:
                assert attacker.call("GET", "/api/identity/sessions/current").status_code == 401
        kept = dict(victim.cookies)
        victim.call("DELETE", "/api/identity/sessions/current")
    with HallClient(hall.url, cookies=kept) as attacker:
        assert attacker.call("GET", "/api/identity/sessions/current").status_code == 401


@pytest.mark.parametrize(
    "cookie",
    [
        f"{COOKIE}=x; {COOKIE}=y",
        f"{COOKIE}=",
        f"{COOKIE}",
        f"{COOKIE}=" + "x" * 6000,
        f'{COOKIE}="quoted"',
        f"{COOKIE}=%00%0d%0a",
        f"{COOKIE}=钥匙",
        "hall_session=x",
        ";;;=;=;",
    ],
    ids=lambda cookie: cookie[:40],
)
def test_cookie_that_is_none_of_ours(hall: RunningHall, cookie: str) -> None:
    answer = send(hall, b"GET", b"/api/identity/sessions/current", [(b"Cookie", cookie.encode())])
    assert answer.refused(), answer
    assert answer.status in (400, 401)


def test_two_session_cookies_give_no_choice(hall: RunningHall, clerk: HallClient) -> None:
    """A cookie that a neighbouring host planted beside ours must not win."""
    ours = clerk.cookies[COOKIE]
    for cookie in (f"{COOKIE}=planted; {COOKIE}={ours}", f"{COOKIE}={ours}; {COOKIE}=planted"):
        answer = send(hall, b"GET", b"/api/identity/sessions/current", [(b"Cookie", cookie.encode())])
        assert answer.status == 200 or answer.refused(), answer


def test_the_rate_of_verifications_is_not_talked_away(hall: RunningHall) -> None:
    statuses = set()
    for number in range(60):
        claimed = [(b"X-Forwarded-For", b"203.0.113.%d" % number), (b"X-Real-IP", b"203.0.113.%d" % number)]
        target = b"/api/reporting/verifications/AAAAA-AAAAA-AAAAA-AAAAA-%05d" % number
        answer = send(hall, b"GET", target, claimed)
        assert answer.refused(), answer
        statuses.add(answer.status)
    assert 429 in statuses


def test_log_has_no_personal_data_and_no_secret(hall: RunningHall) -> None:
    """Runs a journey with every kind of misplaced number, then reads what the hall wrote."""
    number, wrong = resident_id(), "330203199003071231"
    mobile, password = "13877776666", "Not-the-right-one-2026"
    with HallClient(hall.url) as clerk:
        clerk.call("POST", "/api/identity/sessions", {"mode": "agent", "username": mobile, "password": password})
        clerk.call("POST", "/api/identity/registrations/sms-codes", {"mobile": mobile, "purpose": "registration"})
        clerk.call("POST", "/api/identity/registrations/sms-codes", {"mobile": f"x{mobile}", "purpose": number})
        clerk.login("agent", "jingban01", unit=UNIT)
        form = addition_form(number, mobile=mobile)
        clerk.call("POST", "/api/enrollment/people/lookups", {"id_type": "01", "id_number": number})
        clerk.call("POST", "/api/enrollment/people/lookups", {"id_type": number, "id_number": wrong})
        clerk.post(ADDITIONS, form, 201)
        clerk.call("POST", ADDITIONS, form)
        clerk.call("POST", ADDITIONS, addition_form(number, name=number, mobile=number))
        clerk.call("POST", "/api/enrollment/roster/searches", {"id_number": number, mobile: number})
        clerk.call("GET", f"/api/enrollment/roster/{number}")
        clerk.call("GET", f"/api/enrollment/applications/{number}?id_number={number}&mobile={mobile}")
        clerk.call("GET", f"/api/nowhere/{number}")
        clerk.call("GET", f"/people/{number}/{mobile}")
        clerk.call("GET", "/api/enrollment/roster/" + "".join(f"%{ord(digit):x}" for digit in number))
        clerk.call("GET", f"/api/enrollment/dictionaries?q={number}", Referer=f"{hall.url}/people?id={number}")
        session = clerk.cookies[COOKIE]
    hall.stop()
    log = (hall.folder / "hall.log").read_text()
    assert log.count("\n") > 10
    assert "/api/enrollment/additions" in log
    for secret in (number, wrong, mobile, password, PASSWORD, session, "eyJ"):
        lines = [line for line in log.splitlines() if secret in line]
        assert lines == [], lines[:3]
