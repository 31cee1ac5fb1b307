"""The `Service` value: all that differs between one service and the next."""

from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from sqlalchemy import MetaData

from servicekit.settings import ServiceSettings

if TYPE_CHECKING:
    from servicekit.consumer import Consumers
    from servicekit.jobs import JobHandler, Periodic
    from servicekit.runtime import Runtime

Companion = Callable[["Runtime"], Awaitable[None]]
ResourcesFactory = Callable[["Runtime"], AbstractAsyncContextManager[Mapping[str, Any]]]


def migrations_of(package: str) -> Path:
    """The folder of a service's migrations: inside the package when installed from a wheel, beside `src` otherwise."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise LookupError(f"no package {package}")
    inside = Path(next(iter(spec.submodule_search_locations)))
    shipped = inside / "migrations"
    return shipped if shipped.is_dir() else inside.parents[1] / "migrations"


@dataclass(frozen=True)
class ServiceCommand:
    """A command of one service only: `python -m identity open-staff ...`. It runs without the broker."""

    name: str
    help: str
    arguments: Callable[[ArgumentParser], None]
    run: "Callable[[Runtime, Namespace], Awaitable[int]]"
    """Its answer is the exit code."""


@dataclass(frozen=True)
class Service:
    """A service at a glance. servicekit turns it into the commands `web`, `worker`, `migrate`, ..."""

    name: str
    """Also the package, the path prefix and the prefix of its queues: `enrollment`."""
    title: str
    metadata: MetaData
    """The service's own tables. The kit's tables are in `servicekit.db.base.KIT_METADATA`."""
    routers: Sequence[APIRouter] = ()
    """Paths without prefix; mounted under `/api/<name>`."""
    internal_routers: Sequence[APIRouter] = ()
    """Mounted under `/internal`, which the gateway never routes to."""
    root_routers: Sequence[APIRouter] = ()
    """Mounted without prefix: `/.well-known/...`."""
    consumers: "Consumers | None" = None
    jobs: "Sequence[JobHandler | Periodic]" = ()
    companions: Sequence[Companion] = ()
    """Run beside every worker of the service until they are cancelled, e.g. to keep child processes warm."""
    commands: Sequence[ServiceCommand] = ()
    settings: type[ServiceSettings] = ServiceSettings
    resources: ResourcesFactory | None = None
    """The service's own long-lived things; what it yields becomes `runtime.resources`."""
    migrations: Path = field(default=Path())
    """Holds `versions/`. Found by the package's name when left out."""

    def __post_init__(self) -> None:
        if self.migrations == Path():
            object.__setattr__(self, "migrations", migrations_of(self.name))
