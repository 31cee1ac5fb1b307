"""What the gateway listens to on the bus: sessions that ended, keys that were revoked, mandates that changed,
persons that were recognised."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from contracts.base import Event
from contracts.identity import (
    ApiKeyRevoked,
    MandateChanged,
    MandateGranted,
    MandateRemoved,
    PersonLinked,
    SessionEnded,
)
from gateway.sessions import News, SwapCache
from servicekit.bus.protocol import BroadcastHandler, Transport

WATCH_SECONDS = 0.25


@contextlib.asynccontextmanager
async def listening(transport: Transport, swaps: SwapCache) -> AsyncIterator[None]:
    """Keep the swap cache honest while the context lasts."""

    async def session_ended(event: SessionEnded) -> None:
        swaps.hear(News(session_id=str(event.session_id)))

    async def key_revoked(event: ApiKeyRevoked) -> None:
        swaps.hear(News(session_id=str(event.key_id)))  # what a token of a key names as its session

    async def mandate_moved(event: MandateGranted | MandateChanged | MandateRemoved) -> None:
        swaps.hear(News(account_id=str(event.account_id), employer_no=event.employer_no))

    async def person_linked(event: PersonLinked) -> None:
        swaps.hear(News(account_id=str(event.account_id)))  # their tokens say more from now on

    handlers: dict[type[Event], BroadcastHandler] = {
        SessionEnded: session_ended,
        ApiKeyRevoked: key_revoked,
        MandateGranted: mandate_moved,
        MandateChanged: mandate_moved,
        MandateRemoved: mandate_moved,
        PersonLinked: person_linked,
    }
    async with transport.broadcast(handlers, on_gap=swaps.forget):
        watch = asyncio.create_task(_watch(transport, swaps))
        try:
            yield
        finally:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch


async def _watch(transport: Transport, swaps: SwapCache) -> None:
    """News is missed while the broker is away: nothing is cached then, and all is forgotten when it is back."""
    while True:
        swaps.set_deaf(not transport.connected)
        await asyncio.sleep(WATCH_SECONDS)
