"""What a service holds while it runs: one `Runtime` per service per process."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from servicekit.auth.keys import TokenKeys
from servicekit.bus.protocol import Transport
from servicekit.clock import Clock, SystemClock
from servicekit.db.outage import connect
from servicekit.db.tx import HallSession
from servicekit.personal import Vault
from servicekit.service import Service
from servicekit.settings import ServiceSettings
from servicekit.wakeup import Wakeup

_STATEMENT_TIMEOUT = "30s"
_IDLE_IN_TRANSACTION_TIMEOUT = "150s"  # the relay waits for confirms inside its transaction


def _dump_json(value: Any) -> str:
    return orjson.dumps(value).decode()


@dataclass
class Runtime:
    """The service and everything long-lived that its code works with."""

    service: Service
    settings: ServiceSettings
    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    clock: Clock
    vault: Vault
    keys: TokenKeys
    transport: Transport
    wakeup: Wakeup
    resources: dict[str, Any] = field(default_factory=dict)


def open_engine(settings: ServiceSettings, *, application_name: str) -> AsyncEngine:
    """The connection pool of the app role. No ping before use: it would cost a round trip on every request."""
    return create_async_engine(
        settings.database_url.get_secret_value(),
        pool_size=settings.database_pool_size,
        max_overflow=settings.database_pool_size,
        pool_timeout=10,
        hide_parameters=True,  # errors of statements must not carry what people typed
        json_serializer=_dump_json,
        json_deserializer=orjson.loads,
        connect_args={
            "async_creator_fn": connect,
            "server_settings": {
                "application_name": application_name,
                "timezone": "UTC",
                "jit": "off",  # our statements are short; planning for JIT costs more than it saves
                "statement_timeout": _STATEMENT_TIMEOUT,
                "idle_in_transaction_session_timeout": _IDLE_IN_TRANSACTION_TIMEOUT,
            },
        },
    )


@asynccontextmanager
async def open_runtime(
    service: Service,
    settings: ServiceSettings,
    *,
    transport: Transport | None = None,
    clock: Clock | None = None,
    keys: TokenKeys | None = None,
) -> AsyncIterator[Runtime]:
    """Opens what the service needs. Starts with the broker down as well; a passed-in transport stays the caller's."""
    async with AsyncExitStack() as stack:
        engine = open_engine(settings, application_name=f"hall-{service.name}")
        stack.push_async_callback(engine.dispose)
        if transport is None:
            transport = await stack.enter_async_context(_own_transport(service, settings))
        if keys is None:
            keys = TokenKeys.fetched_from(settings.identity_url)
            stack.push_async_callback(keys.aclose)
        wakeup = await stack.enter_async_context(Wakeup(make_url(settings.database_url.get_secret_value())))
        runtime = Runtime(
            service=service,
            settings=settings,
            engine=engine,
            sessions=async_sessionmaker(engine, sync_session_class=HallSession, expire_on_commit=False),
            clock=clock or SystemClock(settings.business_today),
            vault=Vault.of(settings),
            keys=keys,
            transport=transport,
            wakeup=wakeup,
        )
        if service.resources is not None:
            runtime.resources.update(await stack.enter_async_context(service.resources(runtime)))
        if service.consumers is not None:
            await stack.enter_async_context(transport.attach(runtime, service.consumers))
        yield runtime


@asynccontextmanager
async def _own_transport(service: Service, settings: ServiceSettings) -> AsyncIterator[Transport]:
    from servicekit.bus.amqp import AmqpTransport  # the standalone process never needs it

    if settings.broker_url is None:
        raise ValueError("broker_url is not set: pass the in-process transport in")
    async with AmqpTransport(
        settings.broker_url.get_secret_value(), name=service.name, retry_delays=settings.retry_delays
    ) as transport:
        yield transport
