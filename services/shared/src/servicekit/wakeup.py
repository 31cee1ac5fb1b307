"""Wake-up signals: "there is something in the outbox", "there is a job", "this job changed", "look at this again".

A signal is a hint that saves waiting for the next poll; losing one costs time, never data. Signals to other processes
go out by NOTIFY from a connection of their own, in autocommit, many at once: NOTIFY inside business transactions would
serialise their commits. Subscribers in this process are woken directly.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final, Self

import asyncpg
import structlog
from sqlalchemy import URL

OUTBOX: Final = "hall_outbox"
JOBS: Final = "hall_jobs"
JOB_CHANGED: Final = "hall_job_changed"
CHANGED: Final = "hall_changed"
"""For whatever a service lets its pages watch; the payload says what, e.g. `applications:330200000000000101`."""
CHANNELS: Final = (OUTBOX, JOBS, JOB_CHANGED, CHANGED)

_RECONNECT_SECONDS = 1.0
_CONNECT_TIMEOUT = 10.0
_KEEPALIVE_SECONDS = 30.0

log = structlog.get_logger(__name__)


def asyncpg_arguments(url: URL) -> dict[str, Any]:
    """What `asyncpg.connect` wants, out of an SQLAlchemy URL (with `?host=/socket/dir` too)."""
    _, arguments = url.get_dialect()().create_connect_args(url)
    wanted = ("host", "port", "user", "password", "database", "ssl")
    return {name: arguments[name] for name in wanted if name in arguments}


class Subscription:
    """Woken by signals of one channel (and payload, when one was given)."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """Wakes the subscriber."""
        self._event.set()

    async def wait(self, seconds: float) -> bool:
        """Waits for a signal, at most `seconds`. True when there was one. Signals don't add up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        woken = self._event.is_set()
        self._event.clear()
        return woken


class Wakeup:
    """Sends and receives wake-up signals for one database. `async with` runs it."""

    def __init__(self, url: URL) -> None:
        self._arguments = asyncpg_arguments(url)
        self._subscriptions: dict[tuple[str, str | None], set[Subscription]] = defaultdict(set)
        self._outgoing: set[tuple[str, str]] = set()
        self._something_to_send = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._own_pid = 0
        self.connected = asyncio.Event()
        """Set while signals of other processes arrive."""

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="wakeup")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def notify(self, channel: str, payload: str = "") -> None:
        """Wakes subscribers here at once and those of other processes soon. Never blocks, never fails."""
        self._dispatch(channel, payload)
        self._outgoing.add((channel, payload))
        self._something_to_send.set()

    def notify_here(self, channel: str, payload: str = "") -> None:
        """Wakes subscribers of this process only."""
        self._dispatch(channel, payload)

    @contextlib.contextmanager
    def subscribe(self, channel: str, payload: str | None = None) -> Iterator[Subscription]:
        """Signals of a channel; only those with this payload when one is given."""
        subscription = Subscription()
        key = (channel, payload)
        self._subscriptions[key].add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions[key].discard(subscription)
            if not self._subscriptions[key]:
                del self._subscriptions[key]

    def _dispatch(self, channel: str, payload: str) -> None:
        for key in ((channel, None), (channel, payload)):
            for subscription in tuple(self._subscriptions.get(key, ())):
                subscription.set()

    def _received(self, _connection: object, pid: int, channel: str, payload: object) -> None:
        if pid != self._own_pid:  # our own subscribers were woken when we sent it
            self._dispatch(channel, str(payload))

    async def _run(self) -> None:
        while True:
            try:
                await self._serve()
            except Exception as error:  # whatever it is: polling does the work meanwhile, and it tries again
                log.warning("wakeup_connection_lost", error=type(error).__name__)
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _serve(self) -> None:
        connection = await asyncpg.connect(
            **self._arguments, timeout=_CONNECT_TIMEOUT, command_timeout=_CONNECT_TIMEOUT
        )
        try:
            self._own_pid = connection.get_server_pid()
            connection.add_termination_listener(lambda _: self._something_to_send.set())
            for channel in CHANNELS:
                await connection.add_listener(channel, self._received)
            self.connected.set()
            # Whatever was signalled while we were away is unknown: wake everybody once.
            for subscriptions in tuple(self._subscriptions.values()):
                for subscription in tuple(subscriptions):
                    subscription.set()
            while not connection.is_closed():
                await self._send_outgoing(connection)
        finally:
            self.connected.clear()
            connection.terminate()

    async def _send_outgoing(self, connection: "asyncpg.Connection[Any]") -> None:
        try:
            async with asyncio.timeout(_KEEPALIVE_SECONDS):
                await self._something_to_send.wait()
        except TimeoutError:
            await connection.execute("SELECT 1")  # finds out about a connection that died silently
            return
        self._something_to_send.clear()
        signals, self._outgoing = self._outgoing, set()
        if signals:
            channels, payloads = zip(*signals, strict=True)
            await connection.execute(
                "SELECT pg_notify(c, p) FROM unnest($1::text[], $2::text[]) AS s(c, p)", list(channels), list(payloads)
            )
