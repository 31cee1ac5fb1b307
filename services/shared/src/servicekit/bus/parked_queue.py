"""Looking into a parking queue. What isn't acknowledged goes back when the connection closes."""

import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage

from servicekit.bus.consuming import DETAIL, PARKED_AT, REASON, message_of
from servicekit.bus.names import Names
from servicekit.bus.protocol import ParkedMessage

# All that are looked at are held by one channel: more would be nothing a person can look through.
MOST = 10_000


async def messages(
    connection: AbstractConnection, names: Names, queue: str
) -> AsyncIterator[tuple[AbstractIncomingMessage, ParkedMessage]]:
    """Each message once. Acknowledging one takes it out for good."""
    channel = await connection.channel()
    parking = await channel.get_queue(names.parked(queue), ensure=False)
    for _ in range(MOST):
        incoming = await parking.get(fail=False)
        if incoming is None:
            return
        yield incoming, _parked(queue, incoming)


def _parked(queue: str, incoming: AbstractIncomingMessage) -> ParkedMessage:
    message = message_of(incoming)
    headers = incoming.headers
    reason, detail = headers.get(REASON), headers.get(DETAIL)
    if reason is None:  # the broker moved it here itself: its worker died each time
        reason, detail = str(headers.get("x-first-death-reason", "dead_lettered")), "分发次数超限"
    return ParkedMessage(
        queue, message.id, message.type, message.body, str(reason), str(detail or ""), _parked_at(headers), "queue"
    )


def _parked_at(headers: dict[str, Any]) -> datetime | None:
    with contextlib.suppress(KeyError, TypeError, ValueError):
        return datetime.fromisoformat(str(headers[PARKED_AT]))
    with contextlib.suppress(KeyError, TypeError, IndexError):
        moment: datetime = headers["x-death"][0]["time"]
        return moment
    return None
