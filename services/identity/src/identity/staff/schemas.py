"""What the pages of the agency send and get about its staff."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from identity.accounts.schemas import Password
from servicekit.forms import Form
from servicekit.personal import MobileStr


class StaffForm(Form):
    """A new member of the staff. The mobile is for a forgotten password."""

    username: str = Field(min_length=1, max_length=64, title="用户名")
    display_name: str = Field(min_length=1, max_length=100, title="姓名")
    kind: Literal["reviewer", "operator"] = Field(title="岗位")
    mobile: MobileStr = Field(title="手机号码")


class StaffOut(BaseModel):
    """A member of the staff. `waiting`: the password has not been set yet."""

    id: UUID
    username: str
    display_name: str
    kind: Literal["reviewer", "operator"]
    mobile_masked: str | None
    status: Literal["waiting", "open", "closed"]
    second_factor: bool
    created_at: datetime
    closed_at: datetime | None


class OpeningCodeOut(BaseModel):
    """The one-time code, shown this once."""

    username: str
    code: str
    expires_at: datetime


class BeginForm(Form):
    """The one-time code, and the password it lets its owner set."""

    username: str = Field(min_length=1, max_length=64, title="用户名")
    code: str = Field(min_length=1, max_length=64, title="开通码", repr=False)
    password: Password = Field(title="密码", repr=False)
