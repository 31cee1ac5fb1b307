"""When the database is away: how that shows, and connecting in a way that lets it show.

What fails because the database is away is nobody's fault: a message isn't counted as failed, a job doesn't use up an
attempt, a request is answered with 503.
"""

import socket
from typing import Any, Final

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# SQLSTATEs by their beginning: connection lost; disk, memory or connections used up; shutting down, starting up; the
# disk fails; read-only during a switch-over.
_AWAY: Final = ("08", "53", "57P", "58000", "58030", "25006")
# A server that vanished without a word (its machine, or the network between) is noticed after about half a minute;
# the kernel's own defaults are a quarter of an hour for what was sent and two hours for what is waited for.
_UNACKNOWLEDGED_MILLISECONDS = 20_000
_IDLE_SECONDS, _PROBE_SECONDS, _PROBES = 15, 5, 3


CONNECT_SECONDS = 10.0


class DatabaseAway(ConnectionError):
    """No connection to be had: refused, timed out, no such name, too many connections, starting up."""


async def connect(*arguments: Any, **options: Any) -> "asyncpg.Connection[Any]":
    """`asyncpg.connect`, with one kind of fault and a socket that notices a vanished server. Raises DatabaseAway."""
    try:
        connection = await asyncpg.connect(*arguments, timeout=CONNECT_SECONDS, **options)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:  # TimeoutError is an OSError
        raise DatabaseAway(type(fault).__name__) from fault
    _notice_silence(connection)
    return connection


def _notice_silence(connection: "asyncpg.Connection[Any]") -> None:
    transport = getattr(connection, "_transport", None)
    peer = transport.get_extra_info("socket") if transport is not None else None
    if peer is None or peer.family not in (socket.AF_INET, socket.AF_INET6):
        return
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", _IDLE_SECONDS),
        ("TCP_KEEPINTVL", _PROBE_SECONDS),
        ("TCP_KEEPCNT", _PROBES),
        ("TCP_USER_TIMEOUT", _UNACKNOWLEDGED_MILLISECONDS),
    ):
        if hasattr(socket, option):  # not every system has every one
            peer.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def is_outage(fault: BaseException) -> bool:
    """Whether the database is away, rather than what was asked of it wrong."""
    if isinstance(fault, DBAPIError):
        # Not by the driver's InterfaceError alone: a parameter it can't encode is one, too.
        return fault.connection_invalidated or sqlstate_of(fault).startswith(_AWAY)
    return isinstance(fault, ConnectionError | PoolTimeout)


def sqlstate_of(fault: DBAPIError) -> str:
    """The five characters by which PostgreSQL names an error; empty when it came from the driver alone."""
    return str(getattr(fault.orig, "sqlstate", None) or "")
