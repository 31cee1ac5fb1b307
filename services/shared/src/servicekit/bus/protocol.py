"""What a transport is, and what goes over it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from contracts.base import Event

if TYPE_CHECKING:
    from servicekit.consumer import Consumers
    from servicekit.runtime import Runtime

PUBLISH_TIMEOUT = 5.0
BroadcastHandler = Callable[[Any], Awaitable[None]]


class Unroutable(Exception):
    """Nobody is subscribed to a message that somebody has to get."""


class TransportDown(Exception):
    """The broker can't be reached, or didn't confirm in time. Whether the message arrived is unknown."""


class NotTaken(Exception):
    """The broker can't take this message just now (a queue has no majority, say)."""


class Later(Exception):
    """The transport asks for the same message again after `delay` seconds; `counted` as a failed attempt or not."""

    def __init__(self, delay: float, *, counted: bool = True) -> None:
        super().__init__(f"again in {delay} s")
        self.delay = delay
        self.counted = counted


@dataclass(frozen=True, slots=True)
class Message:
    """A message on its way. `body` is the CloudEvents JSON, exactly as it lies in the outbox."""

    id: str
    type: str
    body: bytes
    attempt: int = 0
    """How many attempts at handling it have failed so far."""

    def again(self) -> "Message":
        """The same message, one failed attempt later."""
        return replace(self, attempt=self.attempt + 1)


@dataclass(frozen=True, slots=True)
class ParkedMessage:
    """A message that nobody could handle, with why."""

    queue: str
    id: str
    type: str
    body: bytes
    reason: str
    detail: str
    parked_at: datetime | None
    place: str = field(default="", compare=False)
    """Where it lies: `queue` of the broker or `table` of the database."""


class Transport(Protocol):
    """Carries messages between services: `amqp.AmqpTransport` and `inprocess.InProcessTransport`."""

    batch: int
    """How many messages the relay gives it at once."""

    @property
    def connected(self) -> bool:
        """Whether everything that is meant to be connected is: for health, and for knowing that news arrive."""
        ...

    @property
    def can_publish(self) -> bool:
        """Whether publishing has a chance right now."""
        ...

    async def publish(self, message: Message, *, mandatory: bool, listeners: Sequence[str] = ()) -> None:
        """Returns when the message is safe with its queues.

        Raises:
            Unroutable: `mandatory`, and no queue wants it.
            NotTaken: the broker said no, for now.
            TransportDown: unknown whether it arrived; send the same id again.
            Later: send the same id again after a delay.
        """
        ...

    def attach(self, runtime: "Runtime", consumers: "Consumers") -> AbstractAsyncContextManager[None]:
        """Makes a service's broadcast subscriptions work as long as the context lasts (web and worker processes)."""
        ...

    def consume(self, runtime: "Runtime", consumers: "Consumers") -> AbstractAsyncContextManager[None]:
        """Handles the messages of a service's work queues as long as the context lasts (worker processes).

        Leaving the context stops taking new messages and waits for the handlers under way.
        """
        ...

    def broadcast(
        self, handlers: Mapping[type[Event], BroadcastHandler], on_gap: Callable[[], None] | None = None
    ) -> AbstractAsyncContextManager[None]:
        """Gets a copy of each event of these types while the context lasts.

        What happens while disconnected is missed: `on_gap` is called after each subscription anew, when news may have
        been missed (not after the first).
        """
        ...

    async def declare(self, consumers: "Consumers") -> None:
        """Declares exchanges, work queues, retry tiers and parking queues of a service."""
        ...

    def parked(self, runtime: "Runtime", queue: str) -> AsyncIterator[ParkedMessage]:
        """The parked messages of a work queue, without taking them."""
        ...

    async def parked_counts(self, runtime: "Runtime", queues: Sequence[str]) -> Mapping[str, int]:
        """How many messages are parked at each of these work queues."""
        ...

    async def redrive(self, runtime: "Runtime", queue: str, ids: frozenset[str] | None) -> list[str]:
        """Sends parked messages (all when `ids` is None) back to their queue as new; returns their ids."""
        ...

    async def discard(self, runtime: "Runtime", queue: str, ids: frozenset[str]) -> list[str]:
        """Drops parked messages for good; returns their ids."""
        ...
