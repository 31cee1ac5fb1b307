"""`hall demo`: the demo data for an installation whose databases are elsewhere, e.g. those of docker-compose.yml.

Settings come as `HALL_<SERVICE>_<SETTING>`: here one process speaks for four services. The news of the data go over an
in-process bus, so it is run before the workers, or beside them.
"""

import os
from collections.abc import Mapping
from typing import Any

from servicekit.auth.tokens import TokenKeys, TokenSigner
from standalone.names import SERVICES
from standalone.prepare import ALL_SERVICES, open_all, seed_demo


class NotADemo(RuntimeError):
    """Demo data don't belong into a production installation."""


def settings_from(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The settings of each service.

    Raises:
        NotADemo: the installation is a production one.
    """
    if environment.get("HALL_PROFILE", "production") == "production":
        raise NotADemo("HALL_PROFILE is production: demo data are for demonstrations only")
    settings: dict[str, dict[str, Any]] = {}
    for name in SERVICES:
        prefix = f"HALL_{name.upper()}_"
        own = {key.removeprefix(prefix).lower(): value for key, value in environment.items() if key.startswith(prefix)}
        key = own.pop("personal_key")
        # Only the standalone profile does without a broker; nothing here sends or serves.
        settings[name] = {**own, "profile": "standalone", "personal_keys": {"k1": key}, "personal_key_id": "k1"}
    return settings


async def seed() -> None:
    """Puts the demo data into the databases that the environment names; repeating it changes nothing."""
    settings = settings_from(os.environ)
    keys = TokenKeys.static(TokenSigner.of(settings["identity"]["token_signing_key"]).jwks())
    async with open_all({service.name: service for service in ALL_SERVICES}, settings, keys=keys) as runtimes:
        await seed_demo(runtimes)
