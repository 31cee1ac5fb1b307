"""Mandate use cases: granting, changing, removing. Inviting and accepting build on these."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.identity import MandateChanged, MandateGranted, MandateRemoved, Permission
from identity.mandates import repository
from identity.mandates.models import Mandate
from identity.mandates.repository import Agent, Service
from identity.mandates.rules import check_permissions
from servicekit import audit, outbox
from servicekit.auth import Clerk, Principal, check_stepped_up
from servicekit.db.tx import clock_of
from servicekit.etag import check_version
from servicekit.ids import uuid7
from servicekit.refusals import NotFound


async def grant(
    tx: AsyncSession,
    by: Principal | None,
    account_id: UUID,
    employer_no: str,
    permissions: Sequence[Permission],
) -> bool:
    """Lets an account act for a unit. A mandate that is there already stays as it is; then the answer is False."""
    mandate = Mandate(
        id=uuid7(),
        account_id=account_id,
        employer_no=employer_no,
        permissions=list(permissions),
        granted_at=clock_of(tx).now(),
    )
    if not await repository.put(tx, mandate):
        return False
    facts = {"permissions": list(permissions)}
    await audit.record(tx, by, "mandate.granted", str(account_id), chain=employer_no, facts=facts)
    news = MandateGranted(
        mandate_id=mandate.id, account_id=account_id, employer_no=employer_no, permissions=tuple(permissions)
    )
    await outbox.add(tx, news)
    return True


async def agents(tx: AsyncSession, clerk: Clerk, *, q: str, offset: int, limit: int) -> tuple[list[Agent], int]:
    """A page of those who serve the clerk's unit whose name or username contains `q`, and how many there are."""
    return await repository.agents_of(tx, clerk.employer_no, q=q, offset=offset, limit=limit)


async def own_mandates(
    tx: AsyncSession, who: Principal, *, q: str, offset: int, limit: int
) -> tuple[list[Service], int]:
    """A page of the units that an agent serves whose name or number contains `q`, and how many there are."""
    return await repository.services_of(tx, who.account_id, q=q, offset=offset, limit=limit)


async def agent(tx: AsyncSession, clerk: Clerk, mandate_id: UUID) -> Agent:
    """One who serves the clerk's unit.

    Raises:
        NotFound: nobody does under this mandate.
    """
    return _found(await repository.agent(tx, clerk.employer_no, mandate_id))


def _found(agent: Agent | None) -> Agent:
    if agent is None:
        raise NotFound("该经办人已不在本单位，请刷新后再看。")
    return agent


async def change(
    tx: AsyncSession,
    clerk: Clerk,
    mandate_id: UUID,
    permissions: Sequence[Permission],
    *,
    seen_version: int,
    now: datetime,
) -> Agent:
    """Gives an agent of the unit other permissions. Open sessions feel it as soon as the gateways hear of it.

    Raises:
        StepUpRequired: appointing agents wants the password once more.
        InvalidFields: no permission at all.
        NotFound, Stale: the agent is gone, or was changed by somebody else meanwhile.
    """
    check_stepped_up(clerk, now=now)
    wanted = check_permissions(permissions, held=clerk.permissions)
    agent = _found(await repository.agent(tx, clerk.employer_no, mandate_id, lock=True))
    mandate = agent.mandate
    check_version(mandate.version, seen_version)
    before = list(mandate.permissions)
    if before == list(wanted):
        return agent
    mandate.permissions = list(wanted)
    mandate.version += 1
    facts = {"mandate_id": mandate.id, "before": before, "after": list(wanted)}
    await audit.record(tx, clerk, "mandate.changed", str(mandate.account_id), chain=mandate.employer_no, facts=facts)
    news = MandateChanged(
        mandate_id=mandate.id, account_id=mandate.account_id, employer_no=mandate.employer_no, permissions=wanted
    )
    await outbox.add(tx, news)
    return agent


async def dismiss(tx: AsyncSession, clerk: Clerk, mandate_id: UUID) -> None:
    """The unit removes an agent.

    Raises:
        NotFound: the agent serves the unit no longer.
    """
    agent = _found(await repository.agent(tx, clerk.employer_no, mandate_id))
    await remove(tx, clerk, agent.mandate.account_id, clerk.employer_no)


async def leave(tx: AsyncSession, who: Principal, mandate_id: UUID) -> None:
    """An agent gives a mandate back.

    Raises:
        NotFound: it is not theirs, or has ended.
    """
    employer_no = await repository.unit_served_by(tx, who.account_id, mandate_id)
    if employer_no is None:
        raise NotFound("该授权不存在或已经解除。")
    await remove(tx, who, who.account_id, employer_no)


async def remove(tx: AsyncSession, by: Principal | None, account_id: UUID, employer_no: str) -> None:
    """Ends an account's mandate for a unit; open sessions feel it as soon as the gateways hear of it.

    Raises:
        NotFound: the account has no mandate for the unit.
    """
    mandate_id = await repository.end(tx, account_id, employer_no, clock_of(tx).now())
    if mandate_id is None:
        raise NotFound("该账号没有本单位的授权")
    await audit.record(tx, by, "mandate.removed", str(account_id), chain=employer_no)
    await outbox.add(tx, MandateRemoved(mandate_id=mandate_id, account_id=account_id, employer_no=employer_no))
