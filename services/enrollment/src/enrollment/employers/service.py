"""The register of insured units: keeping the copy, and saying what a unit may declare."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.employer import EmployerChanged, EmployerOpened
from enrollment.employers import repository
from enrollment.employers.rules import check_may_declare
from servicekit.refusals import Refusal


@dataclass(frozen=True)
class OnlineDeclaration:
    """What a unit may declare online; `refusal` says why not."""

    insurances: Sequence[str]
    refusal: Refusal | None


async def take_news(tx: AsyncSession, news: EmployerOpened | EmployerChanged) -> bool:
    """Writes what an event tells of a unit; older news than what is known is dropped. True when it was written."""
    return await repository.put_newer(tx, news)


async def online_declaration(tx: AsyncSession, employer_no: str) -> OnlineDeclaration:
    """Whether a unit may declare online, and the insurance types of its kind."""
    unit = await repository.unit(tx, employer_no)
    try:
        check_may_declare(unit)
    except Refusal as refusal:
        return OnlineDeclaration(unit.insurances if unit else (), refusal)
    return OnlineDeclaration(unit.insurances if unit else (), None)
