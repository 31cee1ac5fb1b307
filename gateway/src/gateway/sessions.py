"""Session cookie or API key → short-lived token (phantom token pattern), with a cache that forgets at once.

A swap is cached for at most a minute. News end it earlier: a session that ended, a key that was revoked, a mandate that
was granted, changed or removed.
A swap under way while such news arrives could bring back what the news took away: its result is checked against the
news that came in the meantime, asked for again when it is concerned, and later requests never join it.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import orjson

from gateway.problems import PROBLEMS
from gateway.streams import Concerned, OpenStreams
from gateway.upstream import Upstream, UpstreamError, UpstreamRequest

CredentialKind = Literal["session", "api_key"]
Credential = tuple[CredentialKind, str]
Outcome = Literal["granted", "refused", "unavailable"]

SAFETY = 5.0
"""Seconds before a token's own end at which it is no longer handed out: the request still has to get there."""
MAX_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True)
class Swap:
    """What a credential is worth right now."""

    outcome: Outcome
    authorization: bytes = b""
    session_id: str = ""
    account_id: str = ""
    employer_no: str | None = None
    lifetime: float = 0.0
    expires: float = 0.0
    requests_per_minute: int | None = None
    """Of an API key: how many are let through, by all gateways together."""
    known_as: tuple[str, str] | None = None
    """Whom identity vouched for: an account, with whichever of its sessions, or an API key. The limits count by it."""


@dataclass(frozen=True, slots=True)
class News:
    """Something ended or became different: a session (or an API key, by its id), or an account's mandate for one unit
    (or for all when `employer_no` is None)."""

    session_id: str | None = None
    account_id: str | None = None
    employer_no: str | None = None

    def concerns(self, swap: Concerned) -> bool:
        """Whether a token must no longer be used after this, and what was opened with it has to end."""
        if self.session_id is not None:
            return swap.session_id == self.session_id
        if swap.account_id != self.account_id:
            return False
        return self.employer_no is None or swap.employer_no in (None, self.employer_no)


