"""The identity service at a glance."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx

from identity.accounts.passwords import Passwords
from identity.actors.routes import router as actors
from identity.api_keys.routes import router as api_keys
from identity.consumers import consumers
from identity.demo import router as demo
from identity.holders.routes import router as holders
from identity.invitations.routes import router as invitations
from identity.invitations.service import forget_old as forget_old_invitations
from identity.mandates.routes import router as mandates
from identity.models import Base
from identity.persons.service import announce_earlier
from identity.profile.routes import router as profile
from identity.recovery.routes import router as recovery
from identity.registration.routes import router as registration
from identity.sessions.routes import router as sessions
from identity.sessions.service import forget_old as forget_old_sessions
from identity.sessions.token_routes import internal, root
from identity.settings import IdentitySettings
from identity.sms.sender import forget_old, open_sender, send_waiting
from identity.sso.providers import open_providers
from identity.sso.routes import router as sso
from identity.sso.service import forget_old as forget_old_attempts
from identity.staff.commands import OPEN_STAFF
from identity.staff.routes import router as staff
from servicekit.audit_desk import router as audit_desk
from servicekit.auth import TokenSigner
from servicekit.jobs import Periodic
from servicekit.runtime import Runtime
from servicekit.service import ResourcesFactory, Service


def _resources_with(sso_transport: httpx.AsyncBaseTransport | None) -> ResourcesFactory:
    @asynccontextmanager
    async def resources(runtime: Runtime) -> AsyncIterator[Mapping[str, Any]]:
        settings = runtime.settings
        assert isinstance(settings, IdentitySettings)  # noqa: S101 - the service names this class below
        passwords = Passwords()
        try:
            async with open_sender(settings) as sms, open_providers(settings, runtime.clock, sso_transport) as sso:
                signer = TokenSigner.of(settings.token_signing_key.get_secret_value())
                yield {"passwords": passwords, "sms": sms, "signer": signer, "sso": sso}
        finally:
            passwords.close()

    return resources


SERVICE = Service(
    name="identity",
    title="账号与授权服务",
    metadata=Base.metadata,
    settings=IdentitySettings,
    resources=_resources_with(None),
    routers=[
        registration,
        recovery,
        sessions,
        sso,
        mandates,
        invitations,
        api_keys,
        profile,
        staff,
        holders,
        actors,
        audit_desk,
        demo,
    ],
    commands=[OPEN_STAFF],
    internal_routers=[internal],
    root_routers=[root],
    consumers=consumers,
    jobs=[
        Periodic("send text messages", 1.0, send_waiting),
        Periodic("forget old text messages", 3600.0, forget_old),
        Periodic("forget old sessions", 3600.0, forget_old_sessions),
        Periodic("forget old single sign-on attempts", 600.0, forget_old_attempts),
        Periodic("announce insured persons' accounts", 60.0, announce_earlier),
        Periodic("forget old invitations", 3600.0, forget_old_invitations),
    ],
)


def make_service(*, sso_transport: httpx.AsyncBaseTransport) -> Service:
    """The service with its calls to identity providers over another transport: in one process with a stand-in."""
    return replace(SERVICE, resources=_resources_with(sso_transport))
