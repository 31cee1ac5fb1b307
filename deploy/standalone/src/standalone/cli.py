"""The `hall` command: `run`, `cluster`, `openapi`, `parked`, `open-staff`."""

import argparse
import json
import os
import signal
import sys
from datetime import date
from pathlib import Path

import uvloop

from standalone.broker import running_node
from standalone.names import SERVICES


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hall", description="The Employer Hall (单位网厅) on one machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    folder = Path(os.environ.get("HALL_DATA_DIR", ".hall"))
    port = int(os.environ.get("HALL_PORT", "8080"))
    today = os.environ.get("HALL_BUSINESS_TODAY")

    def local(name: str, help_: str, default_folder: Path) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help_)
        command.add_argument("--data-dir", type=Path, default=default_folder, help="where everything is kept")
        command.add_argument("--host", default=os.environ.get("HALL_HOST", "127.0.0.1"))
        command.add_argument("--port", type=int, default=port)
        command.add_argument(
            "--business-today",
            type=date.fromisoformat,
            default=date.fromisoformat(today) if today else None,
            help="hold the business date at this day",
        )
        return command

    local("run", "everything in one process, with demo data", folder)
    cluster = local(
        "cluster", "separate processes on a private RabbitMQ and PostgreSQL", folder.with_name(".hall-cluster")
    )
    cluster.add_argument("--web", type=int, default=1, help="web processes of each service")
    cluster.add_argument("--workers", type=int, default=1, help="worker processes of each service")
    commands.add_parser("openapi", help="print the merged description of the HTTP API")
    commands.add_parser("demo", help="put the demo data into the databases that the environment names")
    staff = commands.add_parser(
        "open-staff",
        help="open an account of agency staff in the data folder; prints a one-time code for its owner",
        add_help=False,
    )
    staff.add_argument("--data-dir", type=Path, default=folder)
    staff.add_argument("arguments", nargs=argparse.REMAINDER, help="--username --name --mobile --kind")
    parked = commands.add_parser("parked", help="messages that nobody could handle, of a service in the data folder")
    parked.add_argument("--data-dir", type=Path, default=folder)
    parked.add_argument("service", choices=SERVICES)
    parked.add_argument("arguments", nargs=argparse.REMAINDER, help="list | show | redrive | discard ...")
    return parser


def main() -> None:
    """Runs the command line."""
    options = _arguments().parse_args()
    if options.command == "run":
        _run(options)
    elif options.command == "cluster":
        from standalone.cluster import run_cluster

        run_cluster(options)
    elif options.command == "openapi":
        from standalone.openapi import merged

        json.dump(merged(), sys.stdout, ensure_ascii=False, indent=1, sort_keys=True)
        sys.stdout.write("\n")
    elif options.command == "parked":
        _of_service(options, options.service, ["parked", *options.arguments])
    elif options.command == "open-staff":
        _of_service(options, "identity", ["open-staff", *options.arguments])
    elif options.command == "demo":
        from standalone.demo import seed

        uvloop.run(seed())


def _of_service(options: argparse.Namespace, name: str, arguments: list[str]) -> None:
    """A service's own command, with the settings of the instance in the data folder."""
    from servicekit import cli
    from standalone.instance import Instance, environment_of
    from standalone.postgres import EmbeddedPostgres
    from standalone.prepare import ALL_SERVICES

    instance = Instance(options.data_dir)
    postgres = EmbeddedPostgres(instance.folder / "postgres").start()
    broker = running_node(instance.folder / "rabbitmq")
    profile = "cluster" if broker else "standalone"
    urls = {name: f"http://{name}.hall" for name in SERVICES}
    settings = instance.settings(
        name, postgres, profile=profile, urls=urls, public_url="http://localhost", broker_url=broker
    )
    os.environ.update(environment_of(settings))
    service = next(service for service in ALL_SERVICES if service.name == name)
    try:
        cli.main(service, arguments)
    finally:
        postgres.stop()


def _run(options: argparse.Namespace) -> None:
    from servicekit.serving import spare_the_collector
    from standalone.app import run
    from standalone.instance import FolderInUse

    spare_the_collector()
    # Like Ctrl+C: uvicorn hands the signal on when it has ended, and by default nothing after it would be closed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    serve = run(options.data_dir, host=options.host, port=options.port, business_today=options.business_today)
    try:
        uvloop.run(serve)
    except FolderInUse as refusal:
        sys.exit(str(refusal))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
