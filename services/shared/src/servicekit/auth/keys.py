"""The public keys that tokens are checked against: given once, or fetched from identity and kept fresh."""

import asyncio
import json
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

import httpx
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from servicekit.refusals import Unauthenticated, Unavailable

JWKS_PATH = "/.well-known/jwks.json"
_STALE_AFTER = 300.0
"""Seconds after which the keys are fetched again in the background, so that a withdrawn key stops working."""
_PAUSE = 5.0
"""At most one fetch for unknown keys in so many seconds: made-up key ids must not become load on identity."""
_PAUSE_WHILE_EMPTY = 0.5
_FETCH_TIMEOUT = 3.0

log = structlog.get_logger()


def read_jwks(document: object) -> dict[str, Ed25519PublicKey]:
    """The Ed25519 signing keys of a JWKS by their id. Keys of other kinds are left out: nothing else may sign.

    Raises:
        ValueError: the document is no JWKS.
    """
    entries = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(entries, list):
        raise ValueError("no JWKS: `keys` is missing")
    found: dict[str, Ed25519PublicKey] = {}
    for entry in entries:
        if not isinstance(entry, Mapping) or entry.get("kty") != "OKP" or entry.get("crv") != "Ed25519":
            continue
        kid = entry.get("kid")
        try:
            key = PyJWK.from_dict({**entry, "alg": "EdDSA"}).key
        except PyJWTError as fault:
            raise ValueError("a key of the JWKS can't be read") from fault
        if isinstance(kid, str) and kid and isinstance(key, Ed25519PublicKey):
            found[kid] = key
    return found


class TokenKeys:
    """Key id -> public key. Make it with `static` or `fetched_from`."""

    def __init__(
        self,
        keys: Mapping[str, Ed25519PublicKey],
        *,
        url: str | None = None,
        client: httpx.AsyncClient | None = None,
        timer: Callable[[], float] = monotonic,
    ) -> None:
        self._keys = dict(keys)
        self.checked: dict[bytes, Any] = {}
        """Claims of genuine tokens by digest, kept by `tokens.verify`; forgotten whenever the keys change."""
        self._url = url
        self._client = client
        self._own_client = client is None
        self._timer = timer
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._last_try_worked = True
        self._fetching: asyncio.Task[None] | None = None

    @classmethod
    def static(cls, jwks: Mapping[str, Any]) -> "TokenKeys":
        """Keys that never change: one process for all services, or tests."""
        return cls(read_jwks(jwks))

    @classmethod
    def fetched_from(
        cls, identity_url: str, *, client: httpx.AsyncClient | None = None, timer: Callable[[], float] = monotonic
    ) -> "TokenKeys":
        """Keys that identity publishes. Nothing is fetched before the first token comes."""
        return cls({}, url=identity_url.rstrip("/") + JWKS_PATH, client=client, timer=timer)

    async def key(self, kid: str) -> Ed25519PublicKey:
        """The key of this id, asking identity when it isn't known.

        Raises:
            Unauthenticated: identity doesn't know it either.
            Unavailable: identity can't be asked, so nobody can say.
        """
        key = self._keys.get(kid)
        if self._url is not None:
            if key is None:
                await self._fetch_for_unknown()
                key = self._keys.get(kid)
            elif self._age() > _STALE_AFTER and self._may_try():
                self._start_fetch()  # in the background: this token needn't wait
        if key is None:
            if self._last_try_worked:
                raise Unauthenticated
            raise Unavailable(retry_after=2)
        return key

    async def aclose(self) -> None:
        """Ends a fetch that is under way, and the client."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)
            self._fetching = None
        if self._own_client and self._client is not None:
            await self._client.aclose()
            self._client = None

    def _age(self) -> float:
        return float("inf") if self._fetched_at is None else self._timer() - self._fetched_at

    def _may_try(self) -> bool:
        pause = _PAUSE if self._keys else _PAUSE_WHILE_EMPTY
        return self._tried_at is None or self._timer() - self._tried_at >= pause

    def _start_fetch(self) -> asyncio.Task[None]:
        if self._fetching is None or self._fetching.done():
            self._tried_at = self._timer()
            self._fetching = asyncio.create_task(self._fetch(), name="fetch-token-keys")
        return self._fetching

    async def _fetch_for_unknown(self) -> None:
        under_way = self._fetching is not None and not self._fetching.done()
        if under_way or self._may_try():
            # Shielded: a request that goes away must not end the fetch that others wait for.
            await asyncio.shield(self._start_fetch())

    async def _fetch(self) -> None:
        if self._url is None:
            return
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=_FETCH_TIMEOUT)
        try:
            answer = await self._client.get(self._url, timeout=_FETCH_TIMEOUT)
            answer.raise_for_status()
            keys = read_jwks(json.loads(answer.content))
            if not keys:
                raise ValueError("the JWKS holds no key that may sign")
        except (httpx.HTTPError, ValueError) as fault:
            # The keys we have go on working: identity away for a while must not log everyone out.
            self._last_try_worked = False
            log.warning("token keys could not be fetched", fault=type(fault).__name__, keys=len(self._keys))
            return
        self.checked.clear()
        self._keys = keys
        self._fetched_at = self._timer()
        self._last_try_worked = True
        log.info("token keys fetched", keys=len(keys))
