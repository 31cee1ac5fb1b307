"""The long-lived things of this service: clients, file store, rendering processes, limiter. Opened once per process."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from reporting.documents.insurance_certificate.sample import SAMPLE
from reporting.rendering.pool import RenderPool
from reporting.settings import ReportingSettings
from reporting.signing.signer import Signer
from reporting.sources import Sources
from reporting.verification.limiter import Limiter
from servicekit.db.tx import runtime_of
from servicekit.runtime import Runtime
from servicekit.store import SealedStore

_NAME = "reporting"


@dataclass(frozen=True)
class Resources:
    """What `runtime.resources` holds for this service."""

    sources: Sources
    store: SealedStore
    renderers: RenderPool
    signer: Signer
    limiter: Limiter


def opener(
    transports: Mapping[str, httpx.AsyncBaseTransport] | None,
) -> Callable[[Runtime], AbstractAsyncContextManager[Mapping[str, Any]]]:
    """What a `Service` wants: opens the resources of a process. `transports`: see `Sources`."""

    @asynccontextmanager
    async def open_resources(runtime: Runtime) -> AsyncIterator[Mapping[str, Any]]:
        settings = cast("ReportingSettings", runtime.settings)
        renderers = RenderPool(settings.renderers, agency=settings.agency_name, sample=SAMPLE)
        signer = Signer(settings.identity(), agency=settings.agency_name)
        async with Sources(settings, transports) as sources:
            store = SealedStore.of(settings.objects(), settings, owner="reporting")
            try:
                yield {_NAME: Resources(sources, store, renderers, signer, Limiter())}
            finally:
                await renderers.close()

    return open_resources


def resources_in(runtime: Runtime) -> Resources:
    """The resources of a runtime."""
    return cast("Resources", runtime.resources[_NAME])


def resources_of(tx: AsyncSession) -> Resources:
    """The resources of a transaction's runtime."""
    return resources_in(runtime_of(tx))


def settings_of(tx: AsyncSession) -> ReportingSettings:
    """The settings of a transaction's runtime."""
    return cast("ReportingSettings", runtime_of(tx).settings)