class SwapClient:
    """Asks identity what a credential is worth, and how often a key may still be used."""

    def __init__(self, identity: Upstream, secret: str) -> None:
        self._identity = identity
        self._headers = [
            (b"host", b"identity"),
            (b"authorization", b"Bearer " + secret.encode()),
            (b"content-type", b"application/json"),
            (b"accept", b"application/json"),
        ]

    async def __call__(self, credential: Credential, traceparent: bytes) -> Swap:
        """One question. Never raises for an upstream fault: that is the outcome `unavailable`."""
        kind, value = credential
        status, answer = await self._post(b"/internal/token-swaps", {kind: value}, traceparent)
        if status == 401:
            return Swap("refused")
        if status != 200:
            return Swap("unavailable")
        try:
            facts = orjson.loads(answer)
            return Swap(
                "granted",
                authorization=b"Bearer " + facts["token"].encode("ascii"),
                session_id=str(facts["session_id"]),
                account_id=str(facts["account_id"]),
                employer_no=facts["employer_no"],
                lifetime=float(facts["expires_in"]),
                requests_per_minute=facts.get("requests_per_minute"),
                known_as=(kind, str(facts["session_id"] if kind == "api_key" else facts["account_id"])),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return Swap("unavailable")

    async def portion(self, key_id: str, traceparent: bytes) -> tuple[int, int] | None:
        """How many requests of an API key this gateway may let through, or in how many seconds it may ask for one; None
        when identity doesn't say."""
        status, answer = await self._post(b"/internal/key-portions", {"key_id": key_id}, traceparent)
        if status != 200:
            return None
        try:
            facts = orjson.loads(answer)
            requests, wait = int(facts["requests"]), int(facts["retry_after"])
        except (ValueError, KeyError, TypeError):
            return None
        return (requests, 0) if requests > 0 else (0, max(1, wait))

    async def _post(self, path: bytes, facts: Mapping[str, str], traceparent: bytes) -> tuple[int, bytes]:
        """Status and body of identity's answer; status 0 when there is none."""
        body = _Bytes(orjson.dumps(facts))
        headers = [*self._headers, (b"traceparent", traceparent)]
        request = UpstreamRequest(b"POST", path, headers, body, replayable=True)
        try:
            response = await self._identity.send(request)
            answer = b""
            while piece := await response.read():
                answer += piece
                if len(answer) > MAX_ANSWER:
                    response.close()
                    return 0, b""
        except UpstreamError:
            return 0, b""
        return response.status, answer


class _Bytes:
    """A body that is already there."""

    def __init__(self, data: bytes) -> None:
        self.length: int | None = len(data)
        self._data = data

    async def read(self) -> bytes:
        data, self._data = self._data, b""
        return data


class SwapCache:
    """Bounded, single-flight cache of swaps. One per process; every process hears the news."""

    def __init__(
        self,
        swap: Callable[[Credential, bytes], Awaitable[Swap]],
        clock: Callable[[], float],
        *,
        lifetime: float = 60.0,
        refusal_lifetime: float = 5.0,
        size: int = 20_000,
    ) -> None:
        self._swap = swap
        self._clock = clock
        self._lifetime = lifetime
        self._refusal_lifetime = refusal_lifetime
        self._size = size
        self._refused_size = max(1, size // 10)
        self._entries: OrderedDict[Credential, Swap] = OrderedDict()
        self._refused: OrderedDict[Credential, Swap] = OrderedDict()
        self._flights: dict[Credential, asyncio.Task[Swap]] = {}
        self._retired: set[asyncio.Task[Swap]] = set()
        self._news: deque[tuple[int, News]] = deque(maxlen=1_000)
        self._news_count = 0
        self._deaf = False
        self.streams = OpenStreams()
        """Event streams that were opened with a swap: they end with what they were opened by."""

    def cached(self, credential: Credential) -> Swap | None:
        """The hot path: what is known already."""
        entry = self._entries.get(credential) or self._refused.get(credential)
        if entry is not None and entry.expires > self._clock():
            return entry
        return None

    async def get(self, credential: Credential, traceparent: bytes) -> Swap:
        """What `credential` is worth; asks identity at most once at a time for each credential."""
        entry = self.cached(credential)
        if entry is not None:
            return entry
        flight = self._flights.get(credential)
        if flight is None:
            flight = asyncio.create_task(self._fly(credential, traceparent))
            self._flights[credential] = flight
            flight.add_done_callback(lambda done: self._landed(credential, done))
        return await asyncio.shield(flight)  # a client that leaves must not fail the others who wait

    def _landed(self, credential: Credential, flight: "asyncio.Task[Swap]") -> None:
        if self._flights.get(credential) is flight:
            del self._flights[credential]
        self._retired.discard(flight)

    async def _fly(self, credential: Credential, traceparent: bytes) -> Swap:
        swap = Swap("unavailable")
        for _ in range(3):
            heard = self._news_count
            swap = await self._swap(credential, traceparent)
            if not self.overtaken(swap, heard):
                if self._flights.get(credential) is asyncio.current_task():  # else it was retired meanwhile
                    self._keep(credential, swap)
                return swap
        return Swap("unavailable") if swap.outcome == "granted" else swap

    @property
    def heard(self) -> int:
        """How much news there was so far: what is right now may be overtaken by later news."""
        return self._news_count

    def overtaken(self, swap: Swap, heard: int) -> bool:
        """Whether news that came after so much had been heard ended what this swap says."""
        if swap.outcome != "granted" or heard == self._news_count:
            return False
        if self._news_count - heard > len(self._news):
            return True  # more came than we remember
        return any(news.concerns(swap) for number, news in self._news if number > heard)

    def _keep(self, credential: Credential, swap: Swap) -> None:
        lifetime = 0.0
        if swap.outcome == "granted":
            lifetime = min(self._lifetime, swap.lifetime - SAFETY)
        elif swap.outcome == "refused":  # an ended session never comes back; don't let it hammer identity
            lifetime = min(self._refusal_lifetime, self._lifetime)
        if lifetime <= 0 or (self._deaf and swap.outcome == "granted"):
            return
        granted = swap.outcome == "granted"
        # Apart, so that credentials somebody makes up push nobody's real one out.
        entries, size = (self._entries, self._size) if granted else (self._refused, self._refused_size)
        entries[credential] = replace(swap, lifetime=lifetime, expires=self._clock() + lifetime)
        entries.move_to_end(credential)
        while len(entries) > size:
            entries.popitem(last=False)

    def hear(self, news: News) -> int:
        """Forget what `news` ended, now and in the swaps under way. Returns how many entries were dropped."""
        self._news_count += 1
        self._news.append((self._news_count, news))
        self._retire_flights()
        gone = [credential for credential, entry in self._entries.items() if news.concerns(entry)]
        for credential in gone:
            del self._entries[credential]
        self.streams.end(news.concerns)
        return len(gone)

    def drop(self, credential: Credential) -> None:
        """Forget one credential, e.g. because a service just replaced it."""
        self._entries.pop(credential, None)
        self._refused.pop(credential, None)
        flight = self._flights.pop(credential, None)
        if flight is not None:
            self._retired.add(flight)

    def forget(self) -> None:
        """Forget everything: the news may have been missed. Streams end for the same reason, and are opened again."""
        self._entries.clear()
        self._refused.clear()
        self._retire_flights()
        # Swaps under way are not kept either: pretend that more news came than is remembered.
        self._news_count += self._news.maxlen or 0
        self._news_count += 1
        self._news.clear()
        self.streams.end()

    def set_deaf(self, deaf: bool) -> None:
        """While the bus is away nothing is cached: an ended session must not live on because nobody could tell us."""
        if deaf != self._deaf:
            self._deaf = deaf
            self.forget()

    def _retire_flights(self) -> None:
        self._retired.update(self._flights.values())
        self._flights.clear()

    def __len__(self) -> int:
        return len(self._entries) + len(self._refused)


def refusal_code(swap: Swap, kind: CredentialKind) -> str:
    """The problem that a service's 401 becomes when this swap is the reason for it."""
    if swap.outcome == "unavailable":
        code = "identity_unavailable"
    else:
        code = "session_expired" if kind == "session" else "invalid_api_key"
    assert code in PROBLEMS  # noqa: S101 - a typo here would only show on the rarest path
    return code
