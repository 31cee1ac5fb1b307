"""Mandate use cases: granting and removing. Inviting and accepting build on these."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.identity import MandateGranted, MandateRemoved, Permission
from identity.mandates import repository
from identity.mandates.models import Mandate
from servicekit import audit, outbox
from servicekit.auth import Principal
from servicekit.db.tx import clock_of
from servicekit.ids import uuid7
from servicekit.refusals import NotFound


async def grant(
    tx: AsyncSession,
    by: Principal | None,
    account_id: UUID,
    employer_no: str,
    permissions: Sequence[Permission],
) -> None:
    """Lets an account act for a unit. A mandate that is there already stays as it is."""
    mandate = Mandate(
        id=uuid7(),
        account_id=account_id,
        employer_no=employer_no,
        permissions=list(permissions),
        granted_at=clock_of(tx).now(),
    )
    if not await repository.put(tx, mandate):
        return
    facts = {"permissions": list(permissions)}
    await audit.record(tx, by, "mandate.granted", str(account_id), chain=employer_no, facts=facts)
    news = MandateGranted(
        mandate_id=mandate.id, account_id=account_id, employer_no=employer_no, permissions=tuple(permissions)
    )
    await outbox.add(tx, news)


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
