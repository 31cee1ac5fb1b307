"""What the account page sends and gets."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.identity import AccountKind
from identity.accounts.schemas import Password
from servicekit.forms import Form
from servicekit.personal import MobileStr


class SecondFactorOut(BaseModel):
    """A dynamic code in use."""

    since: datetime
    recovery_codes_left: int


class PasswordPolicyOut(BaseModel):
    """What is asked of a new password; `classes` of 大写字母, 小写字母, 数字, 符号."""

    shortest: int
    shortest_with_second_factor: int
    classes: int
    days: int | None


class ProfileOut(BaseModel):
    """The own account."""

    id: UUID
    kind: AccountKind
    username: str
    display_name: str
    id_number_masked: str | None
    mobile_masked: str | None
    created_at: datetime
    password_changed_at: datetime
    second_factor: SecondFactorOut | None
    second_factor_needed: bool
    password_policy: PasswordPolicyOut


class PasswordChange(Form):
    """A new password. Without the old one the session has to be raised."""

    old_password: Password | None = Field(default=None, title="原密码", repr=False)
    password: Password = Field(title="新密码", repr=False)


class MobileCodeForm(Form):
    """Where to send a code."""

    mobile: MobileStr = Field(title="新手机号码")


class MobileChange(Form):
    """The new mobile and the code that was sent to it."""

    mobile: MobileStr = Field(title="新手机号码")
    sms_code: str = Field(min_length=1, max_length=20, title="短信验证码")


class EnrolmentOut(BaseModel):
    """What the authenticator app is told: as a QR code (an image as a data URI), or typed in."""

    secret: str
    uri: str
    qr: str


class EnrolmentForm(Form):
    """A code of the new secret."""

    code: str = Field(min_length=1, max_length=20, title="动态口令", repr=False)


class RecoveryCodesOut(BaseModel):
    """Shown this once."""

    recovery_codes: list[str]


class LogRow(BaseModel):
    """A row of the own security log."""

    at: datetime
    action: str
    title: str
    detail: str
