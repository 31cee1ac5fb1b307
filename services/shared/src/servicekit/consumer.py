"""Consumers: what a service does when another says that something happened.

    consumers = Consumers("employer")

    @consumers.on(CoverageStarted)
    async def bill_from(event: CoverageStarted, tx: Tx) -> None: ...

Each handler has a work queue of its own, `employer.bill_from`, and every message of it ends in one of three ways: done
(committed, then acknowledged), retried after a delay, or parked for a person to look at.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.contextvars import bound_contextvars

from contracts.base import Envelope, Event
from servicekit import inbox, metrics
from servicekit.bus.protocol import BroadcastHandler, Message
from servicekit.db.outage import is_outage, sqlstate_of
from servicekit.db.tx import Scope, begin
from servicekit.refusals import Refusal, TooMany, Unavailable
from servicekit.tracing import continue_trace

if TYPE_CHECKING:
    from servicekit.runtime import Runtime

HANDLER_SECONDS = 60.0
_PROBE_SECONDS = 2.0
# Handling again at once after a lost database would only fail again.
_OUTAGE_TIER = 0

log = structlog.get_logger(__name__)


class Park(Exception):
    """Raised by a handler: this message can't be handled, ever, without a person. The reason is for that person."""


class UnknownQueue(LookupError):
    """A service has no queue of this name; the text says which there are."""


class Retry(Exception):
    """Raised by a handler: not yet (news it builds on is still missing). Tried again, a bounded number of times."""


@dataclass(frozen=True, slots=True)
class Done:
    """Handled and committed, now or before."""

    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Not handled; come back through retry tier `tier`. Outages aren't counted as failed attempts."""

    tier: int
    counted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Parked:
    """Not handled, and coming back by itself would be no use."""

    reason: str
    detail: str


Outcome = Done | TryAgain | Parked
# What handlers take differs by event, which Callable can't express: the decorator checks the shape instead.
Handler = Callable[[Any, AsyncSession], Awaitable[None]]
ProcessHandler = Callable[[Any, "Runtime"], Awaitable[None]]
H = TypeVar("H", bound=Callable[..., Awaitable[None]])


@dataclass(frozen=True)
class Subscription:
    """One work queue and its handler."""

    queue: str
    events: tuple[type[Event], ...]
    handler: Handler
    prefetch: int = 16

    def event_type(self, wire_name: str) -> type[Event] | None:
        """The event class of a wire name, when this queue is subscribed to it."""
        return next((event for event in self.events if event.wire_name == wire_name), None)


@dataclass(frozen=True)
class Broadcast:
    """Something that every process of the service wants to hear."""

    events: tuple[type[Event], ...]
    handler: ProcessHandler


@dataclass
class Consumers:
    """The subscriptions of one service."""

    service: str
    subscriptions: list[Subscription] = field(default_factory=list)
    broadcasts: list[Broadcast] = field(default_factory=list)

    def on(self, *events: type[Event], prefetch: int = 16) -> Callable[[H], H]:
        """Subscribes a handler `(event, tx)` with a work queue named after it. `tx` sees all rows (system scope)."""

        def register(handler: H) -> H:
            _check_shape(handler)
            queue = f"{self.service}.{handler.__name__}"
            if any(known.queue == queue for known in self.subscriptions):
                raise ValueError(f"queue {queue} has a handler already")
            self.subscriptions.append(Subscription(queue, events, handler, prefetch))
            return handler

        return register

    def broadcast(self, *events: type[Event]) -> Callable[[H], H]:
        """Subscribes every process of the service: handler `(event, runtime)`, no queue, nothing kept while away."""

        def register(handler: H) -> H:
            _check_shape(handler)
            self.broadcasts.append(Broadcast(events, handler))
            return handler

        return register

    def queues(self) -> list[str]:
        """The names of the work queues."""
        return [subscription.queue for subscription in self.subscriptions]

    def subscription(self, queue: str) -> Subscription:
        """The subscription of a queue. Raises UnknownQueue."""
        for known in self.subscriptions:
            if known.queue == queue:
                return known
        raise UnknownQueue(f"no queue {queue}: there are {', '.join(self.queues())}")

    def broadcast_handlers(self, runtime: "Runtime") -> dict[type[Event], BroadcastHandler]:
        """The broadcast handlers by event type, bound to a runtime."""
        handlers: dict[type[Event], list[ProcessHandler]] = {}
        for broadcast in self.broadcasts:
            for event in broadcast.events:
                handlers.setdefault(event, []).append(broadcast.handler)
        return {event: _bound(several, runtime) for event, several in handlers.items()}


def _bound(handlers: Sequence[ProcessHandler], runtime: "Runtime") -> BroadcastHandler:
    async def handle(event: Any) -> None:
        for handler in handlers:
            await handler(event, runtime)

    return handle


