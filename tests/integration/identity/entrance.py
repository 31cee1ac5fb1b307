"""What the tests of the identity service share: units in its directory, a visitor with a cookie, registration."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import select, text

from contracts.base import Event
from contracts.employer import EmployerChanged, EmployerOpened
from identity.demo import TOTP_SECRETS
from identity.second_factor.rules import code_of, step_of
from identity.service import SERVICE
from servicekit import audit, outbox
from servicekit.auth.tokens import Claims, verify
from servicekit.bus.protocol import Message
from servicekit.clock import FixedClock
from servicekit.consumer import Outcome, process
from servicekit.db.tx import Scope, begin
from servicekit.ids import uuid7
from tests.support.databases import TestDatabases
from tests.support.harness import TODAY, ServiceHarness, service_harness
from tests.support.people import resident_id
from tests.support.tokens import TestKeys

API = "/api/identity"
UNIT, SECOND_UNIT, SCHOOL, VIRTUAL = (f"330200000000000{n}" for n in ("101", "102", "201", "301"))
USCC, SCHOOL_USCC, VIRTUAL_CODE = "91330200MA2A0B1C3J", "12330200419500123Q", "330200XNDW00000001"
NAMES = {
    UNIT: "甬江智造科技有限公司",
    SECOND_UNIT: "甬江智造科技有限公司鄞州分部",
    SCHOOL: "宁波市海曙区示范小学",
    VIRTUAL: "失业人员参保虚拟单位",
}
COOKIE = "__Host-hall_session"
GATEWAY_SECRET, REPORTING_SECRET = "the gateway's word in these tests", "reporting's word in these tests"
PASSWORD = "Qiantang-Chao-2026-xin"
MOBILE = "13805740001"
NAME = "陈明远"
_SET_COOKIE = re.compile(r"^(?P<name>[^=;]+)=(?P<value>[^;]*)(?P<attributes>.*)$")


@asynccontextmanager
async def identity_service(
    databases: TestDatabases, *, clock: FixedClock | None = None, **settings: Any
) -> AsyncIterator[ServiceHarness]:
    """The identity service; its tokens verify with the harness's keys."""
    clock = clock or FixedClock.on(TODAY)
    tokens = TestKeys(clock=clock)
    pem = tokens.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    values = {"token_signing_key": pem, "gateway_secret": GATEWAY_SECRET, "reporting_secret": REPORTING_SECRET}
    async with service_harness(
        SERVICE, databases, settings={**values, **settings}, clock=clock, tokens=tokens
    ) as running:
        yield running


def opened(employer_no: str, *, version: int = 1, **facts: Any) -> EmployerOpened:
    """News of one of the units above."""
    usccs = {SCHOOL: SCHOOL_USCC, VIRTUAL: VIRTUAL_CODE}
    state = {
        "employer_no": employer_no,
        "uscc": usccs.get(employer_no, USCC),
        "name": NAMES.get(employer_no, f"示例单位{employer_no[-3:]}"),
        "kind": {SCHOOL: "50", VIRTUAL: "99"}.get(employer_no, "10"),
        "virtual": employer_no == VIRTUAL,
        "online_declaration": employer_no != VIRTUAL,
        "insurances": ("310", "510"),
        "version": version,
        **facts,
    }
    return EmployerOpened.model_validate(state)


def changed(employer_no: str, *, version: int, **facts: Any) -> EmployerChanged:
    """News of a unit's new state."""
    return EmployerChanged.model_validate(opened(employer_no, version=version, **facts).model_dump())


async def deliver(hall: ServiceHarness, event: Event, *, id: UUID | None = None) -> Outcome:
    """Hands an event to the service as the bus does; the same id is the same message come again."""
    envelope = outbox.envelope_of(event, service=event.wire_name.partition(".")[0]).model_copy(
        update={"id": id or uuid7()}
    )
    message = Message(str(envelope.id), envelope.type, envelope.model_dump_json().encode())
    consumers = hall.runtime.service.consumers
    assert consumers is not None
    (queue,) = [s for s in consumers.subscriptions if s.event_type(envelope.type)]
    return await process(hall.runtime, queue, message)


