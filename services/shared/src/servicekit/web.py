"""The web application of a service: its routers, problem answers, logs and traces, health."""

from fastapi import FastAPI

from servicekit.runtime import Runtime


def build_web(runtime: Runtime) -> FastAPI:
    """The service's ASGI application. The runtime stays the caller's; it must be open while requests come."""
    service = runtime.service
    app = FastAPI(
        title=service.title,
        version="1",
        openapi_url="/openapi.json",
        docs_url=None,  # the gateway shows one merged documentation
        redoc_url=None,
    )
    app.state.runtime = runtime
    for router in service.routers:
        app.include_router(router, prefix=f"/api/{service.name}")
    for router in service.internal_routers:
        app.include_router(router, prefix="/internal")
    for router in service.root_routers:
        app.include_router(router)
    return app
