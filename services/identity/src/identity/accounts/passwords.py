"""Hashing passwords: argon2id, in a small thread pool of its own, never on the event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

# OWASP's first choice (19 MiB, t=2, p=1): 21 ms here, where the library's default takes 117 ms (quality.md).
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_THREADS = 2
# Verified when there is no such account, so that the answer takes as long.
_NOBODYS = _HASHER.hash("nobody's password, which nobody knows")


class Passwords:
    """Hashes and verifies. At most two at a time: more would only take the cores from everybody else."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="argon2")
        self.verified = 0
        """How many verifications were made, for those who doubt that unknown accounts cost the same."""

    async def hash(self, password: str) -> str:
        """The hash to store."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, _HASHER.hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is right. `stored` None: false, after the same work."""
        self.verified += 1
        loop = asyncio.get_running_loop()
        right = await loop.run_in_executor(self._pool, _matches, stored or _NOBODYS, password)
        return right and stored is not None

    def close(self) -> None:
        """Ends the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _matches(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
