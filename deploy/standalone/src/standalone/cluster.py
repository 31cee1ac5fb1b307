"""The hall as separate processes: `web` and `worker` of each service and the gateway, on a private RabbitMQ and
PostgreSQL. A process that ends unasked is started again, as an orchestrator would."""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from servicekit import logs
from servicekit.auth.tokens import TokenKeys, TokenSigner
from standalone.app import WEB_DIR
from standalone.broker import PrivateBroker, free_port
from standalone.instance import Instance, environment_of
from standalone.names import SERVICES
from standalone.postgres import EmbeddedPostgres
from standalone.prepare import ALL_SERVICES, open_all, ready_databases, seed_demo_once

_START_SECONDS = 60
_STOP_SECONDS = 35
_RESTART_PAUSE = 0.2


class ClusterFault(RuntimeError):
    """A process of the cluster did not come up; the message names it and its log."""


@dataclass
class ManagedProcess:
    """One process of the cluster and how to start it again."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    wanted: bool = False
    starts: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Starts it (again)."""
        self.wanted = True
        self.starts += 1
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
                self.command, env=self.environment, stdout=out, stderr=out, start_new_session=True
            )

    def ended(self) -> bool:
        """Whether it runs no longer although it should."""
        return self.wanted and self.process is not None and self.process.poll() is not None

    def kill(self) -> None:
        """`kill -9`; the supervisor starts it again."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=10)

    def stop(self) -> None:
        """Asks it to end in good order; it stays ended."""
        self.wanted = False
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=10)


class Cluster:
    """The whole cluster. `with Cluster(folder) as cluster:` starts it with demo data and stops it."""

    def __init__(
        self,
        folder: Path,
        *,
        host: str = "127.0.0.1",
        port: int | None = None,
        web: int = 1,
        workers: int = 1,
        gateways: int = 1,
        business_today: date | None = None,
        throw_away: bool = False,
        extra_settings: Mapping[str, Any] | None = None,
    ) -> None:
        """`extra_settings` are further settings of every service, e.g. `job_lease_seconds`.

        Each gateway has a port of its own, the first `port`: `gateway_urls`.
        """
        self.instance = Instance(folder)
        self.host, self.port = host, port or free_port()
        self.url = f"http://{host}:{self.port}"
        self.postgres = EmbeddedPostgres(self.instance.folder / "postgres", throw_away=throw_away)
        self.broker = PrivateBroker(self.instance.folder / "rabbitmq")
        self.processes: dict[str, ManagedProcess] = {}
        self._gateway_ports = [self.port, *(free_port() for _ in range(gateways - 1))]
        self.gateway_urls = [f"http://{host}:{port}" for port in self._gateway_ports]
        self._counts = {"web": web, "worker": workers}
        self._business_today = business_today
        self._extra = dict(extra_settings or {})
        self._ports = {name: free_port() for name in SERVICES}
        self._stopping = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts everything and waits until it serves.

        Raises:
            ClusterFault: a process did not come up.
        """
        try:
            self.postgres.start()
            broker = threading.Thread(target=self.broker.start)
            broker.start()
            settings = self._settings()
            # The demo data are told over an in-process bus, so that nothing of them waits in the broker.
            _in_own_loop(self._prepare(settings))
            broker.join()
            for name in SERVICES:
                self._run_once([sys.executable, "-m", name, "topology"], _environment(settings[name]))
            self._describe(settings)
            for process in self.processes.values():
                process.start()
            self._supervisor.start()
            self.await_ready()
        except BaseException:
            self.stop()
            raise

    def _settings(self) -> dict[str, dict[str, Any]]:
        urls = {name: f"http://127.0.0.1:{port}" for name, port in self._ports.items()}
        settings = {
            name: self.instance.settings(
                name,
                self.postgres,
                profile="cluster",
                urls=urls,
                public_url=self.url,
                business_today=self._business_today,
                broker_url=self.broker.url,
            )
            for name in SERVICES
        }
        return {name: {**values, **self._extra} for name, values in settings.items()}

    async def _prepare(self, settings: Mapping[str, Mapping[str, Any]]) -> None:
        await ready_databases(self.instance, self.postgres, settings)
        marker = self.instance.folder / "demo-data-is-in"
        if marker.exists():
            return
        keys = TokenKeys.static(TokenSigner.of(settings["identity"]["token_signing_key"]).jwks())
        async with open_all({service.name: service for service in ALL_SERVICES}, settings, keys=keys) as runtimes:
            await seed_demo_once(runtimes, marker)

    def _describe(self, settings: Mapping[str, Mapping[str, Any]]) -> None:
        for name in SERVICES:
            environment = _environment(settings[name])
            listen = ["--host", "127.0.0.1", "--port", str(self._ports[name]), "--reuse-port"]
            for role, arguments in (("web", listen), ("worker", [])):
                for number in range(self._counts[role]):
                    command = [sys.executable, "-m", name, role, *arguments]
                    self._add(f"{name}-{role}-{number}", command, environment)
        gateway = {f"{name}_url": f"http://127.0.0.1:{port}" for name, port in self._ports.items()}
        environment = _environment(
            {
                "profile": "cluster",
                "gateway_secret": self.instance.gateway_secret,
                "broker_url": self.broker.url,
                "public_url": self.url,
                "web_dir": str(WEB_DIR),
                **gateway,
            }
        )
        for number, port in enumerate(self._gateway_ports):
            command = [sys.executable, "-m", "gateway", "web", "--host", self.host, "--port", str(port)]
            self._add(f"gateway-{number}", command, environment)

    def _add(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        logs = self.instance.folder / "log"
        logs.mkdir(exist_ok=True)
        self.processes[name] = ManagedProcess(name, command, environment, logs / f"{name}.log")

    def _run_once(self, command: list[str], environment: dict[str, str]) -> None:
        done = subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603 - our own modules
        if done.returncode:
            raise ClusterFault(f"{' '.join(command[1:])} failed: {done.stderr.decode()[-2000:]}")

    def await_ready(self) -> None:
        """Waits until every web process and every gateway answer that they are ready.

        Raises:
            ClusterFault: one did not within a minute.
        """
        deadline = time.monotonic() + _START_SECONDS
        for name, port in [*self._ports.items(), *(("gateway", port) for port in self._gateway_ports)]:
            while not _ready(f"http://127.0.0.1:{port}/readyz"):
                if time.monotonic() > deadline:
                    raise ClusterFault(f"{name} is not ready; see {self.instance.folder / 'log'}")
                time.sleep(0.05)

    def _supervise(self) -> None:
        while not self._stopping.wait(_RESTART_PAUSE):
            for process in self.processes.values():
                if process.ended() and not self._stopping.is_set():
                    process.start()

    def kill(self, name: str) -> None:
        """`kill -9` of one process by name (`enrollment-worker-0`, ...); it is started again."""
        self.processes[name].kill()

    def stop(self) -> None:
        """Stops everything; the data stay."""
        self._stopping.set()
        for process in self.processes.values():
            process.wanted = False
            if process.process is not None and process.process.poll() is None:
                process.process.terminate()
        for process in self.processes.values():
            process.stop()
        self.broker.stop()
        self.broker.close()
        self.postgres.stop()


def _in_own_loop(work: Any) -> None:
    """Runs a coroutine to its end, whether or not the caller's thread has an event loop."""
    fault: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:
            fault.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if fault:
        raise fault[0]


def _environment(settings: Mapping[str, Any]) -> dict[str, str]:
    """A process's environment: the machine's, less our own names, and its settings as `HALL_*`."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("HALL_")}
    return {**own, **environment_of(settings)}


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own http address
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def run_cluster(options: argparse.Namespace) -> None:
    """`hall cluster`: runs until told to stop."""
    logs.configure("hall", os.environ.get("HALL_LOG_LEVEL", "WARNING"))
    cluster = Cluster(
        options.data_dir,
        host=options.host,
        port=options.port,
        web=options.web,
        workers=options.workers,
        business_today=options.business_today,
    )
    with cluster.instance.claimed(), cluster:
        sys.stdout.write(
            f"\n  单位网厅（多进程） {cluster.url}\n"
            f"  {len(cluster.processes)} 个进程，日志在 {cluster.instance.folder / 'log'}\n"
        )
        sys.stdout.flush()
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        stop.wait()
