"""Waiting for something to become true in another process: looks again and again, never just lets time pass."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
_pause = threading.Event()  # never set: only paces the looking


def wait_until(look: Callable[[], T | None], *, seconds: float = 30, what: str = "it") -> T:
    """What `look` answers once it is neither None nor False.

    Raises:
        AssertionError: not within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while True:
        if seen := look():
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        _pause.wait(0.05)


async def until(true: Callable[[], Awaitable[bool]], *, seconds: float = 30, pause: float = 0.01) -> None:
    """Returns as soon as it is true, in another process or a server.

    Raises:
        TimeoutError: not within `seconds`.
    """
    async with asyncio.timeout(seconds):
        while not await true():
            await _look_again(pause)


async def settled(read: Callable[[], int], *, looks: int = 20) -> int:
    """A count that something drives up, once it has stayed the same over so many looks."""
    before, same = read(), 0
    while same < looks:
        await _look_again(0.01)
        same = same + 1 if read() == before else 0
        before = read()
    return before


async def _look_again(pause: float) -> None:
    look_again = asyncio.Event()
    asyncio.get_running_loop().call_later(pause, look_again.set)
    await look_again.wait()
