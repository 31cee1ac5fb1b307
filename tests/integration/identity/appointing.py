"""What the tests of agents, invitations and keys share: a legal representative with a raised session, and agents."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from contracts.identity import Permission
from identity.mandates import service as mandates
from servicekit import audit
from servicekit.db.tx import Scope, begin
from tests.integration.identity.entrance import PASSWORD, UNIT, Visitor, registered
from tests.support.harness import ServiceHarness

AGENT_MOBILE = "13805740077"


async def representative(hall: ServiceHarness, *, raised: bool = True, unit: str = UNIT) -> Visitor:
    """The first employer's legal representative, registered, signed in, with a unit."""
    await registered(hall)
    return await signed_in_again(hall, raised=raised, unit=unit)


async def signed_in_again(hall: ServiceHarness, *, raised: bool = True, unit: str = UNIT) -> Visitor:
    """The same person in another browser."""
    visitor = await Visitor(hall).signed_in("legal_representative", "yongjiang")
    assert (await visitor.choose(unit)).status_code == 200
    if raised:
        await visitor.post("/sessions/current/step-up", {"password": PASSWORD})
    return visitor


async def agent(
    hall: ServiceHarness, username: str = "jingban77", mobile: str = AGENT_MOBILE, name: str = "林知夏"
) -> tuple[UUID, Visitor]:
    """A registered agent who serves nobody, signed in."""
    account_id = await registered(hall, kind="agent", username=username, person_mobile=mobile, person_name=name)
    return account_id, await Visitor(hall).signed_in("agent", username)


async def grant(hall: ServiceHarness, account_id: UUID, employer_no: str, *permissions: Permission) -> None:
    """A mandate, however it came about."""
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        assert await mandates.grant(tx, None, account_id, employer_no, permissions)


async def audit_of(hall: ServiceHarness, chain: str) -> list[tuple[str, dict[str, Any]]]:
    """Actions and facts of a chain, in order; the chain itself is whole."""
    log = audit.AUDIT_LOG
    async with begin(hall.runtime, scope=Scope.system()) as tx:
        assert await audit.verify(tx, chain) is None
        rows = await tx.execute(select(log.c.action, log.c.facts).where(log.c.chain == chain).order_by(log.c.position))
        return [(row.action, row.facts) for row in rows]
