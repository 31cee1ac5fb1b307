"""Invitations over HTTP: the unit's side for its legal representative, the other side for agents."""

from uuid import UUID

from fastapi import APIRouter

from identity.invitations import service
from identity.invitations.schemas import InvitationForm, InvitationOut, ReceivedInvitationOut
from servicekit.auth import RepresentingClerk, SignedInAgent
from servicekit.clock import Now
from servicekit.db.tx import Tx
from servicekit.idempotency import Once
from servicekit.paging import Listing, Page

router = APIRouter(prefix="/invitations", tags=["invitations"])


@router.post("", status_code=201)
async def invite(form: InvitationForm, clerk: RepresentingClerk, tx: Tx, once: Once, now: Now) -> InvitationOut:
    """Invites an agent by username or mobile; the answer is the same whether or not there is such an account.

    Wants a raised session. The invitation lasts seven days.
    """

    async def act() -> InvitationOut:
        return InvitationOut.of(await service.invite(tx, clerk, form, now=now), now=now)

    return await once(form, InvitationOut, act)


@router.get("")
async def invitations(clerk: RepresentingClerk, tx: Tx, page: Page, now: Now) -> Listing[InvitationOut]:
    """The invitations of the unit, the newest first."""
    found, total = await service.invitations(tx, clerk, offset=page.offset, limit=page.limit)
    return Listing(items=[InvitationOut.of(each, now=now) for each in found], total=total)


@router.delete("/{invitation_id}", status_code=204)
async def withdraw(invitation_id: UUID, clerk: RepresentingClerk, tx: Tx, now: Now) -> None:
    """Takes an invitation back."""
    await service.withdraw(tx, clerk, invitation_id, now=now)


@router.get("/mine")
async def received(who: SignedInAgent, tx: Tx, page: Page, now: Now) -> Listing[ReceivedInvitationOut]:
    """The invitations that the signed-in agent can answer."""
    found, total = await service.received(tx, who, now=now, offset=page.offset, limit=page.limit)
    return Listing(items=[ReceivedInvitationOut.of(each) for each in found], total=total)


@router.post("/{invitation_id}/acceptance")
async def accept(invitation_id: UUID, who: SignedInAgent, tx: Tx, now: Now) -> ReceivedInvitationOut:
    """The signed-in agent serves the unit from now on, with the permissions of the invitation."""
    return ReceivedInvitationOut.of(await service.accept(tx, who, invitation_id, now=now))


@router.post("/{invitation_id}/refusal", status_code=204)
async def refuse(invitation_id: UUID, who: SignedInAgent, tx: Tx, now: Now) -> None:
    """The signed-in agent doesn't want to serve the unit."""
    await service.refuse(tx, who, invitation_id, now=now)
