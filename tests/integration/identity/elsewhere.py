"""What the tests of single sign-on share: the stand-in on a port of its own, and a browser between it and the hall."""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import uvicorn

from servicekit.auth.tokens import verify
from servicekit.clock import FixedClock
from servicekit.ids import uuid7
from standalone.standin import StandIn, provider_settings
from tests.integration.identity.entrance import API, SCHOOL, SECOND_UNIT, UNIT, deliver, identity_service, opened, swap
from tests.support.databases import TestDatabases
from tests.support.harness import TODAY, ServiceHarness

PUBLIC_URL = "https://hall.test"
ATTEMPT, FROM, SESSION = "__Host-hall_sso", "__Host-hall_sso_from", "__Host-hall_session"
ASSOCIATION, ASSOCIATION_USCC = "330200000000000501", "52330200500001234A"
_COOKIE = re.compile(r"^(?P<name>[^=;]+)=(?P<value>[^;]*)(?P<attributes>.*)$")
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


@asynccontextmanager
async def served(app: Any, listening: socket.socket) -> AsyncIterator[None]:
    """Any ASGI application, over real HTTP."""
    config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    with contextlib.ExitStack() as stack:
        stack.enter_context(listening)
        task = asyncio.create_task(server._serve([listening]))
        try:
            yield
        finally:
            server.should_exit = True
            await task


def listen() -> tuple[socket.socket, str]:
    """A port of this machine and its address. Bound before the application is made, which wants to know it."""
    listening = socket.create_server(("127.0.0.1", 0))
    return listening, f"http://127.0.0.1:{listening.getsockname()[1]}"


@dataclass
class Elsewhere:
    """The identity service and the providers it is connected to."""

    hall: ServiceHarness
    standin: StandIn

    def browser(self) -> "Browser":
        """A browser that was nowhere yet."""
        return Browser(self)


@asynccontextmanager
async def connected(
    databases: TestDatabases,
    *,
    standin: type[StandIn] = StandIn,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    **settings: Any,
) -> AsyncIterator[Elsewhere]:
    """The identity service, connected to a stand-in of this class. `changes` of provider settings, by key."""
    clock = FixedClock.on(TODAY)
    listening, url = listen()
    away = standin(url, PUBLIC_URL, now=clock.now)
    providers = [{**one, **(changes or {}).get(one["key"], {})} for one in provider_settings(url)]
    async with (
        served(away.app, listening),
        identity_service(
            databases, clock=clock, **{"sso_providers": providers, "public_url": PUBLIC_URL, **settings}
        ) as hall,
    ):
        for number in (UNIT, SECOND_UNIT, SCHOOL):
            await deliver(hall, opened(number))
        await deliver(hall, opened(ASSOCIATION, uscc=ASSOCIATION_USCC, name="四明山文化交流协会"))
        yield Elsewhere(hall, away)


@dataclass
class Browser:
    """A browser: cookies of the hall, the stand-in's pages, and the gateway in front of identity."""

    there: Elsewhere
    cookies: dict[str, str] = field(default_factory=dict)
    address: str = "198.51.100.9"

    @property
    def hall(self) -> ServiceHarness:
        """The identity service."""
        return self.there.hall

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """One call to `/api/identity`, as the gateway would pass it on."""
        sent = {"X-Forwarded-For": self.address, **headers}
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid7()))
        if SESSION in self.cookies:
            token = await swap(self.hall, self.cookies[SESSION])
            if token.status_code == 200:
                sent["Authorization"] = f"Bearer {token.json()['token']}"
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await self.hall.client.request(method, path, json=body, headers=sent, follow_redirects=False)
        for line in answer.headers.get_list("set-cookie"):
            match = _COOKIE.match(line)
            assert match is not None
            attributes = match["attributes"].lower()
            assert {"secure", "httponly", "path=/", "samesite=lax"} <= {part.strip() for part in attributes.split(";")}
            if "max-age=0" in attributes:
                self.cookies.pop(match["name"], None)
            else:
                self.cookies[match["name"]] = match["value"]
        return answer

    async def start(self, provider: str, mode: str | None = None, return_to: str | None = None) -> str:
        """Presses the button; where the hall sends the browser."""
        query = {"mode": mode, "return_to": return_to}
        asked = httpx.QueryParams({name: value for name, value in query.items() if value is not None})
        answer = await self.send("GET", f"{API}/sso/{provider}/start?{asked}")
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    async def pick(self, address: str, who: str) -> str:
        """Signs in as somebody on the provider's page; where the provider sends the browser."""
        async with httpx.AsyncClient(trust_env=False) as client:
            page = await client.get(address)
            assert page.status_code == 200, page.text
            form = {name: unescape(value) for name, value in _HIDDEN.findall(page.text)}
            chosen = await client.post(address.partition("?")[0], data={**form, "who": who})
        assert chosen.status_code == 303, chosen.text
        return str(chosen.headers["location"])

    async def come_back(self, address: str) -> str:
        """Follows the provider's redirect; the page the hall ends it at."""
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}" == PUBLIC_URL
        answer = await self.send("GET", f"{parts.path}?{parts.query}")
        assert answer.status_code == 303, answer.text
        assert answer.headers["cache-control"] == "no-store"
        location = str(answer.headers["location"])
        assert location.startswith("/sso")
        assert not {"ticket", "ssotoken", "state", "sp", "goto"} & parse_qs(urlsplit(location).query).keys()
        return location

    async def through(self, provider: str, who: str, mode: str | None = None, return_to: str | None = None) -> str:
        """The whole way; the page the hall ends it at."""
        return await self.come_back(await self.pick(await self.start(provider, mode, return_to), who))

    async def arrival(self) -> Any:
        """What the page asks for."""
        answer = await self.send("GET", f"{API}/sso/arrival")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def session(self) -> Any:
        """Who is signed in."""
        answer = await self.send("GET", f"{API}/sessions/current")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def account(self) -> Any:
        """The signed-in account."""
        return (await self.session())["account"]

    @property
    def signed_in(self) -> bool:
        """Whether there is a session cookie."""
        return SESSION in self.cookies


def refusal(location: str) -> str:
    """The code of the page of refusal, with nothing else in its address."""
    parts = urlsplit(location)
    assert parts.path == "/sso/refused", location
    query = parse_qs(parts.query)
    assert query.keys() <= {"code", "provider"}
    return query["code"][0]


async def under_raised_session(browser: Browser, method: str, path: str) -> httpx.Response:
    """The answer under the browser's session, raised by hand: how that is done is another feature's business."""
    hall = browser.hall
    token = await swap(hall, browser.cookies["__Host-hall_session"])
    claims = await verify(token.json()["token"], hall.runtime.keys, now=hall.clock.now())
    raised = replace(claims, step_up_until=hall.clock.now() + timedelta(minutes=5))
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = {"Authorization": f"Bearer {hall.tokens.signer.mint(raised)}", "Cookie": cookies}
    return await hall.client.request(method, path, headers=headers)
