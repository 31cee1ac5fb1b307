"""`python -m gateway web | compress`."""

import argparse
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import uvloop

from gateway.app import Gateway, build_gateway
from gateway.http_upstream import HttpUpstream, PoolLimits
from gateway.pages import write_compressed
from gateway.server import uvicorn_config
from gateway.settings import GatewaySettings
from servicekit import logs, serving, tracing
from servicekit.bus.bare import listening_transport
from servicekit.bus.protocol import Transport


def gateway_of(settings: GatewaySettings) -> Gateway:
    """A gateway in front of services in processes of their own, with the news from the broker."""
    limits = PoolLimits(
        connect=settings.connect_timeout,
        first_byte=settings.first_byte_timeout,
        silence=settings.silence_timeout,
        connections=settings.upstream_connections,
    )
    upstreams = {name: HttpUpstream(name, url, limits) for name, url in settings.service_urls().items()}
    broker_url = settings.broker_url

    @contextlib.asynccontextmanager
    async def open_transport() -> AsyncIterator[Transport]:
        assert broker_url is not None  # noqa: S101 - checked by the settings
        async with listening_transport(broker_url.get_secret_value(), name="gateway") as transport:
            yield transport

    return build_gateway(settings, upstreams, open_transport=open_transport if broker_url is not None else None)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="gateway", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    web = commands.add_parser("web", help="serve the API and the pages; settings from HALL_* variables")
    web.add_argument("--host", default="127.0.0.1")
    web.add_argument("--port", type=int, default=8000)
    web.add_argument("--reuse-port", action="store_true", help="let several processes share the port")
    compress = commands.add_parser("compress", help="put .br and .gz beside the built pages")
    compress.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    if options.command == "compress":
        print(f"{write_compressed(options.folder)} files compressed")
        return
    serve(GatewaySettings(), host=options.host, port=options.port, reuse_port=options.reuse_port)


def serve(settings: GatewaySettings, *, host: str, port: int, reuse_port: bool = False) -> None:
    """Serve until a signal."""
    serving.spare_the_collector()
    logs.configure("gateway", settings.log_level)
    tracing.setup("gateway", settings.otlp_endpoint)
    config = uvicorn_config(gateway_of(settings), host=host, port=port)
    uvloop.run(serving.serve(config, reuse_port=reuse_port))
    tracing.shutdown()
