"""`/livez`: the process turns; restart it if not. `/readyz`: it can serve; send it requests only then."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import structlog
from fastapi import APIRouter, Response
from pydantic import BaseModel

from servicekit.auth.deps import public

_PATIENCE = 2.0
_WHY_PUBLIC = "asked by the orchestrator; says nothing but whether parts are reachable"

log = structlog.get_logger()


@dataclass(frozen=True)
class Check:
    """One thing the process stands on. `probe` raises when it is away.

    Not required: its absence is shown and the process stays ready, e.g. the broker, without which requests are accepted
    as usual and their events wait in the outbox.
    """

    name: str
    probe: Callable[[], Awaitable[object]]
    required: bool = True


class Alive(BaseModel):
    """The process turns."""

    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    """Whether to send requests, and how each part is."""

    status: Literal["ready", "degraded", "unready"]
    checks: dict[str, Literal["ok", "away"]]


async def readiness(checks: Sequence[Check]) -> Readiness:
    """Probes everything at once, with two seconds of patience."""
    fine = await asyncio.gather(*(_is_fine(check) for check in checks))
    states: dict[str, Literal["ok", "away"]] = {
        check.name: "ok" if ok else "away" for check, ok in zip(checks, fine, strict=True)
    }
    if any(check.required and not ok for check, ok in zip(checks, fine, strict=True)):
        return Readiness(status="unready", checks=states)
    return Readiness(status="ready" if all(fine) else "degraded", checks=states)


async def _is_fine(check: Check) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE):
            await check.probe()
    except Exception as fault:  # whatever it is, the part is away
        log.warning("health check failed", check=check.name, fault=type(fault).__name__)
        return False
    return True


def router(checks: Sequence[Check]) -> APIRouter:
    """The two routes, without prefix."""
    routes = APIRouter(tags=["health"], include_in_schema=False)

    @routes.get("/livez", openapi_extra=public(_WHY_PUBLIC))
    async def livez() -> Alive:
        return Alive()

    @routes.get("/readyz", openapi_extra=public(_WHY_PUBLIC))
    async def readyz(response: Response) -> Readiness:
        found = await readiness(checks)
        if found.status == "unready":
            response.status_code = 503
        return found

    return routes
