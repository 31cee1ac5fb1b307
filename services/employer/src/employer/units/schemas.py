"""What the units' API takes and answers."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from contracts.values.month import Month
from employer.bank_accounts.schemas import BankAccountOut
from servicekit.forms import Day, Form
from servicekit.personal import IdNumberStr, MobileStr

Text50 = Annotated[str, StringConstraints(min_length=2, max_length=50)]
Text100 = Annotated[str, StringConstraints(min_length=2, max_length=100)]
Text200 = Annotated[str, StringConstraints(min_length=1, max_length=200)]
PostalCode = Annotated[str, StringConstraints(pattern=re.compile(r"^[0-9]{6}$"))]
Email = Annotated[str, StringConstraints(max_length=100, pattern=re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$"))]


class ContactForm(Form):
    """单位联系信息."""

    legal_representative: Text50 = Field(description="法人姓名")
    legal_representative_id: IdNumberStr | None = Field(None, description="法人证件号码")
    legal_representative_phone: MobileStr = Field(description="法人电话")
    contact: Text50 = Field(description="联系人")
    contact_phone: MobileStr = Field(description="联系电话")
    contact_mobile: MobileStr | None = Field(None, description="联系人手机")
    email: Email | None = Field(None, description="电子邮箱")
    address: Text200 = Field(description="通讯地址")
    postal_code: PostalCode | None = Field(None, description="邮政编码")


class RegistrationForm(Form):
    """单位注册信息."""

    registration_no: Annotated[str, StringConstraints(max_length=40)] | None = Field(None, description="注册号")
    address: Text200 = Field(description="注册地址")
    capital: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)] | None = Field(
        None, description="注册资本（元）"
    )
    approved_on: Day | None = Field(None, description="批准成立日期")
    issued_by: Text100 | None = Field(None, description="发证机关")
    term_from: Day | None = Field(None, description="营业期限起")
    term_to: Day | None = Field(None, description="营业期限止；空为长期")
    business_scope: Annotated[str, StringConstraints(max_length=2000)] | None = Field(None, description="经营范围")


class OpenEmployerForm(Form):
    """What the agency enters to open an insured unit."""

    employer_no: Annotated[str, StringConstraints(max_length=40)] = Field(description="单位编号")
    uscc: Annotated[str, StringConstraints(max_length=40)] = Field(description="统一社会信用代码，或虚拟单位代码")
    name: Text100 = Field(description="单位名称")
    kind: Annotated[str, StringConstraints(max_length=2)] = Field(description="单位类型")
    affiliation: Annotated[str, StringConstraints(max_length=40)] | None = Field(None, description="隶属关系")
    industry: Annotated[str, StringConstraints(max_length=60)] | None = Field(None, description="行业")
    insured_since: Day = Field(description="参保日期")
    billed_from: Month | None = Field(None, description="本系统核定的首个费款所属期；缺省为当月")
    contact: ContactForm
    registration: RegistrationForm


class InsuranceOut(BaseModel):
    """An insurance type (险种类型)."""

    code: str
    name: str


class PaymentOut(BaseModel):
    """缴费状态: of the newest month assessed, and what is open over all months."""

    month: Month | None = Field(description="null: nothing was assessed yet")
    status: Literal["0", "1", "2"] | None
    status_name: str | None
    outstanding: Decimal = Field(description="owed and not received, yuan, over all months")
    unpaid_months: int = Field(description="of how many months something is owed; also when the newest one is paid")
    unpaid_since: Month | None = Field(description="the oldest of them")


class EmployerOut(BaseModel):
    """A unit in the agency's list."""

    employer_no: str
    name: str
    uscc: str
    kind: str
    kind_name: str
    virtual: bool
    status: Literal["open", "closed"]
    online_declaration: bool


class BasicOut(EmployerOut):
    """单位基本信息."""

    affiliation: str | None
    industry: str | None
    insured_since: date
    insurances: list[InsuranceOut]
    insured_people: int
    payment: PaymentOut
    bank_account: BankAccountOut | None = Field(description="开户行、户名与账号（隐去）；null：尚未登记")


class ContactOut(BaseModel):
    """单位联系信息, personal values masked."""

    legal_representative: str
    legal_representative_id_type: str | None
    legal_representative_id_masked: str | None
    legal_representative_phone_masked: str
    contact: str
    contact_phone_masked: str
    contact_mobile_masked: str | None
    email: str | None
    address: str
    postal_code: str | None
    version: int


class RegistrationOut(BaseModel):
    """单位注册信息."""

    registration_no: str | None
    address: str
    capital: Decimal | None
    approved_on: date | None
    issued_by: str | None
    term_from: date | None
    term_to: date | None
    business_scope: str | None


class UnitOut(BaseModel):
    """All three tabs of a unit's data."""

    basic: BasicOut
    contact: ContactOut
    registration: RegistrationOut
