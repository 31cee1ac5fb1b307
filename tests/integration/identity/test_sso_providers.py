"""Providers that are away, out of their mind, or sign what is not for us: each ends at a page that says so."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from contracts.identity import AccountRegistered
from identity import demo
from identity.sso import outgoing
from standalone.standin import StandIn
from standalone.standin.oidc import Grant, OidcSide
from tests.integration.identity.elsewhere import Elsewhere, connected, listen, refusal, served, under_raised_session
from tests.integration.identity.entrance import API, announced
from tests.support.databases import TestDatabases


@pytest.fixture
async def there(databases: TestDatabases) -> AsyncIterator[Elsewhere]:
    async with connected(databases) as running:
        yield running


# -- ID tokens that prove nothing --------------------------------------------------------------------------------------


class Forging(OidcSide):
    """Signs what a test wants."""

    forged: dict[str, Any]

    def claims(self, grant: Grant) -> dict[str, Any]:
        claims = super().claims(grant) | self.forged
        return {name: value for name, value in claims.items() if value is not None}


class ForgingStandIn(StandIn):
    """A stand-in whose OpenID Connect side signs what a test wants."""

    oidc_side = Forging


_NOW = 1773108000
"""2026-03-10 10:00 in Shanghai, the time of the tests."""


_FORGED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"aud": "somebody-else"}, "sso_token_audience"),
    ({"aud": ["demo-hall-client", "somebody-else"]}, "sso_token_refused"),
    ({"aud": ["demo-hall-client", "somebody-else"], "azp": "somebody-else"}, "sso_token_audience"),
    ({"nonce": "of another login"}, "sso_token_nonce"),
    ({"nonce": None}, "sso_token_refused"),
    ({"iss": "https://somebody.else"}, "sso_token_refused"),
    ({"exp": _NOW - 3600, "iat": _NOW - 7200}, "sso_token_refused"),
    ({"iat": _NOW + 3600, "exp": _NOW + 7200}, "sso_token_refused"),
    ({"nbf": _NOW + 3600}, "sso_token_refused"),
    ({"sub": None}, "sso_token_refused"),
    ({"sub": 5}, "sso_token_refused"),
    ({"exp": "tomorrow"}, "sso_token_refused"),
    ({"at_hash": "c29tZWJvZHkncw"}, "sso_token_refused"),
)


async def test_id_tokens_that_are_not_for_us_now(databases: TestDatabases) -> None:
    async with connected(databases, standin=ForgingStandIn) as there:
        assert isinstance(there.standin.oidc, Forging)
        assert there.hall.clock.now().timestamp() == _NOW
        ends = []
        for forged, _ in _FORGED:
            there.standin.oidc.forged = forged
            ends.append((forged, refusal(await there.browser().through("oidc", "fangxiaoman", "agent"))))
        assert ends == list(_FORGED)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_an_id_token_that_nobody_signed(
    there: Elsewhere, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    """Neither unsigned, nor signed with what everybody knows: the provider's public key as a secret."""

    def sign(claims: dict[str, Any]) -> str:
        def part(content: bytes) -> str:
            return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

        signed = f"{part(json.dumps({'alg': algorithm}).encode())}.{part(json.dumps(claims).encode())}"
        digest = hmac.new(b"demo-client-secret", signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{part(digest) if algorithm == 'HS256' else ''}"

    monkeypatch.setattr(there.standin.oidc, "sign", sign)
    assert refusal(await there.browser().through("oidc", "fangxiaoman", "agent")) == "sso_token_refused"


async def test_keys_that_changed_are_fetched_once_more(there: Elsewhere) -> None:
    assert await there.browser().through("oidc", "fangxiaoman", "agent") == "/sso"
    there.standin.oidc.rotate()
    # Just fetched: an unknown key id makes nobody fetch again for half a minute.
    assert refusal(await there.browser().through("oidc", "fangxiaoman", "agent")) == "sso_token_refused"
    there.hall.clock.advance(timedelta(seconds=31))
    assert await there.browser().through("oidc", "fangxiaoman", "agent") == "/sso"


async def test_an_answer_of_another_issuer(there: Elsewhere) -> None:
    """RFC 9207: mixed up with another provider's."""
    browser = there.browser()
    address = await browser.pick(await browser.start("oidc", "agent"), "fangxiaoman")
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | {"iss": "https://somebody.else"}
    address = parts._replace(query=urlencode(query)).geturl()
    assert refusal(await browser.come_back(address)) == "sso_token_refused"


async def test_userinfo_of_somebody_else(there: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(there.standin.oidc, "user_info", lambda person: {"sub": "somebody-else", "name": "x"})
    assert refusal(await there.browser().through("oidc", "fangxiaoman", "agent")) == "sso_provider_fault"


# -- providers that are away or out of their mind ----------------------------------------------------------------------

Answer = tuple[int, dict[bytes, bytes], bytes]


class Broken:
    """A provider that answers whatever a test wants to everything; `None`: it never answers."""

    def __init__(self, answer: Answer | None) -> None:
        self.answer = answer
        self.asked = 0
        self.over = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""
        self.asked += 1
        while (await receive()).get("more_body"):
            pass
        if self.answer is None:
            await self.over.wait()
            return
        status, headers, body = self.answer
        await send({"type": "http.response.start", "status": status, "headers": list(headers.items())})
        await send({"type": "http.response.body", "body": body})


_JSON = {b"content-type": b"application/json"}


_ANSWERS: tuple[tuple[Answer, str], ...] = (
    ((200, _JSON, b" " * (outgoing.MOST_BYTES + 1)), "sso_provider_fault"),
    ((200, _JSON | {b"content-encoding": b"gzip"}, b"\x1f\x8b\x08"), "sso_provider_fault"),
    ((200, _JSON, b"<html>"), "sso_provider_fault"),
    ((200, _JSON, b"[]"), "sso_provider_fault"),
    ((200, _JSON, b"[" * 100_000), "sso_provider_fault"),
    ((200, _JSON, b"{}"), "sso_ticket_refused"),
    ((302, {b"location": b"http://127.0.0.1:9/"}, b""), "sso_provider_fault"),
    ((404, _JSON, b"{}"), "sso_provider_fault"),
    ((500, _JSON, b"{}"), "sso_provider_away"),
    ((503, _JSON, b"{}"), "sso_provider_away"),
    ((429, _JSON, b"{}"), "sso_provider_away"),
)


async def test_a_provider_out_of_its_mind(databases: TestDatabases) -> None:
    listening, url = listen()
    broken = Broken(None)
    changes = {"zj-person": {"ticket_url": f"{url}/simpleauth"}, "zj-legal": {"query_url": f"{url}/query"}}
    async with served(broken, listening), connected(databases, changes=changes) as there:
        browser = there.browser()
        for broken.answer, code in _ANSWERS:
            asked = broken.asked
            assert refusal(await browser.through("zj-person", "fangxiaoman", "agent")) == code
            assert refusal(await browser.through("zj-legal", "association")) == code
            assert broken.asked == asked + 2  # no redirect was followed, and nothing tried again
        assert not browser.signed_in
        assert await announced(there.hall, AccountRegistered) == []


async def test_discovery_that_makes_no_sense(databases: TestDatabases) -> None:
    listening, url = listen()
    told: dict[str, Any] = {
        "issuer": url,
        "authorization_endpoint": f"{url}/authorize",
        "token_endpoint": f"{url}/token",
        "jwks_uri": f"{url}/jwks",
    }
    broken = Broken((200, _JSON, b""))
    async with served(broken, listening), connected(databases, changes={"oidc": {"issuer": url}}) as there:
        for change in (
            {"issuer": "https://somebody.else"},
            {"token_endpoint": "file:///etc/passwd"},
            {"jwks_uri": None},
        ):
            broken.answer = (200, _JSON, json.dumps(told | change).encode())
            assert refusal(await there.browser().start("oidc", "agent")) == "sso_provider_fault"
        broken.answer = (200, _JSON, json.dumps(told).encode())
        assert (await there.browser().start("oidc", "agent")).startswith(f"{url}/authorize?")


async def test_a_provider_that_is_away(databases: TestDatabases) -> None:
    listening, url = listen()
    listening.close()
    changes = {
        "zj-person": {"ticket_url": f"{url}/simpleauth"},
        "oidc": {"issuer": url},
    }
    async with connected(databases, changes=changes) as there:
        browser = there.browser()
        assert refusal(await browser.through("zj-person", "fangxiaoman", "agent")) == "sso_provider_away"
        assert refusal(await browser.start("oidc", "agent")) == "sso_provider_away"
        assert refusal((await browser.send("GET", f"{API}/sso/oidc/logout")).headers["location"]) == "sso_provider_away"
        assert await browser.through("zj-legal", "association") == "/sso"  # the others go on

        await demo.seed(there.hall.runtime)
        signed_in = there.browser()
        login = {"mode": "agent", "username": "jingban01", "password": demo.PASSWORD}
        await signed_in.send("POST", f"{API}/sessions", login)
        late = await under_raised_session(signed_in, "POST", f"{API}/sso/oidc/departures")
        assert (late.status_code, late.json()["code"]) == (503, "sso_provider_away")
        assert int(late.headers["retry-after"]) > 0


async def test_a_provider_that_never_answers(databases: TestDatabases, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends at the deadline, and meanwhile holds no connection to the database."""
    monkeypatch.setattr(outgoing, "DEADLINE", 0.2)
    listening, url = listen()
    silent = Broken(None)
    changes = {"zj-person": {"ticket_url": f"{url}/simpleauth"}}
    async with served(silent, listening), connected(databases, changes=changes, database_pool_size=1) as there:
        browsers = [there.browser() for _ in range(6)]
        addresses = [await one.pick(await one.start("zj-person", "agent"), "fangxiaoman") for one in browsers]
        ends = await asyncio.gather(*(one.come_back(address) for one, address in zip(browsers, addresses, strict=True)))
        silent.over.set()
        assert {refusal(end) for end in ends} == {"sso_provider_away"}
