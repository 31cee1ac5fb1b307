"""What the registration pages send and get."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from identity.accounts.schemas import Password
from servicekit.forms import Form
from servicekit.personal import IdNumberStr, MobileStr


class UnitCheckForm(Form):
    """Step 1: the unit."""

    uscc: str = Field(min_length=1, max_length=40, title="统一社会信用代码")
    unit_name: str = Field(min_length=1, max_length=100, title="单位名称")


class UnitFound(BaseModel):
    """A unit of the code."""

    employer_no: str
    name: str


class UnitCheckOut(BaseModel):
    """The unit as the register has it."""

    uscc: str
    unit_name: str
    virtual: bool
    units: list[UnitFound]


class SmsCodeForm(Form):
    """Asks for a code by text message."""

    mobile: MobileStr = Field(title="手机号码")
    purpose: Literal["registration"] = Field(title="用途")


class SmsCodeSent(BaseModel):
    """Seconds."""

    expires_in: int
    retry_after: int


class RegisteringPerson(Form):
    """Step 2: the person."""

    name: str = Field(min_length=1, max_length=100, title="姓名")
    id_number: IdNumberStr = Field(title="身份证号码")
    mobile: MobileStr = Field(title="手机号码")
    sms_code: str = Field(min_length=1, max_length=20, title="短信验证码")


class RegistrationForm(Form):
    """All steps together. A person (个人) registers without a unit."""

    kind: Literal["legal_representative", "agent", "person"] = Field(title="账号类型")
    uscc: str | None = Field(default=None, min_length=1, max_length=40, title="统一社会信用代码")
    unit_name: str | None = Field(default=None, min_length=1, max_length=100, title="单位名称")
    person: RegisteringPerson
    username: str = Field(min_length=1, max_length=64, title="用户名")
    password: Password = Field(title="密码", repr=False)


class RegistrationOut(BaseModel):
    """The new account."""

    account_id: UUID
    username: str


class InboxForm(Form):
    """Whose text messages to show. Demo only."""

    mobile: MobileStr = Field(title="手机号码")


class InboxMessage(BaseModel):
    """A text message of the demo."""

    text: str
    code: str | None
    sent_at: datetime


class InboxOut(BaseModel):
    """The text messages that a demo mobile would have got, newest first."""

    messages: list[InboxMessage]
