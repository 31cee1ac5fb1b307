"""Use cases of kinds of employer. None of them commits."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from employer.kinds import repository, rules
from employer.kinds.schemas import KindOut
from servicekit import audit, jobs
from servicekit.auth.principals import Operator
from servicekit.etag import check_version

ANNOUNCE = "announce_kind"
"""Kind of the job that tells of every unit of a kind that its facts have changed."""
_AN_OPERATOR = "经办管理员"


async def every(tx: AsyncSession) -> list[KindOut]:
    """All kinds."""
    return [KindOut.of(kind, units) for kind, units in await repository.every(tx)]


async def set_online_declaration(
    tx: AsyncSession, operator: Operator, code: str, *, allowed: bool, seen_version: int, now: datetime
) -> KindOut:
    """Lets the units of a kind declare online, or no longer. A worker tells the other services of each unit.

    Raises:
        KindNotFound, Stale, StillAnnouncing.
    """
    kind = await repository.lock(tx, code)
    if kind is None:
        raise rules.KindNotFound
    check_version(kind.version, seen_version)
    units = await repository.count_units(tx, code)
    if kind.online_declaration == allowed:
        return KindOut.of(kind, units)
    rules.check_idle(announcing=await repository.is_announcing(tx, ANNOUNCE, code))
    kind.online_declaration = allowed
    kind.changed_by_name, kind.changed_at = operator.display_name or _AN_OPERATOR, now
    kind.version += 1
    await tx.flush()
    await jobs.enqueue(tx, kind=ANNOUNCE, payload={"code": code}, requested_by=operator.account_id, total=units)
    facts = {"online_declaration": allowed, "units": units}
    await audit.record(tx, operator, "employer_kind.changed", code, chain="agency", facts=facts)
    return KindOut.of(kind, units)
