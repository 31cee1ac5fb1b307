"""A look into a service's database from a test, as the superuser, over a connection of its own."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg


class Database:
    """Synchronous, for tests that drive real processes."""

    def __init__(self, socket_dir: str, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._where = {"host": socket_dir, "user": "postgres", "database": name}
        self._connection = self._loop.run_until_complete(asyncpg.connect(**self._where))

    def rows(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        """The rows of a query."""
        found = self._loop.run_until_complete(self._connection.fetch(statement, *values))
        return [dict(row) for row in found]

    def value(self, statement: str, *values: Any) -> Any:
        """The first column of the first row."""
        return self._loop.run_until_complete(self._connection.fetchval(statement, *values))

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Nobody else touches the table inside the block: whoever wants to, waits in the middle of its work."""
        self._loop.run_until_complete(self._connection.execute(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        try:
            yield
        finally:
            self._loop.run_until_complete(self._connection.execute("ROLLBACK"))

    def somebody_waits_for(self, table: str) -> bool:
        """Whether a session waits for a lock on the table."""
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = $1::regclass"
        return bool(self.value(waiting, table))

    def close(self) -> None:
        """Ends the connection."""
        self._loop.run_until_complete(self._connection.close())
        self._loop.close()
