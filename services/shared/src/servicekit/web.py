"""The web application of a service: its routers, problem answers, logs and traces, health."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response

from servicekit import edge, health, problems
from servicekit.runtime import Runtime
from servicekit.service import Service

if TYPE_CHECKING:
    from servicekit.worker import Worker


def checks_of(runtime: Runtime) -> Sequence[health.Check]:
    """What readiness looks at. Without the broker the service accepts requests as usual; it is only shown."""

    async def database() -> None:
        async with runtime.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def broker() -> None:
        if not runtime.transport.connected:
            raise ConnectionError("no connection to the broker")

    return (health.Check("database", database), health.Check("broker", broker, required=False))


def build_web(runtime: Runtime) -> FastAPI:
    """The service's ASGI application. The runtime stays the caller's; it must be open while requests come."""
    app = _app_of(runtime.service)
    app.state.runtime = runtime
    edge.install(app, runtime.service.name)
    app.include_router(health.router(checks_of(runtime)))
    return app


def openapi_of(service: Service) -> dict[str, Any]:
    """The service's OpenAPI document. Needs nothing to run."""
    return _app_of(service).openapi()


def _app_of(service: Service) -> FastAPI:
    app = FastAPI(
        title=service.title,
        version="1",
        openapi_url="/openapi.json",
        docs_url=None,  # the gateway shows one merged documentation
        redoc_url=None,
    )
    problems.install(app)
    for router in service.routers:
        app.include_router(router, prefix=f"/api/{service.name}")
    for router in service.internal_routers:
        app.include_router(router, prefix="/internal")
    for router in service.root_routers:
        app.include_router(router)
    return app


def build_ops(runtime: Runtime, worker: "Worker | None") -> FastAPI:
    """Health and metrics of a process, for a port that nobody outside reaches."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.runtime = runtime
    routes = APIRouter(include_in_schema=False)

    @routes.get("/metrics")
    async def metrics(request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    if worker is not None:

        @routes.get("/livez")  # found before the general one, which knows nothing of the worker's parts
        async def livez(request: Request) -> Response:
            return Response(status_code=200 if worker.alive else 503)

    app.include_router(routes)
    app.include_router(health.router(checks_of(runtime)))
    return app