@dataclass
class Visitor:
    """A browser and the gateway in front of it: keeps the session cookie, swaps it for a token on every call."""

    hall: ServiceHarness
    cookie: str | None = None
    unit: str | None = None
    address: str = "198.51.100.7"

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """One call to `/api/identity`, as the gateway would pass it on."""
        sent = {"X-Forwarded-For": self.address, **headers}
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid7()))
        if self.unit is not None:
            sent.setdefault("X-Hall-Unit", self.unit)
        if self.cookie is not None:
            swap = await self.swap()
            if swap.status_code == 200:
                sent["Authorization"] = f"Bearer {swap.json()['token']}"
        answer = await self.hall.client.request(method, f"{API}{path}", json=body, headers=sent)
        self._keep_cookie(answer)
        return answer

    async def get(self, path: str, **headers: str) -> Any:
        """The JSON of a GET that must succeed."""
        return _json(await self.send("GET", path, **headers), 200)

    async def post(self, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        """The JSON of a POST that must answer with `status`."""
        return _json(await self.send("POST", path, body, **headers), status)

    async def login(self, mode: str, username: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
        """Signs in, staff of the demo with the code that their app would show."""
        body = {"mode": mode, "username": username, "password": password, **more}
        if username in TOTP_SECRETS and "totp_code" not in more:
            body["totp_code"] = (await self.post("/demo/totp-codes", {"username": username}))["code"]
        return await self.send("POST", "/sessions", body)

    async def signed_in(self, mode: str, username: str, password: str = PASSWORD) -> "Visitor":
        """Signed in, or the test fails."""
        _json(await self.login(mode, username, password), 201)
        return self

    async def step_up(self, password: str = PASSWORD) -> "Visitor":
        """Raises the session."""
        await self.post("/sessions/current/step-up", {"password": password})
        return self

    async def choose(self, employer_no: str) -> httpx.Response:
        """Chooses the unit to work for."""
        answer = await self.send("POST", "/sessions/current/unit", {"employer_no": employer_no})
        if answer.status_code == 200:
            self.unit = employer_no
        return answer

    async def swap(self) -> httpx.Response:
        """What the gateway gets for this browser's cookie."""
        return await swap(self.hall, self.cookie or "none")

    async def claims(self) -> Claims:
        """What the token of this browser's session says."""
        token = _json(await self.swap(), 200)["token"]
        return await verify(token, self.hall.runtime.keys, now=self.hall.clock.now())

    def _keep_cookie(self, answer: httpx.Response) -> None:
        for line in answer.headers.get_list("set-cookie"):
            match = _SET_COOKIE.match(line)
            assert match is not None
            if match["name"] != COOKIE:
                continue
            attributes = match["attributes"].lower()
            self.cookie = None if "max-age=0" in attributes or not match["value"] else match["value"]


def _json(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status, f"{answer.status_code}: {answer.text[:2000]}"
    return answer.json() if answer.content else None


async def swap(hall: ServiceHarness, session: str, *, secret: str = GATEWAY_SECRET, **other: str) -> httpx.Response:
    """The gateway's question what a session cookie is worth."""
    body = other or {"session": session}
    return await hall.client.post("/internal/token-swaps", json=body, headers={"Authorization": f"Bearer {secret}"})


async def delegation(hall: ServiceHarness, secret: str = REPORTING_SECRET, **body: Any) -> httpx.Response:
    """Reporting's question whether an account may still act for a unit."""
    return await hall.client.post("/internal/delegations", json=body, headers={"Authorization": f"Bearer {secret}"})


def app_code(hall: ServiceHarness, secret: str, *, ahead: int = 0) -> str:
    """What an authenticator app shows now, or that many half minutes ahead."""
    return code_of(secret, step_of(hall.clock.now()) + ahead)


async def sms_code(hall: ServiceHarness, mobile: str = MOBILE) -> str:
    """Asks for a code and reads it in the inbox."""
    visitor = Visitor(hall)
    await visitor.post("/registrations/sms-codes", {"mobile": mobile, "purpose": "registration"}, 202)
    return await last_code(hall, mobile)


async def last_code(hall: ServiceHarness, mobile: str = MOBILE) -> str:
    """The newest code in a mobile's inbox."""
    return str((await Visitor(hall).post("/demo/sms-inbox", {"mobile": mobile}))["messages"][0]["code"])


async def registration(hall: ServiceHarness, **changes: Any) -> dict[str, Any]:
    """A complete form of registration; `person_x` changes a field of the person. Asks for a code if none is given."""
    person = {name.removeprefix("person_"): value for name, value in changes.items() if name.startswith("person_")}
    mobile = person.get("mobile", MOBILE)
    if "sms_code" not in person:
        person["sms_code"] = await sms_code(hall, mobile)
    return {
        "kind": "legal_representative",
        "uscc": USCC,
        "unit_name": NAMES[UNIT],
        "username": "yongjiang",
        "password": PASSWORD,
        **{name: value for name, value in changes.items() if not name.startswith("person_")},
        "person": {"name": NAME, "id_number": resident_id(), "mobile": mobile, **person},
    }


async def register(hall: ServiceHarness, **changes: Any) -> httpx.Response:
    """Registers an account."""
    return await Visitor(hall).send("POST", "/registrations", await registration(hall, **changes))


async def registered(hall: ServiceHarness, **changes: Any) -> UUID:
    """The id of a new account of the first USCC's legal representative, unless `changes` say otherwise."""
    return UUID(_json(await register(hall, **changes), 201)["account_id"])


async def announced(hall: ServiceHarness, *types: type[Event]) -> list[Any]:
    """What the service has announced so far of these types, in order."""
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        rows = await tx.execute(select(outbox.table.c.type, outbox.table.c.envelope).order_by(outbox.table.c.id))
        known = {event.wire_name: event for event in types}
        return [known[row.type].model_validate(row.envelope["data"]) for row in rows if row.type in known]


async def audited(hall: ServiceHarness, account_id: UUID) -> list[str]:
    """The actions in an account's audit chain, in order; the chain itself is whole."""
    log = audit.AUDIT_LOG
    chain = f"account:{account_id}"
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        assert await audit.verify(tx, chain) is None
        rows = await tx.execute(select(log.c.action).where(log.c.chain == chain).order_by(log.c.position))
        return list(rows.scalars())


async def whole_database(hall: ServiceHarness) -> str:
    """Every row of every table as text: to look for what must not be in there."""
    found: list[str] = []
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        tables = await tx.execute(
            text("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace")
        )
        for table in tables.scalars().all():
            if table == "alembic_version" or table.startswith("audit_log_"):
                continue
            rows = await tx.execute(text(f'SELECT t::text FROM "{table}" t'))  # noqa: S608 - names from the catalogue
            found += rows.scalars().all()
    return "\n".join(found)


def wide(text: str) -> str:
    """The text as a Chinese input method may type it: full width."""
    return "".join(chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character for character in text)


def faults(answer: httpx.Response) -> dict[str, str]:
    """Pointer -> code of a refused form."""
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
