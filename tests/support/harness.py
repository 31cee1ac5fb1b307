"""A service in this process: real routes, a fresh PostgreSQL database, the in-process bus, a clock that stands still.

async with service_harness(SERVICE, databases) as hall:
    answer = await hall.client.post("/api/enrollment/additions", json=form, headers=hall.clerk("330200...101"))
    await hall.drain()
"""

import base64
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from servicekit.auth import INTERNAL_AUDIENCE
from servicekit.bus.inprocess import InProcessTransport, drain
from servicekit.clock import FixedClock
from servicekit.ids import uuid7
from servicekit.runtime import Runtime, open_runtime
from servicekit.service import Service
from servicekit.web import build_web
from tests.support.databases import Database, TestDatabases
from tests.support.tokens import TestKeys

TODAY = date(2026, 3, 10)
ALL_PERMISSIONS = ("declare", "maintain", "query", "print")


def random_key() -> str:
    """32 random bytes as base64url, the form of every key in the settings."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


PERSON_LINK_KEY = random_key()
"""What identity and enrollment share, in every test of this process."""


@dataclass
class ServiceHarness:
    """One running service and what a test needs around it."""

    runtime: Runtime
    app: FastAPI
    client: httpx.AsyncClient
    tokens: TestKeys
    clock: FixedClock
    transport: InProcessTransport
    database: Database

    async def drain(self) -> None:
        """Relays everything in the outbox and lets every handler and job finish."""
        await drain([self.runtime])

    def clerk(
        self,
        employer_no: str,
        permissions: tuple[str, ...] = ALL_PERMISSIONS,
        *,
        account_id: UUID | None = None,
        kind: str = "agent",
        stepped_up: bool = False,
        **headers: str,
    ) -> dict[str, str]:
        """Headers of a clerk who acts for a unit, with a new idempotency key."""
        claims = {"kind": kind, "employer_no": employer_no, "perms": permissions, "account_id": account_id}
        return self._headers(claims | {"stepped_up": stepped_up}, headers)

    def staff(
        self, kind: str = "reviewer", *, account_id: UUID | None = None, stepped_up: bool = False, **headers: str
    ) -> dict[str, str]:
        """Headers of agency staff (`reviewer` or `operator`), with a new idempotency key."""
        return self._headers({"kind": kind, "account_id": account_id, "stepped_up": stepped_up}, headers)

    def person(self, person_id: UUID | None, *, account_id: UUID | None = None, **headers: str) -> dict[str, str]:
        """Headers of an insured person, recognised when `person_id` is given, with a new idempotency key."""
        return self._headers({"kind": "person", "person_id": person_id, "account_id": account_id}, headers)

    def person_delegate(self, person_id: UUID, *, account_id: UUID | None = None) -> dict[str, str]:
        """Headers of a report worker that reads for an insured person."""
        claims = {"kind": "person", "person_id": person_id, "account_id": account_id, "via": "delegation"}
        return self._headers(claims | {"audience": INTERNAL_AUDIENCE}, {})

    def _headers(self, claims: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, str]:
        return {**self.tokens.headers(**claims), "Idempotency-Key": str(uuid7()), **headers}


@asynccontextmanager
async def service_harness(
    service: Service,
    databases: TestDatabases,
    *,
    settings: Mapping[str, Any] | None = None,
    transport: InProcessTransport | None = None,
    clock: FixedClock | None = None,
    tokens: TestKeys | None = None,
) -> AsyncIterator[ServiceHarness]:
    """Runs a service in this process. Pass `transport`, `clock` and `tokens` to run several that hear each other.

    A service that keeps files gets a folder of its own, unless `settings` name one.
    """
    clock = clock or FixedClock.on(TODAY)
    tokens = tokens or TestKeys(clock=clock)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(databases.fresh(service))
        if "object_dir" in service.settings.model_fields:
            folder = stack.enter_context(TemporaryDirectory(prefix=f"hall-{service.name}-"))
            settings = {"object_dir": folder, **(settings or {})}
        values: dict[str, Any] = {
            "profile": "standalone",
            "database_url": database.app_url,
            "migration_database_url": database.migrator_url,
            "personal_keys": {"k1": random_key()},
            "personal_key_id": "k1",
            "blind_index_key": random_key(),
            "person_link_key": PERSON_LINK_KEY,  # the other services don't look at it
            "stream_seconds": 0.1,
            **(settings or {}),
        }
        transport = transport or InProcessTransport()
        opened = open_runtime(service, service.settings(**values), transport=transport, clock=clock, keys=tokens.keys)
        async with opened as runtime:
            app = build_web(runtime)
            inner = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=inner, base_url="http://hall.test") as client:
                yield ServiceHarness(runtime, app, client, tokens, clock, transport, database)
