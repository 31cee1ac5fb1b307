"""One PostgreSQL server and one RabbitMQ node for the whole test run, started when the first test asks for them.

With several test processes (xdist) the first one starts a server under a lock and the others find it by its folder.
Isolation is by database (cloned from a migrated template) and by namespace on the broker, not by server.
"""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from standalone.broker import PrivateBroker, close_node, running_node
from standalone.postgres import EmbeddedPostgres

_started: list[PrivateBroker] = []  # kept: the node outlives the fixture, for the other test processes


def run_folder(config: pytest.Config, factory: pytest.TempPathFactory) -> Path:
    """The folder that all processes of this test run share."""
    base = factory.getbasetemp()
    return base.parent if hasattr(config, "workerinput") else base


@contextmanager
def locked(folder: Path, name: str) -> Iterator[None]:
    """Holds a lock between the test processes of this run."""
    with (folder / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def shared_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all processes of this test run share."""
    return run_folder(request.config, tmp_path_factory)


def open_folder(prefix: str) -> Path:
    """A new folder that other users may look into: started by root, PostgreSQL runs as a user of its own.

    Not under pytest's base folder: each start of pytest closes that to everybody else.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"hall-{prefix}-"))
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def postgres_server(shared_folder: Path) -> Iterator[EmbeddedPostgres]:
    """The run's PostgreSQL; data are thrown away."""
    noted = shared_folder / "postgres-folder"
    with locked(shared_folder, "postgres"):
        if not noted.exists():
            noted.write_text(str(open_folder("postgres")))
        server = EmbeddedPostgres(Path(noted.read_text()) / "data", throw_away=True).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def broker_url(shared_folder: Path) -> str:
    """AMQP URL of the run's RabbitMQ. Tests that stop or kill a broker start a private one of their own."""
    folder = shared_folder / "broker"
    folder.mkdir(exist_ok=True)
    with locked(shared_folder, "broker"):
        if url := running_node(folder):
            return url
        _started.append(PrivateBroker(folder).start())
        return _started[-1].url


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The process that leads the run ends the broker that one of its processes started."""
    if hasattr(session.config, "workerinput"):
        for broker in _started:
            broker.leave()
        return
    factory = getattr(session.config, "_tmp_path_factory", None)
    if factory is None:
        return
    close_node(factory.getbasetemp() / "broker")
    for broker in _started:
        broker.kill()  # it has ended already; this only takes note
    for name in ("postgres-folder", "demo-folder"):
        noted = factory.getbasetemp() / name
        if noted.exists():
            shutil.rmtree(noted.read_text(), ignore_errors=True)
