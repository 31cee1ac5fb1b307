"""The commands of a service: `python -m enrollment web | worker | migrate | topology | parked | openapi | audit`."""

import argparse
import asyncio
import contextlib
import getpass
import json
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any

import uvicorn
import uvloop

from servicekit import audit, logs, parking, tracing
from servicekit.bus.amqp import AmqpTransport
from servicekit.bus.inprocess import InProcessTransport
from servicekit.bus.protocol import ParkedMessage
from servicekit.consumer import UnknownQueue
from servicekit.db import migrate
from servicekit.db.tx import Scope, begin
from servicekit.runtime import Runtime, open_runtime
from servicekit.service import Service, ServiceCommand
from servicekit.serving import Server, serve, spare_the_collector, stop_on_signals
from servicekit.settings import ServiceSettings
from servicekit.web import build_ops, build_web, openapi_of
from servicekit.worker import Worker

Command = Callable[[Service, argparse.Namespace], Coroutine[Any, Any, int]]


def main(service: Service, arguments: list[str] | None = None) -> None:
    """Runs one command and exits with its code."""
    options = _parser(service).parse_args(arguments)
    command: Command = options.command
    try:
        code = uvloop.run(command(service, options))
    except UnknownQueue as error:
        print(error, file=sys.stderr)
        code = 2
    sys.exit(code)


def _parser(service: Service) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {service.name}", description=service.title)
    commands = parser.add_subparsers(required=True, metavar="command")

    web = commands.add_parser("web", help="answer HTTP requests")
    web.add_argument("--host", default="127.0.0.1")
    web.add_argument("--port", type=int, default=8000)
    web.add_argument("--uds", help="listen on this Unix socket instead")
    web.add_argument("--reuse-port", action="store_true", help="share the port with other web processes")
    web.set_defaults(command=_web)

    worker = commands.add_parser("worker", help="relay events, handle messages, do jobs")
    worker.set_defaults(command=_worker)

    migrating = commands.add_parser("migrate", help="bring the database to the newest revision")
    migrating.add_argument("--check", action="store_true", help="only compare models and database")
    migrating.add_argument("--new", metavar="MESSAGE", help="write a migration with the differences")
    migrating.set_defaults(command=_migrate)

    topology = commands.add_parser("topology", help="declare exchanges and queues")
    topology.add_argument("--wait", type=int, default=30, metavar="SECONDS", help="for a broker that is starting")
    topology.set_defaults(command=_topology)

    _add_parked(commands.add_parser("parked", help="messages that nobody could handle"))

    openapi = commands.add_parser("openapi", help="print the OpenAPI document")
    openapi.set_defaults(command=_openapi)

    auditing = commands.add_parser("audit", help="the audit log").add_subparsers(required=True, metavar="action")
    verify = auditing.add_parser("verify", help="recompute the hash chains")
    verify.add_argument("chain", nargs="?", help="one chain; all of them when left out")
    verify.set_defaults(command=_verify_audit)

    for own in service.commands:
        added = commands.add_parser(own.name, help=own.help, description=own.help)
        own.arguments(added)
        added.set_defaults(command=_own(own))
    return parser


def _add_parked(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="action")
    listing = actions.add_parser("list", help="what is parked, and why")
    listing.add_argument("--queue")
    listing.set_defaults(command=_parked_list)
    show = actions.add_parser("show", help="one message with its body")
    show.add_argument("id")
    show.set_defaults(command=_parked_show)
    redrive = actions.add_parser("redrive", help="send back to the queue")
    redrive.add_argument("queue")
    which = redrive.add_mutually_exclusive_group(required=True)
    which.add_argument("--id", action="append", dest="ids")
    which.add_argument("--all", action="store_true")
    redrive.set_defaults(command=_parked_redrive)
    discard = actions.add_parser("discard", help="drop for good")
    discard.add_argument("queue")
    discard.add_argument("--id", action="append", dest="ids", required=True)
    discard.set_defaults(command=_parked_discard)


def _prepare(service: Service) -> ServiceSettings:
    settings = service.settings()  # from the environment
    logs.configure(service.name, settings.log_level)
    tracing.setup(service.name, settings.otlp_endpoint)
    return settings


@contextlib.asynccontextmanager
async def _ops(runtime: Runtime, worker: Worker | None) -> AsyncIterator[None]:
    """Health and metrics on a port of their own, where the settings name one."""
    port = runtime.settings.metrics_port
    if port is None:
        yield
        return
    config = uvicorn.Config(
        build_ops(runtime, worker),
        host="0.0.0.0",  # noqa: S104  scraped from outside; the port isn't published
        port=port,
        log_config=None,
        access_log=False,
    )
    server = Server(config)
    task = asyncio.create_task(server.serve(), name="ops")
    try:
        yield
    finally:
        server.should_exit = True
        await task


