"""The in-process transport: all services of one process share one. Fed by the same outbox as AMQP.

`publish` hands the message to every subscribed queue and returns when each has handled or parked it. A wanted retry is
raised as `Later`, so the outbox row itself is the delay's store, and nothing is lost when the process dies.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from contracts.base import Envelope, Event
from servicekit import inbox
from servicekit.bus.parked_table import table as parking
from servicekit.bus.protocol import BroadcastHandler, Later, Message, ParkedMessage, Unroutable
from servicekit.consumer import Consumers, Parked, Subscription, TryAgain, process
from servicekit.db.tx import Scope, begin
from servicekit.db.types import utc_now

if TYPE_CHECKING:
    from servicekit.runtime import Runtime

log = structlog.get_logger(__name__)


class _Queue:
    """One subscription of one runtime. The runtime's queues share `slots`: how many handlers run at once."""

    def __init__(self, runtime: "Runtime", subscription: Subscription, slots: asyncio.Semaphore) -> None:
        self.runtime = runtime
        self.subscription = subscription
        self.slots = slots


def _slots_of(runtime: "Runtime") -> asyncio.Semaphore:
    # Requests are answered from the same pool of connections.
    return asyncio.Semaphore(max(2, runtime.settings.database_pool_size // 2))


class InProcessTransport:
    """Carries messages between the services of this process."""

    batch = 50  # a batch is one transaction of the relay, open until all of its handlers are done

    def __init__(self) -> None:
        self._queues: dict[str, _Queue] = {}
        self._broadcasts: list[Mapping[type[Event], BroadcastHandler]] = []

    @property
    def connected(self) -> bool:
        """Always: there is nothing between."""
        return True

    @property
    def can_publish(self) -> bool:
        """Always."""
        return True

    async def publish(self, message: Message, *, mandatory: bool, listeners: Sequence[str] = ()) -> None:
        """Has every subscribed queue handle the message. Raises Later or Unroutable."""
        await self._broadcast(message)
        queues = [queue for queue in self._queues.values() if queue.subscription.event_type(message.type) is not None]
        outcomes = await asyncio.gather(*(self._deliver(queue, message) for queue in queues))
        retries = [outcome for outcome in outcomes if isinstance(outcome, TryAgain)]
        if retries:
            # The row carries one count for all of its queues; those that are done drop the repeat by their inbox.
            delays = [queue.runtime.settings.retry_delays for queue in queues]
            soonest = min(retries, key=lambda retry: retry.tier)
            raise Later(min(delay[soonest.tier] for delay in delays), counted=any(retry.counted for retry in retries))
        served = {queue.subscription.queue.partition(".")[0] for queue in queues}
        if mandatory and not served.issuperset(listeners):
            raise Unroutable(message.type)

    @asynccontextmanager
    async def attach(self, runtime: "Runtime", consumers: Consumers) -> AsyncIterator[None]:
        """Subscribes the service's queues and broadcasts; they are served as soon as the runtime is open."""
        slots = _slots_of(runtime)
        added = {known.queue: _Queue(runtime, known, slots) for known in consumers.subscriptions}
        if taken := added.keys() & self._queues.keys():
            raise ValueError(f"served already in this process: {sorted(taken)}")
        self._queues.update(added)
        try:
            async with self.broadcast(consumers.broadcast_handlers(runtime)):
                yield
        finally:
            for name in added:
                del self._queues[name]

    @asynccontextmanager
    async def consume(self, runtime: "Runtime", consumers: Consumers) -> AsyncIterator[None]:
        """Nothing to do: messages are handled where they are published."""
        yield

    @asynccontextmanager
    async def broadcast(
        self, handlers: Mapping[type[Event], BroadcastHandler], on_gap: Callable[[], None] | None = None
    ) -> AsyncIterator[None]:
        """Calls the handlers for each event of their types while the context lasts. There are no gaps here."""
        self._broadcasts.append(handlers)
        try:
            yield
        finally:
            self._broadcasts = [known for known in self._broadcasts if known is not handlers]

    async def declare(self, consumers: Consumers) -> None:
        """Nothing to declare: the subscriptions are the topology."""

    async def parked(self, runtime: "Runtime", queue: str) -> AsyncIterator[ParkedMessage]:
        """The parked messages of a queue, oldest first."""
        async with begin(runtime, scope=Scope.system()) as tx:
            statement = select(parking).where(parking.c.queue == queue).order_by(parking.c.parked_at)
            rows = (await tx.execute(statement)).all()
        for row in rows:
            yield ParkedMessage(row.queue, row.id, row.type, row.body, row.reason, row.detail, row.parked_at, "table")

    async def parked_counts(self, runtime: "Runtime", queues: Sequence[str]) -> Mapping[str, int]:
        """How many messages are parked at each of these queues."""
        async with begin(runtime, scope=Scope.system()) as tx:
            found = await tx.execute(select(parking.c.queue, func.count()).group_by(parking.c.queue))
            return {**dict.fromkeys(queues, 0), **{row[0]: row[1] for row in found if row[0] in queues}}

    async def redrive(self, runtime: "Runtime", queue: str, ids: frozenset[str] | None) -> list[str]:
        """Handles the parked messages again, here and now; those that fail stay parked."""
        if runtime.service.consumers is None:
            return []
        served = _Queue(runtime, runtime.service.consumers.subscription(queue), _slots_of(runtime))
        wanted = [parked async for parked in self.parked(runtime, queue) if ids is None or parked.id in ids]
        done = []
        for parked in wanted:
            message = Message(parked.id, parked.type, parked.body)
            await _take_back(served, message)
            outcome = await self._deliver(served, message)
            if isinstance(outcome, TryAgain):
                await _park(served, message, Parked("failed_at_redrive", outcome.reason))
            elif not isinstance(outcome, Parked):
                await self.discard(runtime, queue, frozenset({parked.id}))
                done.append(parked.id)
        return done

    async def discard(self, runtime: "Runtime", queue: str, ids: frozenset[str]) -> list[str]:
        """Deletes parked messages."""
        async with begin(runtime, scope=Scope.system()) as tx:
            statement = delete(parking).where(parking.c.queue == queue, parking.c.id.in_(ids)).returning(parking.c.id)
            return list((await tx.execute(statement)).scalars())

    async def _deliver(self, queue: _Queue, message: Message) -> object:
        async with queue.slots:
            outcome = await process(queue.runtime, queue.subscription, message)
            if isinstance(outcome, Parked):
                await _park(queue, message, outcome)
            return outcome

    async def _broadcast(self, message: Message) -> None:
        wanted = [
            (event, handler)
            for handlers in self._broadcasts
            for event, handler in handlers.items()
            if event.wire_name == message.type
        ]
        if not wanted:
            return
        try:
            data = Envelope.model_validate_json(message.body).data
            for event, handler in wanted:
                await handler(event.model_validate(data))
        except ValidationError:
            log.warning("broadcast_unreadable", type=message.type)
        except Exception:  # a hearer's fault must not keep the message from the queues
            log.exception("broadcast_handler_failed", type=message.type)


async def _park(queue: _Queue, message: Message, outcome: Parked) -> None:
    """Parks, and claims the message: the outbox row may come again because another queue wants a retry of it."""
    name = queue.subscription.queue
    async with begin(queue.runtime, scope=Scope.system()) as tx:
        values = {
            "type": message.type,
            "body": message.body,
            "reason": outcome.reason,
            "detail": outcome.detail,
            "parked_at": utc_now(),
        }
        statement = insert(parking).values(queue=name, id=message.id, **values)
        await tx.execute(statement.on_conflict_do_update(index_elements=["queue", "id"], set_=values))
        if (message_id := _uuid_of(message)) is not None:
            await inbox.claim(tx, name, message_id)


async def _take_back(queue: _Queue, message: Message) -> None:
    """Undoes the claim of `_park`."""
    if (message_id := _uuid_of(message)) is not None:
        async with begin(queue.runtime, scope=Scope.system()) as tx:
            await inbox.unclaim(tx, queue.subscription.queue, message_id)


def _uuid_of(message: Message) -> UUID | None:
    try:
        return UUID(message.id)
    except ValueError:  # not one of ours; it can't be read either
        return None


async def drain(runtimes: Sequence["Runtime"], *, delayed: bool = False) -> int:
    """Relays, handles and runs due jobs until nothing is left to do; returns how many events went out.

    With `delayed` it also takes what waits for a retry, as if that time had come.
    """
    from servicekit.job_runner import run_due_jobs
    from servicekit.relay import Relay

    relays = [Relay(runtime) for runtime in runtimes]
    horizon = timedelta(days=1) if delayed else timedelta(0)
    total = 0
    while True:
        published = sum([(await relay.run_once(due=utc_now() + horizon)).published for relay in relays])
        ran = sum([await run_due_jobs(runtime) for runtime in runtimes])
        total += published
        if not published and not ran:
            return total
