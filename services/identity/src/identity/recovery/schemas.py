"""What the page for a forgotten password sends."""

from pydantic import Field

from identity.accounts.schemas import Password
from servicekit.forms import Form
from servicekit.personal import MobileStr


class ResetCodeForm(Form):
    """Whose password, and the mobile that the account has."""

    username: str = Field(min_length=1, max_length=64, title="用户名")
    mobile: MobileStr = Field(title="手机号码")


class ResetForm(ResetCodeForm):
    """The code that was sent, and the new password."""

    sms_code: str = Field(min_length=1, max_length=20, title="短信验证码")
    totp_code: str | None = Field(default=None, min_length=1, max_length=20, title="动态口令", repr=False)
    password: Password = Field(title="新密码", repr=False)
