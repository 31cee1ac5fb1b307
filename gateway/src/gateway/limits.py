"""How much one client, and all together, may have under way at once; how often an API key may ask."""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

_ROUNDING = 1e-6
"""A bucket that fills in many small steps is a little less full than in one."""
_NETWORK_BITS = 64
"""One subscriber has at least so much of the IPv6 space, and may show another address with each connection."""


class Admission:
    """Counts requests under way, in total and for each client.

    A client is an account or API key that identity has vouched for; until then it is its address. What a request only
    claims to be (a cookie nobody knows) says nothing: whoever makes up a new one each time would never be counted.
    """

    def __init__(self, *, per_client: int, total: int) -> None:
        self._per_client = per_client
        self._total = total
        self._clients: dict[Hashable, int] = {}
        self.under_way = 0

    def enter(self, client: Hashable) -> str | None:
        """Count a request in; returns the code of the refusal instead when there is no room."""
        if self.under_way >= self._total:
            return "overloaded"
        if not self._count_in(client):
            return "too_many_requests"
        self.under_way += 1
        return None

    def move(self, client: Hashable, known_as: Hashable) -> str | None:
        """Count an admitted request for somebody else from now on; returns the code of the refusal if it stays."""
        if not self._count_in(known_as):
            return "too_many_requests"
        self._count_out(client)
        return None

    def leave(self, client: Hashable) -> None:
        """Count an admitted request out."""
        self.under_way -= 1
        self._count_out(client)

    def _count_in(self, client: Hashable) -> bool:
        mine = self._clients.get(client, 0)
        if mine >= self._per_client:
            return False
        self._clients[client] = mine + 1
        return True

    def _count_out(self, client: Hashable) -> None:
        mine = self._clients[client] - 1
        if mine:
            self._clients[client] = mine
        else:
            del self._clients[client]


def origin_of(address: str) -> str:
    """What of a client's address its requests are counted by: IPv4 as it is, of IPv6 the subscriber's network."""
    if ":" not in address:
        return address
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{int(parsed) >> (128 - _NETWORK_BITS):x}/{_NETWORK_BITS}"


class OwnKeyRates:
    """Requests of API keys as one gateway process sees them: a bucket for each key that holds a minute's worth and
    fills up evenly. With several gateways the limit would be so many times as high: for while nobody counts for all.
    """

    def __init__(self, clock: Callable[[], float], *, size: int) -> None:
        self._clock = clock
        self._size = size
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """What is left and when that was so; the one asked for longest ago comes first."""

    def take(self, key_id: str, per_minute: int) -> int:
        """Counts a request. 0: it may pass; else so many seconds to wait until one may."""
        now = self._clock()
        left, since = self._buckets.pop(key_id, (float(per_minute), now))
        left = min(float(per_minute), left + (now - since) * per_minute / 60)
        passes = left > 1 - _ROUNDING
        self._buckets[key_id] = (left - 1 if passes else left, now)
        if len(self._buckets) > self._size:
            self._buckets.popitem(last=False)  # unused for so long that its bucket is likely full
        return 0 if passes else math.ceil((1 - left) * 60 / per_minute)


@dataclass(slots=True)
class Portion:
    """What identity has given this gateway of a key's requests."""

    left: int
    until: float = 0.0
    """With none: when to ask again."""


AskPortion = Callable[[str, bytes], Awaitable[tuple[int, int] | None]]
"""Key id and traceparent -> how many requests may pass, or in how many seconds one may; None: nobody can say."""


class KeyRates:
    """Requests of API keys, whichever gateway they come by: identity counts, and gives out a portion at a time.

    Counted by the key's id, which identity has confirmed, never by what a client sent. While identity doesn't answer,
    this process counts by itself: a swap that is cached goes on then, too.
    """

    def __init__(self, ask: AskPortion, clock: Callable[[], float], *, size: int) -> None:
        self._ask = ask
        self._clock = clock
        self._size = size
        self._portions: OrderedDict[str, Portion] = OrderedDict()
        self._flights: dict[str, asyncio.Task[bool]] = {}
        self._own = OwnKeyRates(clock, size=size)

    async def take(self, key_id: str, per_minute: int, traceparent: bytes) -> int:
        """Counts a request. 0: it may pass; else so many seconds to wait until one may."""
        while True:  # whoever waited may find the new portion used up by the others, and waits for the next
            portion = self._portions.get(key_id)
            if portion is not None and portion.left:
                portion.left -= 1
                return 0
            if portion is not None and portion.until > (now := self._clock()):
                return math.ceil(portion.until - now - _ROUNDING)
            if not await self._fetch(key_id, traceparent):
                return self._own.take(key_id, per_minute)

    async def _fetch(self, key_id: str, traceparent: bytes) -> bool:
        """The next portion, asked for once at a time for each key; whether identity answered."""
        flight = self._flights.get(key_id)
        if flight is None:
            flight = self._flights[key_id] = asyncio.create_task(self._fly(key_id, traceparent))
            flight.add_done_callback(lambda _: self._flights.pop(key_id, None))
        return await asyncio.shield(flight)  # a client that leaves must not fail the others who wait

    async def _fly(self, key_id: str, traceparent: bytes) -> bool:
        answer = await self._ask(key_id, traceparent)
        if answer is None:
            return False
        requests, wait = answer
        self._portions[key_id] = Portion(requests, self._clock() + wait)
        self._portions.move_to_end(key_id)
        while len(self._portions) > self._size:
            self._portions.popitem(last=False)
        return True
