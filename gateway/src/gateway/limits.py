"""How much one client, and all together, may have under way at once; how often an API key may ask."""

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable

_ROUNDING = 1e-6
"""A bucket that fills in many small steps is a little less full than in one."""


class Admission:
    """Counts requests under way, in total and for each client (a session, an API key or an address)."""

    def __init__(self, *, per_client: int, total: int) -> None:
        self._per_client = per_client
        self._total = total
        self._clients: dict[Hashable, int] = {}
        self.under_way = 0

    def enter(self, client: Hashable) -> str | None:
        """Count a request in; returns the code of the refusal instead when there is no room."""
        if self.under_way >= self._total:
            return "overloaded"
        mine = self._clients.get(client, 0)
        if mine >= self._per_client:
            return "too_many_requests"
        self._clients[client] = mine + 1
        self.under_way += 1
        return None

    def leave(self, client: Hashable) -> None:
        """Count an admitted request out."""
        self.under_way -= 1
        mine = self._clients[client] - 1
        if mine:
            self._clients[client] = mine
        else:
            del self._clients[client]


class KeyRates:
    """Requests of API keys: a bucket for each key that holds a minute's worth and fills up evenly.

    Counted by the key's id, which identity has confirmed, never by what a client sent. Each gateway process counts for
    itself: with several the limit is so many times as high.
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