def _check_shape(handler: Callable[..., Any]) -> None:
    if not inspect.iscoroutinefunction(handler) or len(inspect.signature(handler).parameters) != 2:
        raise TypeError(f"{handler.__qualname__} must be `async def` with two parameters")


async def process(runtime: "Runtime", subscription: Subscription, message: Message) -> Outcome:
    """Handles one message in one transaction. Returns only after the commit; never raises but for cancellation."""
    service = runtime.service.name
    with metrics.CONSUME_SECONDS.labels(service, subscription.queue).time():
        outcome = await _process(runtime, subscription, message)
    metrics.CONSUMED.labels(service, subscription.queue, _metric_outcome(outcome)).inc()
    return outcome


def _metric_outcome(outcome: Outcome) -> str:
    if isinstance(outcome, Done):
        return "duplicate" if outcome.duplicate else "done"
    return "retried" if isinstance(outcome, TryAgain) else "parked"


async def _process(runtime: "Runtime", subscription: Subscription, message: Message) -> Outcome:
    try:
        envelope = Envelope.model_validate_json(message.body)
    except ValidationError as error:
        return _parked(subscription, message, Parked("unreadable_body", _fault_places(error)))
    event_type = subscription.event_type(envelope.type)
    if event_type is None:
        return _parked(subscription, message, Parked("unknown_type", envelope.type))
    try:
        event = event_type.model_validate(envelope.data)
    except ValidationError as error:
        return _parked(subscription, message, Parked("unreadable_data", _fault_places(error)))
    with (
        bound_contextvars(
            message_id=str(envelope.id),
            correlation_id=envelope.correlationid or str(envelope.id),
            consumer=subscription.queue,
        ),
        continue_trace(envelope.traceparent, f"consume {subscription.queue}"),
    ):
        outcome = await _handle(runtime, subscription, message, envelope, event)
        if isinstance(outcome, TryAgain):
            log.warning("message_retried", type=message.type, attempt=message.attempt, reason=outcome.reason)
        elif isinstance(outcome, Parked):
            _parked(subscription, message, outcome)
    return outcome


async def _handle(
    runtime: "Runtime", subscription: Subscription, message: Message, envelope: Envelope, event: Event
) -> Outcome:
    limit = asyncio.timeout(HANDLER_SECONDS)
    try:
        async with limit, begin(runtime, scope=Scope.system()) as tx:
            if not await inbox.claim(tx, subscription.queue, envelope.id):
                return Done(duplicate=True)
            await subscription.handler(event, tx)
        return Done()
    except Park as error:
        return Parked("parked_by_handler", str(error))
    except (TooMany, Unavailable) as error:  # refusals that time heals
        return _again(runtime, message, f"refused: {error.code}")
    except Refusal as error:
        return Parked(f"refused: {error.code}", error.title)
    except Retry as error:
        return _again(runtime, message, f"asked by handler: {error}")
    except Exception as error:
        if is_outage(error):
            return _after_outage(type(error).__name__)
        if isinstance(error, TimeoutError) and limit.expired():
            # A database that went silent in the middle looks the same from here as a handler that takes too long.
            if not await _database_answers(runtime):
                return _after_outage("silence")
            return _again(runtime, message, f"took longer than {HANDLER_SECONDS:.0f} s")
        log.exception("handler_failed", type=message.type, attempt=message.attempt)
        return _again(runtime, message, _kind_of(error))


def _again(runtime: "Runtime", message: Message, reason: str) -> Outcome:
    if message.attempt >= len(runtime.settings.retry_delays):
        return Parked("failed_too_often", reason)
    return TryAgain(message.attempt, counted=True, reason=reason)


def _after_outage(reason: str) -> TryAgain:
    return TryAgain(_OUTAGE_TIER, counted=False, reason=f"outage: {reason}")


async def _database_answers(runtime: "Runtime") -> bool:
    try:
        async with asyncio.timeout(_PROBE_SECONDS), runtime.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except Exception:  # whatever it is, it is no answer
        return False
    return True


def _kind_of(error: BaseException) -> str:
    """Names an error without its text, which may hold personal data."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    return f"{kind} {sqlstate_of(error)}".strip() if isinstance(error, DBAPIError) else kind


def _fault_places(error: ValidationError) -> str:
    """Where a body is wrong and how, without its values."""
    faults = (f"{'/'.join(map(str, fault['loc']))}: {fault['type']}" for fault in error.errors(include_input=False))
    return "; ".join(faults)[:500]


def _parked(subscription: Subscription, message: Message, outcome: Parked) -> Parked:
    log.error("message_parked", consumer=subscription.queue, id=message.id, type=message.type, reason=outcome.reason)
    return outcome


__all__ = [
    "Broadcast",
    "Consumers",
    "Done",
    "Outcome",
    "Park",
    "Parked",
    "Retry",
    "Subscription",
    "TryAgain",
    "UnknownQueue",
    "process",
]
