"""What every service must keep to, checked on the real `Service` values."""

from collections.abc import Iterator

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from contracts.catalogue import all_events
from servicekit.auth import is_guarded, public_reason
from servicekit.db import migrate
from servicekit.service import Service
from standalone.prepare import ALL_SERVICES
from tests.support.databases import TestDatabases

services = pytest.mark.parametrize("service", ALL_SERVICES, ids=lambda service: service.name)


def _routes(routers: Iterator[APIRouter] | tuple[APIRouter, ...]) -> Iterator[APIRoute]:
    for router in routers:
        yield from (route for route in router.routes if isinstance(route, APIRoute))


def _all_routes(service: Service) -> list[APIRoute]:
    return list(_routes((*service.routers, *service.internal_routers, *service.root_routers)))


@services
def test_every_route_says_who_may_call_it(service: Service) -> None:
    open_routes = [
        f"{route.methods} {route.path}"
        for route in _all_routes(service)
        if not is_guarded(route) and not public_reason(route)
    ]
    assert open_routes == []


@services
def test_every_creating_post_takes_an_idempotency_key(service: Service) -> None:
    without = [
        route.path
        for route in _routes(tuple(service.routers))
        if "POST" in (route.methods or ()) and route.status_code in (201, 202) and not _takes_key(route)
    ]
    # A session or a text message can't be created twice by a repeated request in a way that harms anybody.
    assert set(without) <= {
        "/sessions",
        "/registrations/sms-codes",
        "/password-resets/sms-codes",
        "/account/mobile/sms-codes",
    }


def _takes_key(route: APIRoute) -> bool:
    pending = [route.dependant]
    while pending:
        dependant = pending.pop()
        if any(parameter.alias.lower() == "idempotency-key" for parameter in dependant.header_params):
            return True
        pending.extend(dependant.dependencies)
    return False


def test_whoever_is_named_as_listener_listens_and_nobody_else() -> None:
    listening = {
        (event.wire_name, service.name)
        for service in ALL_SERVICES
        if service.consumers is not None
        for subscription in service.consumers.subscriptions
        for event in subscription.events
    }
    named = {(name, listener) for name, event in all_events().items() for listener in event.listeners}
    assert listening == named


@services
def test_one_migration_head(service: Service) -> None:
    assert len(migrate.heads(service)) == 1


@services
async def test_models_match_migrations(service: Service, databases: TestDatabases) -> None:
    async with databases.fresh(service) as database:
        assert await migrate.check(service, database.migrator_url) == []
