"""Hashing passwords: argon2id, in a small thread pool of its own, never on the event loop.

A password costs 20 ms of a core. Whoever needs one takes a turn first, before they take a database connection: a flood
of logins then waits here, and neither the token swaps nor anybody else run out of connections.
"""

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from identity.accounts.rules import common_passwords
from servicekit.refusals import Unavailable

# OWASP's first choice (19 MiB, t=2, p=1): 21 ms here, where the library's default takes 117 ms (quality.md).
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_THREADS = 2
_LONGEST_QUEUE = 100
"""About a second of waiting for the last one; more would only time out."""
# Verified when there is no such account, so that the answer takes as long.
_NOBODYS = _HASHER.hash("nobody's password, which nobody knows")


class Passwords:
    """Hashes and verifies. At most two at a time: more would only take the cores from everybody else."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="argon2")
        self._turns = asyncio.Semaphore(_THREADS)
        self._waiting = 0
        self._pool.submit(common_passwords)  # read before anybody waits for it
        self.verified = 0
        """How many verifications were made, for those who doubt that unknown accounts cost the same."""

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Waits for one of the few places at which passwords are worked on. Take it before the first statement.

        Raises:
            Unavailable: too many are waiting already.
        """
        if self._waiting >= _LONGEST_QUEUE:
            raise Unavailable("登录人数较多，请稍后重试。")
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()

    async def hash(self, password: str) -> str:
        """The hash to store."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, _HASHER.hash, _same(password))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is right. `stored` None: false, after the same work."""
        self.verified += 1
        loop = asyncio.get_running_loop()
        right = await loop.run_in_executor(self._pool, _matches, stored or _NOBODYS, _same(password))
        return right and stored is not None

    def close(self) -> None:
        """Ends the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _same(password: str) -> str:
    # A Chinese input method types Ａ for A, an é comes in two forms: the same password (NIST SP 800-63B-4 §3.1.1.2).
    return unicodedata.normalize("NFKC", password)


def _matches(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
