"""Mandates over HTTP: the unit's agents for its legal representative, their own mandates for agents."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from identity.mandates import service
from identity.mandates.schemas import AgentOut, OwnMandateOut, PermissionsForm
from servicekit.auth import RepresentingClerk, SignedInAgent
from servicekit.clock import Now
from servicekit.db.tx import Tx
from servicekit.etag import IfMatch, etag_of
from servicekit.paging import Listing, Page

router = APIRouter(prefix="/mandates", tags=["mandates"])


@router.get("/mine")
async def own_mandates(
    who: SignedInAgent,
    tx: Tx,
    page: Page,
    q: Annotated[str, Query(max_length=100, description="单位名称或单位编号的一部分")] = "",
) -> Listing[OwnMandateOut]:
    """The units that the signed-in agent serves, also those that the register has closed."""
    found, total = await service.own_mandates(tx, who, q=q.strip(), offset=page.offset, limit=page.limit)
    return Listing(items=[OwnMandateOut.of(each) for each in found], total=total)


@router.delete("/mine/{mandate_id}", status_code=204)
async def leave(mandate_id: UUID, who: SignedInAgent, tx: Tx) -> None:
    """解除授权: the signed-in agent stops serving a unit."""
    await service.leave(tx, who, mandate_id)


@router.get("")
async def agents(
    clerk: RepresentingClerk,
    tx: Tx,
    page: Page,
    q: Annotated[str, Query(max_length=100, description="姓名或用户名的一部分")] = "",
) -> Listing[AgentOut]:
    """The agents of the unit."""
    found, total = await service.agents(tx, clerk, q=q.strip(), offset=page.offset, limit=page.limit)
    return Listing(items=[AgentOut.of(each) for each in found], total=total)


@router.get("/{mandate_id}")
async def agent(mandate_id: UUID, clerk: RepresentingClerk, tx: Tx, response: Response) -> AgentOut:
    """One agent of the unit; the ETag is wanted for changing the permissions."""
    found = await service.agent(tx, clerk, mandate_id)
    response.headers["ETag"] = etag_of(found.mandate.version)
    return AgentOut.of(found)


@router.put("/{mandate_id}")
async def change(
    mandate_id: UUID,
    form: PermissionsForm,
    clerk: RepresentingClerk,
    tx: Tx,
    seen: IfMatch,
    now: Now,
    response: Response,
) -> AgentOut:
    """Gives an agent other permissions; felt at once in open sessions. Wants a raised session."""
    changed = await service.change(tx, clerk, mandate_id, form.permissions, seen_version=seen, now=now)
    response.headers["ETag"] = etag_of(changed.mandate.version)
    return AgentOut.of(changed)


@router.delete("/{mandate_id}", status_code=204)
async def dismiss(mandate_id: UUID, clerk: RepresentingClerk, tx: Tx) -> None:
    """Removes an agent; felt at once in open sessions."""
    await service.dismiss(tx, clerk, mandate_id)
