"""What login pages, the gateway and report workers send and get."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from contracts.identity import AccountKind, Permission
from identity.accounts.schemas import Password
from identity.sessions.rules import LoginMode
from servicekit.forms import Form


class LoginForm(Form):
    """Username and password, at one of the entrances."""

    mode: LoginMode = Field(title="登录方式")
    username: str = Field(min_length=1, max_length=64, title="用户名")
    password: Password = Field(title="密码", repr=False)
    totp_code: str | None = Field(default=None, min_length=1, max_length=20, title="动态口令", repr=False)
    """Of the authenticator app, or a recovery code. Left out at first: the answer says when it is needed."""


class UnitChoice(Form):
    """The unit to work for."""

    employer_no: str = Field(min_length=1, max_length=20, title="单位编号")


class StepUpForm(Form):
    """The password once more, or a dynamic code."""

    password: Password | None = Field(default=None, title="密码", repr=False)
    totp_code: str | None = Field(default=None, min_length=1, max_length=20, title="动态口令", repr=False)

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.password is None) == (self.totp_code is None):
            raise ValueError("请填写登录密码或动态口令中的一项")
        return self


class AccountOut(BaseModel):
    """Who is signed in."""

    id: UUID
    kind: AccountKind
    username: str
    display_name: str
    second_factor: bool
    """Whether the account has a dynamic code."""


class SessionOut(BaseModel):
    """The session as pages see it. `idle_seconds`: how long it lasts without a request; `step_up_until`: how long the
    password counts as just shown."""

    account: AccountOut
    employer_no: str | None
    unit_name: str | None
    permissions: list[Permission]
    expires_at: datetime
    idle_seconds: int
    step_up_until: datetime | None
    limited_to: Literal["second_factor", "password"] | None
    """What has to be set before the session opens anything else."""


class OwnSessionOut(BaseModel):
    """One of the own sessions."""

    id: UUID
    device: str
    place: str
    started_at: datetime
    last_seen_at: datetime
    current: bool


class SessionsEnded(BaseModel):
    """How many sessions were ended."""

    ended: int


class SwapForm(Form):
    """A session's cookie or an API key, of whatever form people put there: what isn't one of ours is just unknown."""

    session: str | None = Field(default=None, repr=False)
    api_key: str | None = Field(default=None, repr=False)


class SwapOut(BaseModel):
    """The token, and what the gateway needs to know to forget it in time."""

    token: str
    expires_in: int
    session_id: str
    """The session's id, or the API key's."""
    account_id: UUID
    employer_no: str | None
    requests_per_minute: int | None = None
    """Of an API key: how many the gateways let through together."""


class PortionForm(Form):
    """The API key whose requests are to be let through."""

    key_id: UUID


class PortionOut(BaseModel):
    """How many requests may pass. None left: so many seconds until one is."""

    requests: int
    retry_after: int


class DelegationForm(Form):
    """Whose authority a worker wants to read under."""

    account_id: UUID
    employer_no: str | None = Field(default=None, min_length=1, max_length=20)
    """None: an insured person's own."""
    permission: Literal["print", "query"]


class DelegationOut(BaseModel):
    """A token for `/internal` of the other services."""

    token: str
    expires_in: int
