"""A rule that must hold under concurrency is a constraint too: its violation becomes the rule's own refusal."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession


@asynccontextmanager
async def unless_taken(tx: AsyncSession, refusals: Mapping[str, Exception | type[Exception]]) -> AsyncIterator[None]:
    """What is written inside stands, or nothing of it where it violates a constraint; the transaction goes on.

    Raises:
        The refusal of the constraint's name; any other violation as it is.
    """
    try:
        async with tx.begin_nested():
            yield
    except IntegrityError as fault:
        for constraint, refusal in refusals.items():
            if constraint in str(fault.orig):
                raise refusal from fault
        raise
