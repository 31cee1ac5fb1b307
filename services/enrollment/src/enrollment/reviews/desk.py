"""What the desk needs of each kind of application, and where it has it from: one module per kind, of the same shape.

A new kind adds its module here, and is then checked, compared, decided by hand or automatically like the others.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from enrollment.applications.models import Application
from enrollment.applications.rules import Effect, Kind
from enrollment.reviews import additions, employer_changes, removals
from enrollment.reviews.comparison import Comparison
from enrollment.reviews.rules import Finding
from servicekit.refusals import Refusal


class NotDecidableHere(Refusal):
    code = "kind_not_decidable"
    title = "该类业务尚不能在此审核"


class KindOnDesk(Protocol):
    """One kind of application, as its module tells of it."""

    async def findings(
        self, tx: AsyncSession, application: Application, today: date, for_agency: bool
    ) -> list[Finding]:
        """What the automatic checks find in a pending application. `for_agency`: looking at other units' people too."""
        ...

    async def compare(self, tx: AsyncSession, application: Application) -> Comparison:
        """What an approval would change."""
        ...

    async def approve(self, tx: AsyncSession, application: Application, now: datetime) -> list[Effect]:
        """Does what an approval means, every rule checked again. Runs in a savepoint of its own.

        Raises:
            Refusal: any rule that no longer holds.
        """
        ...


_KINDS: Mapping[Kind, KindOnDesk] = {
    "addition": additions,
    "removal": removals,
    "employer_change": employer_changes,
}
_OF_THE_AGENCY = frozenset({"mobile_shared"})
"""Findings that tell something about other units' people."""


def is_on_desk(kind: Kind) -> bool:
    """Whether applications of a kind can be checked and decided here."""
    return kind in _KINDS


def on_desk(kind: Kind) -> KindOnDesk:
    """The module of a kind.

    Raises:
        NotDecidableHere: nobody has written one.
    """
    if kind not in _KINDS:
        raise NotDecidableHere
    return _KINDS[kind]


async def findings_for_unit(tx: AsyncSession, application: Application, *, today: date) -> list[Mapping[str, Any]]:
    """What the unit may know of the checks: those at the decision, or afresh while it is pending."""
    if application.findings is not None:
        return [finding for finding in application.findings if finding["code"] not in _OF_THE_AGENCY]
    if application.status != "pending" or not is_on_desk(application.kind):
        return []
    return [asdict(one) for one in await on_desk(application.kind).findings(tx, application, today, False)]
