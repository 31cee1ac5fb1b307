"""A small limiter in the process's memory: so many requests per client, refilled steadily."""

import math
from collections import OrderedDict
from dataclasses import dataclass


@dataclass
class _Bucket:
    left: float
    at: float


class Limiter:
    """Token buckets by client. The least recently seen are forgotten first, so that memory stays bounded."""

    def __init__(self, *, burst: int = 20, per_minute: float = 30.0, clients: int = 10_000) -> None:
        self._burst, self._rate, self._clients = burst, per_minute / 60, clients
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, client: str, *, now: float) -> int:
        """Takes one request of a client at a time in seconds. 0: granted. Otherwise: seconds until the next."""
        bucket = self._buckets.pop(client, None) or _Bucket(self._burst, now)
        bucket.left = min(self._burst, bucket.left + max(now - bucket.at, 0) * self._rate)
        bucket.at = now
        self._buckets[client] = bucket
        if len(self._buckets) > self._clients:
            self._buckets.popitem(last=False)
        if bucket.left >= 1:
            bucket.left -= 1
            return 0
        return math.ceil((1 - bucket.left) / self._rate)
