"""Making the next thing while somebody works on the last one."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import TypeVar

T = TypeVar("T")


async def one_ahead(things: AsyncGenerator[T]) -> AsyncGenerator[T]:
    """The same things in the same order; each is asked for while the one before it is being worked on.

    What goes wrong in the making comes when its thing is asked for. To be closed by whoever stops early (`aclosing`).
    """
    following = asyncio.ensure_future(anext(things))
    try:
        while True:
            try:
                thing = await following
            except StopAsyncIteration:
                return
            following = asyncio.ensure_future(anext(things))
            yield thing
    finally:
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await following
        await things.aclose()
