"""What pages send and get of API keys."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.identity import Permission
from identity.api_keys.models import ApiKey
from identity.api_keys.rules import State, state_at
from servicekit.forms import Day, Form


class ApiKeyForm(Form):
    """A new key. `expires_on` is the last day on which it works."""

    name: str = Field(min_length=1, max_length=50, title="密钥名称")
    permissions: list[Permission] = Field(max_length=16, title="权限")
    expires_on: Day = Field(title="有效期至")
    requests_per_minute: int = Field(default=120, ge=1, le=6000, title="每分钟请求数上限")


class ApiKeyOut(BaseModel):
    """A key without its secret. `shown_part` is how it begins."""

    id: UUID
    name: str
    shown_part: str
    permissions: list[Permission]
    requests_per_minute: int
    state: State
    issued_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey, *, now: datetime) -> "ApiKeyOut":
        """As it stands now."""
        return cls(
            id=key.id,
            name=key.name,
            shown_part=key.shown_part,
            permissions=list(key.permissions),
            requests_per_minute=key.requests_per_minute,
            state=state_at(revoked_at=key.revoked_at, expires_at=key.expires_at, now=now),
            issued_at=key.issued_at,
            expires_at=key.expires_at,
            last_used_at=key.last_used_at,
            revoked_at=key.revoked_at,
        )


class ApiKeyIssued(ApiKeyOut):
    """The new key. `key` is in the first answer only: a repeated request gets everything but the secret."""

    key: str | None = Field(default=None, repr=False)
