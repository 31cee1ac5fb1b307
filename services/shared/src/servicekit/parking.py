"""The parking lot: messages that nobody could handle, with why, until a person redrives or discards them.

The in-process transport parks in a table of the service's database, AMQP in `<queue>.parked`; what never got out of the
outbox is parked there. What a person does with them is audited in the service's own audit log.
"""

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING

from servicekit import audit, relay
from servicekit.bus.protocol import ParkedMessage
from servicekit.consumer import UnknownQueue
from servicekit.db.tx import Scope, begin

if TYPE_CHECKING:
    from servicekit.runtime import Runtime

_CHAIN = "system"
OUTBOX = "outbox"
"""Stands for a queue where the parked messages are those that the broker refused again and again."""


def _queues(runtime: "Runtime", queue: str | None) -> list[str]:
    known = runtime.service.consumers.queues() if runtime.service.consumers is not None else []
    if queue is None:
        return [*known, OUTBOX]
    if queue not in (*known, OUTBOX):
        raise UnknownQueue(f"no queue {queue}: there are {', '.join((*known, OUTBOX))}")
    return [queue]


async def parked(runtime: "Runtime", queue: str | None = None) -> AsyncIterator[ParkedMessage]:
    """The service's parked messages, of one queue or of all. Raises UnknownQueue."""
    for name in _queues(runtime, queue):
        if name == OUTBOX:
            async with begin(runtime, scope=Scope.system()) as tx:
                stuck = await relay.parked(tx)
            for message in stuck:
                yield message
            continue
        async for message in runtime.transport.parked(runtime, name):
            yield message


async def counts(runtime: "Runtime") -> Mapping[str, int]:
    """How many messages are parked at each queue of the service."""
    names = [name for name in _queues(runtime, None) if name != OUTBOX]
    return await runtime.transport.parked_counts(runtime, names)


async def find(runtime: "Runtime", message_id: str) -> list[ParkedMessage]:
    """A parked message by its id; one message can be parked at several queues."""
    return [message async for message in parked(runtime) if message.id == message_id]


async def redrive(runtime: "Runtime", queue: str, ids: frozenset[str] | None, *, who: str) -> list[str]:
    """Sends parked messages back to their queue as new, all of them when `ids` is None. Returns their ids.

    The audit row is written first: it may tell of a redrive that a crash then prevented, never the other way round.
    """
    (name,) = _queues(runtime, queue)
    await _record(runtime, "message.redriven", name, ids, who)
    if name == OUTBOX:
        async with begin(runtime, scope=Scope.system()) as tx:
            return await relay.unpark(tx, ids)
    return await runtime.transport.redrive(runtime, name, ids)


async def discard(runtime: "Runtime", queue: str, ids: frozenset[str], *, who: str) -> list[str]:
    """Drops parked messages for good. Returns the ids of those that were there."""
    (name,) = _queues(runtime, queue)
    await _record(runtime, "message.discarded", name, ids, who)
    if name == OUTBOX:
        async with begin(runtime, scope=Scope.system()) as tx:
            return await relay.discard(tx, ids)
    return await runtime.transport.discard(runtime, name, ids)


async def _record(runtime: "Runtime", action: str, queue: str, ids: frozenset[str] | None, who: str) -> None:
    async with begin(runtime, scope=Scope.system()) as tx:
        await audit.record(
            tx, None, action, queue, chain=_CHAIN, facts={"ids": sorted(ids) if ids else "all", "who": who}
        )
