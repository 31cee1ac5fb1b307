"""The units an account may act for, and the agents of a unit, as pages see them."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.identity import Permission
from identity.mandates.repository import Agent, Service
from servicekit.forms import Form


class UnitOut(BaseModel):
    """A unit to choose."""

    employer_no: str
    name: str
    uscc: str
    kind: str
    permissions: list[Permission]


class PermissionsForm(Form):
    """What an agent may do for the unit."""

    permissions: list[Permission] = Field(max_length=16, title="权限")


class AgentOut(BaseModel):
    """An agent of the unit."""

    mandate_id: UUID
    username: str
    display_name: str
    mobile_masked: str | None
    permissions: list[Permission]
    granted_at: datetime

    @classmethod
    def of(cls, agent: Agent) -> "AgentOut":
        """As the unit sees them."""
        return cls(
            mandate_id=agent.mandate.id,
            username=agent.username,
            display_name=agent.display_name,
            mobile_masked=agent.mobile_masked,
            permissions=list(agent.mandate.permissions),
            granted_at=agent.mandate.granted_at,
        )


class OwnMandateOut(BaseModel):
    """A unit that the signed-in agent serves."""

    mandate_id: UUID
    employer_no: str
    unit_name: str
    uscc: str
    unit_open: bool
    permissions: list[Permission]
    granted_at: datetime

    @classmethod
    def of(cls, service: Service) -> "OwnMandateOut":
        """As the agent sees it."""
        return cls(
            mandate_id=service.mandate.id,
            employer_no=service.mandate.employer_no,
            unit_name=service.unit_name,
            uscc=service.uscc,
            unit_open=service.unit_status == "open",
            permissions=list(service.mandate.permissions),
            granted_at=service.mandate.granted_at,
        )
