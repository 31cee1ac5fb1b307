"""What actors look like outside."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from contracts.identity import AccountKind
from servicekit.forms import Form


class ActorSearch(Form):
    """Accounts by id or by username."""

    ids: Annotated[list[UUID], Field(default_factory=list, max_length=200)]
    username: Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")] | None = None


class ActorOut(BaseModel):
    """Somebody who did something. Names are those of the staff only; everybody else goes by the username."""

    account_id: UUID
    kind: AccountKind
    username: str
    display_name: str | None