async def _web(service: Service, options: argparse.Namespace) -> int:
    settings = _prepare(service)
    spare_the_collector()
    async with open_runtime(service, settings) as runtime, _ops(runtime, None):
        config = uvicorn.Config(
            build_web(runtime),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # nothing here asks who the client is; the gateway does
            timeout_graceful_shutdown=int(settings.shutdown_seconds),
            timeout_keep_alive=75,  # longer than the gateway's, so that it never writes into a closing connection
            host=options.host,
            port=options.port,
            uds=options.uds,
        )
        await serve(config, reuse_port=options.reuse_port)
    tracing.shutdown()
    return 0


async def _worker(service: Service, options: argparse.Namespace) -> int:
    settings = _prepare(service)
    stopping = asyncio.Event()
    stop_on_signals(stopping.set)
    spare_the_collector()
    async with open_runtime(service, settings) as runtime:
        worker = Worker(runtime)
        async with _ops(runtime, worker):
            await worker.run(stopping)
    tracing.shutdown()
    return 0


async def _migrate(service: Service, options: argparse.Namespace) -> int:
    settings = _prepare(service)
    if settings.migration_database_url is None:
        print("HALL_MIGRATION_DATABASE_URL is not set", file=sys.stderr)
        return 2
    url = settings.migration_database_url.get_secret_value()
    if options.new:
        await migrate.new_revision(service, url, options.new)
        return 0
    if options.check:
        differences = await migrate.check(service, url)
        print("\n".join(differences) or "models and database match")
        return 1 if differences else 0
    await migrate.upgrade(service, url)
    print(f"{service.name}: {', '.join(migrate.heads(service)) or 'no migrations'}")
    return 0


async def _topology(service: Service, options: argparse.Namespace) -> int:
    settings = _prepare(service)
    if settings.broker_url is None:
        print("HALL_BROKER_URL is not set", file=sys.stderr)
        return 2
    if service.consumers is None:
        print(f"{service.name}: no queues")
        return 0
    url, delays = settings.broker_url.get_secret_value(), settings.retry_delays
    transport = AmqpTransport(url, name=service.name, retry_delays=delays, publishing=False)
    for seconds_left in range(options.wait, -1, -1):
        try:
            await transport.declare(service.consumers)
            break
        except OSError as error:
            if not seconds_left:
                print(f"{service.name}: the broker can't be reached ({type(error).__name__})", file=sys.stderr)
                return 1
            await asyncio.sleep(1)
    print(f"{service.name}: {', '.join(service.consumers.queues())}")
    return 0


async def _openapi(service: Service, options: argparse.Namespace) -> int:
    print(json.dumps(openapi_of(service), ensure_ascii=False, indent=2))
    return 0


async def _verify_audit(service: Service, options: argparse.Namespace) -> int:
    settings = _prepare(service)
    async with (
        open_runtime(service, settings, transport=InProcessTransport()) as runtime,  # a broker isn't needed for this
        begin(runtime, scope=Scope.system()) as tx,
    ):
        if options.chain:
            fault = await audit.verify(tx, options.chain)
            faults = [] if fault is None else [fault]
        else:
            faults = await audit.verify_all(tx)
    for fault in faults:
        print(f"{fault.chain}: {fault.reason} (row {fault.position})")
    print("audit log: " + (f"{len(faults)} faults" if faults else "every chain is whole"))
    return 1 if faults else 0


def _own(command: ServiceCommand) -> Command:
    async def run(service: Service, options: argparse.Namespace) -> int:
        settings = _prepare(service)
        # What it announces waits in the outbox for the workers.
        async with open_runtime(service, settings, transport=InProcessTransport()) as runtime:
            return await command.run(runtime, options)

    return run


def _open_for_parked(service: Service) -> AbstractAsyncContextManager[Runtime]:
    settings = _prepare(service)
    # Standalone has no broker: its parked messages are in the database, where this process finds them too.
    return open_runtime(service, settings, transport=InProcessTransport() if settings.broker_url is None else None)


def _line(message: ParkedMessage) -> str:
    when = message.parked_at.isoformat(timespec="seconds") if message.parked_at else "-"
    return f"{when}  {message.queue}  {message.id}  {message.type}  {message.reason}  {message.detail}"


async def _parked_list(service: Service, options: argparse.Namespace) -> int:
    async with _open_for_parked(service) as runtime:
        count = 0
        async for message in parking.parked(runtime, options.queue):
            print(_line(message))
            count += 1
        print(f"{count} parked")
    return 0


async def _parked_show(service: Service, options: argparse.Namespace) -> int:
    async with _open_for_parked(service) as runtime:
        found = await parking.find(runtime, options.id)
    for message in found:
        print(_line(message))
        print(message.body.decode(errors="replace"))
    return 0 if found else 1


async def _parked_redrive(service: Service, options: argparse.Namespace) -> int:
    ids = None if options.all else frozenset(options.ids)
    async with _open_for_parked(service) as runtime:
        sent = await parking.redrive(runtime, options.queue, ids, who=getpass.getuser())
    print(f"{len(sent)} sent back")
    return 0 if sent or options.all else 1


async def _parked_discard(service: Service, options: argparse.Namespace) -> int:
    async with _open_for_parked(service) as runtime:
        gone = await parking.discard(runtime, options.queue, frozenset(options.ids), who=getpass.getuser())
    print(f"{len(gone)} dropped")
    return 0 if gone else 1
