"""The directory of units: keeping the copy, finding units by what somebody typed."""

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.employer import EmployerChanged, EmployerOpened
from contracts.values.identifiers import check_uscc, normalise_identifier
from identity.directory import repository
from identity.directory.models import Unit
from identity.directory.rules import looks_virtual


async def take_news(tx: AsyncSession, news: EmployerOpened | EmployerChanged) -> bool:
    """Writes what an event tells of a unit; older news than what is known is dropped. True when it was written."""
    return await repository.put_newer(tx, news)


async def units_of(tx: AsyncSession, typed: str) -> list[Unit]:
    """The open units of a unified social credit code, or of a virtual code that the register gave out.

    Raises:
        IdentifierFault: the register doesn't know it, and it is not even well-formed.
    """
    units = await repository.open_units_of(tx, normalise_identifier(typed))
    if not units and not looks_virtual(typed):
        check_uscc(typed)
    return units


async def open_units(tx: AsyncSession, uscc: str) -> list[Unit]:
    """The open units of a code that is known to be one, by number."""
    return await repository.open_units_of(tx, uscc)
