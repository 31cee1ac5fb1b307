"""What the operators' page sends and gets about accounts of the hall."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from identity.holders.rules import ReleaseReason
from servicekit.forms import Form
from servicekit.personal import IdNumberStr

HolderKind = Literal["legal_representative", "agent", "person"]


class HolderSearch(Form):
    """Whose account: exactly this username, or every account registered with this ID number."""

    username: str | None = Field(default=None, min_length=1, max_length=64, title="用户名")
    id_number: IdNumberStr | None = Field(default=None, title="证件号码")


class HolderOut(BaseModel):
    """An account of the hall. A released one has neither ID number nor code."""

    id: UUID
    kind: HolderKind
    username: str
    display_name: str
    id_number_masked: str | None
    mobile_masked: str | None
    uscc: str | None = Field(description="法人账号办理的统一社会信用代码")
    status: Literal["open", "closed"]
    created_at: datetime
    closed_at: datetime | None


class ReleaseForm(Form):
    """Why."""

    reason: ReleaseReason = Field(
        title="注销原因", description="not_the_owner 冒用他人身份注册，owner_asked 本人申请注销"
    )
