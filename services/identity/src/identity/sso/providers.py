"""The identity providers of this process, by key, and what they call the outside with."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from identity.settings import IdentitySettings
from identity.sso.config import OidcProvider, SsoProvider, ZjPersonProvider
from identity.sso.oidc import Oidc
from identity.sso.outgoing import Caller, open_caller
from identity.sso.port import IdentityProvider
from identity.sso.zwfw import ZjLegal, ZjPerson
from servicekit.clock import Clock


@asynccontextmanager
async def open_providers(
    settings: IdentitySettings, clock: Clock, transport: httpx.AsyncBaseTransport | None
) -> AsyncIterator[Mapping[str, IdentityProvider]]:
    """One adapter for each provider of the settings. `transport` takes the network's place, e.g. in the demo."""
    async with open_caller(transport, settings.sso_proxy_url) as caller:
        yield {one.key: _adapter(one, caller, settings, clock) for one in settings.sso_providers}


def _adapter(one: SsoProvider, caller: Caller, settings: IdentitySettings, clock: Clock) -> IdentityProvider:
    public_url = settings.public_url or ""
    if isinstance(one, OidcProvider):
        return Oidc(one, caller, public_url, clock=clock, production=settings.profile == "production")
    if isinstance(one, ZjPersonProvider):
        return ZjPerson(one, caller, public_url)
    return ZjLegal(one, caller, public_url)
