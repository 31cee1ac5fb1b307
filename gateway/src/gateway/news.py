"""What the gateway listens to on the bus: sessions that ended and mandates that were removed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from contracts.base import Event
from contracts.identity import MandateRemoved, SessionEnded
from gateway.sessions import News, SwapCache
from servicekit.bus.protocol import BroadcastHandler, Transport

WATCH_SECONDS = 0.25


@contextlib.asynccontextmanager
async def listening(transport: Transport, swaps: SwapCache) -> AsyncIterator[None]:
    """Keep the swap cache honest while the context lasts."""

    async def session_ended(event: SessionEnded) -> None:
        swaps.hear(News(session_id=str(event.session_id)))

    async def mandate_removed(event: MandateRemoved) -> None:
        swaps.hear(News(account_id=str(event.account_id), employer_no=event.employer_no))

    handlers: dict[type[Event], BroadcastHandler] = {SessionEnded: session_ended, MandateRemoved: mandate_removed}
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
