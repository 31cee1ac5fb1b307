"""What pages send and get of invitations."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.identity import Permission
from identity.invitations.models import Invitation
from identity.invitations.repository import Received
from identity.invitations.rules import Status, status_at
from servicekit.forms import Form
from servicekit.personal import MobileStr


class InvitationForm(Form):
    """Whom to invite: by username or by mobile, one of the two."""

    username: str | None = Field(default=None, max_length=64, title="用户名")
    mobile: MobileStr | None = Field(default=None, title="手机号码")
    permissions: list[Permission] = Field(max_length=16, title="权限")


class InvitationOut(BaseModel):
    """An invitation as the unit sees it."""

    id: UUID
    username: str | None
    mobile_masked: str | None
    permissions: list[Permission]
    status: Status
    invited_at: datetime
    expires_at: datetime
    answered_at: datetime | None

    @classmethod
    def of(cls, invitation: Invitation, *, now: datetime) -> "InvitationOut":
        """As it stands now."""
        return cls(
            id=invitation.id,
            username=invitation.username,
            mobile_masked=invitation.mobile_masked,
            permissions=list(invitation.permissions),
            status=status_at(invitation.status, expires_at=invitation.expires_at, now=now),
            invited_at=invitation.invited_at,
            expires_at=invitation.expires_at,
            answered_at=invitation.answered_at,
        )


class ReceivedInvitationOut(BaseModel):
    """An invitation as the invited agent sees it."""

    id: UUID
    employer_no: str
    unit_name: str
    uscc: str
    permissions: list[Permission]
    invited_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, received: Received) -> "ReceivedInvitationOut":
        """With the unit it comes from."""
        invitation = received.invitation
        return cls(
            id=invitation.id,
            employer_no=invitation.employer_no,
            unit_name=received.unit_name,
            uscc=received.uscc,
            permissions=list(invitation.permissions),
            invited_at=invitation.invited_at,
            expires_at=invitation.expires_at,
        )
