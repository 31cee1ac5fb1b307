"""What the bank accounts' API takes and answers. Account numbers are masked."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from servicekit.forms import Form
from servicekit.personal import BankAccountStr

Text100 = Annotated[str, StringConstraints(min_length=2, max_length=100)]


class BankAccountForm(Form):
    """The account as it should be."""

    branch_code: Annotated[str, StringConstraints(min_length=1, max_length=20)] = Field(title="开户行联行号")
    account_name: Text100 = Field(title="户名")
    account_number: BankAccountStr = Field(title="账号")


class BankAccountOut(BaseModel):
    """An account of the unit."""

    model_config = ConfigDict(from_attributes=True)

    number: int = Field(description="第几个账户，从1起；也是修改时的版本")
    branch_code: str
    branch_name: str
    bank_class_name: str
    account_name: str
    account_number_masked: str
    since: datetime
    until: datetime | None = Field(description="null：现用账户")
