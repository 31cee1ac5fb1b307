"""A private RabbitMQ of its own ports and folder, from the system's rabbitmq-server package, for cluster and tests."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Debian's /usr/sbin wrapper insists on the rabbitmq user; the script behind it runs as anybody.
_SCRIPTS = (Path("/usr/lib/rabbitmq/bin/rabbitmq-server"), Path("/opt/homebrew/sbin/rabbitmq-server"))
_START_SECONDS = 60
_STOP_SECONDS = 30
_CONFIG = """\
listeners.tcp.1 = 127.0.0.1:{port}
default_user = {user}
default_pass = {password}
loopback_users = none
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.absolute = 1GB
raft.wal_max_size_bytes = 16000000
log.console = false
log.file.level = warning
"""


class BrokerUnavailable(RuntimeError):
    """RabbitMQ is not installed, or did not start; the message says which and what to do."""


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class PrivateBroker:
    """A RabbitMQ node that listens on 127.0.0.1 only and keeps everything under `folder`, from start to start."""

    def __init__(self, folder: Path, *, config: str = "") -> None:
        """`config` are further lines of `rabbitmq.conf`."""
        self._folder = folder.resolve()
        self._config = _CONFIG + config
        self._script = next((script for script in _SCRIPTS if script.exists()), None)
        self.port, self._epmd_port, self._dist_port = free_port(), free_port(), free_port()
        self.user, self.password = "hall", _password_of(self._folder)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The AMQP URL of the node."""
        return f"amqp://{self.user}:{self.password}@127.0.0.1:{self.port}/"

    @property
    def pid(self) -> int | None:
        """The process id of the node's process group, while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> "PrivateBroker":
        """Starts the node and waits until it takes connections.

        Raises:
            BrokerUnavailable: not installed, or it ended or hung while starting.
        """
        if self._script is None:
            raise BrokerUnavailable("rabbitmq-server is not installed: run `make system-packages`")
        end_orphan(self._folder)
        config = self._folder / "rabbitmq.conf"
        config.write_text(self._config.format(port=self.port, user=self.user, password=self.password))
        (self._folder / "enabled_plugins").write_text("[].\n")
        with (self._folder / "start.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - a fixed path, no shell
                [str(self._script)], env=self._environment(config), stdout=log, stderr=log, start_new_session=True
            )
        self._await_listener(self._process)
        state = {"url": self.url, "pid": self._process.pid, "epmd_port": self._epmd_port}
        (self._folder / "node.json").write_text(json.dumps(state))
        return self

    def _environment(self, config: Path) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "HOME": str(self._folder),  # the Erlang cookie
            # The same at each start: the data belong to the name. The port mapper, where names must differ, is its own.
            "RABBITMQ_NODENAME": "hall@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_MNESIA_BASE": str(self._folder / "data"),
            "RABBITMQ_LOG_BASE": str(self._folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(config),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(self._folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    def _await_listener(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise BrokerUnavailable(f"RabbitMQ ended while starting; see {self._folder / 'start.log'}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
                # A listener may accept before the node serves: a refused protocol header is answered only when it does.
                probe.settimeout(2)
                probe.sendall(b"AMQP\x09\x09\x09\x09")
                if probe.recv(8).startswith(b"AMQP"):
                    return
            time.sleep(0.05)
        raise BrokerUnavailable(f"RabbitMQ did not start within {_START_SECONDS} s; see {self._folder / 'start.log'}")

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
        self._process.wait(timeout=_STOP_SECONDS)

    def stop(self) -> None:
        """Stops the node in good order, or kills it if it will not; its data stay."""
        try:
            self._signal(signal.SIGTERM)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kills the node as a power cut would; its data stay."""
        self._signal(signal.SIGKILL)

    def restart(self) -> None:
        """Stops and starts the node on the same port with the same data."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freezes the node: connections stay open and nothing answers."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Lets a paused node go on."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGCONT)

    def leave(self) -> None:
        """Leaves the node running for other processes; this one forgets it."""
        if self._process is not None:
            self._process.returncode = 0  # Popen would complain of a child that it never saw end
            self._process = None

    def close(self) -> None:
        """Ends the node, at once if it was not stopped before, and the port mapper that Erlang started for it.

        A queue that was declared in the last moments may be gone after that: `stop` first where data are to stay.
        """
        self.kill()
        _stop_port_mapper(self._epmd_port)


def _stop_port_mapper(port: int) -> None:
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(
            ["/usr/bin/epmd", "-kill"],
            env={"ERL_EPMD_PORT": str(port), "ERL_EPMD_ADDRESS": "127.0.0.1"},
            capture_output=True,
            timeout=5,
            check=False,
        )


def _password_of(folder: Path) -> str:
    """The node takes the password of its first start for good, so it is kept beside the data."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "password"
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(16))
    return kept.read_text()


def end_orphan(folder: Path) -> None:
    """Ends a node that still runs in `folder` because whoever started it was killed: two would destroy its data."""
    state = folder / "node.json"
    if not state.exists():
        return
    pid = json.loads(state.read_text())["pid"]
    with contextlib.suppress(OSError):  # there is no such process, or it is none of ours
        if f"RABBITMQ_MNESIA_BASE={folder / 'data'}\0".encode() in Path(f"/proc/{pid}/environ").read_bytes():
            close_node(folder)


def running_node(folder: Path) -> str | None:
    """The AMQP URL of a node that another process started in `folder`, if one did."""
    state = folder / "node.json"
    return str(json.loads(state.read_text())["url"]) if state.exists() else None


def close_node(folder: Path) -> None:
    """Ends a node that another process started in `folder`; does nothing where there is none."""
    state = folder / "node.json"
    if not state.exists():
        return
    node = json.loads(state.read_text())
    with contextlib.suppress(ProcessLookupError):
        os.killpg(node["pid"], signal.SIGKILL)
    _stop_port_mapper(node["epmd_port"])
    state.unlink()


@contextmanager
def private_broker(folder: Path, *, config: str = "") -> Iterator[PrivateBroker]:
    """A started private broker, closed at the end of the block."""
    broker = PrivateBroker(folder, config=config)
    try:
        yield broker.start()
    finally:
        broker.close()
