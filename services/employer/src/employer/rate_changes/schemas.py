"""What the API of rates and limits takes and answers. Shares are fractions of the base, amounts yuan."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.values.month import Month
from employer.rate_changes.rules import Decision, Status, Subject
from servicekit.forms import Form

Share = Annotated[Decimal, Field(ge=0, le=1, max_digits=6, decimal_places=5)]
Amount = Annotated[Decimal, Field(ge=0, max_digits=10, decimal_places=2)]
Source = Annotated[str, StringConstraints(min_length=2, max_length=200)]
Rounding = Literal[0, 1, 2]
ROUNDING_NAMES: dict[int, str] = {2: "四舍五入到分", 1: "四舍五入到角", 0: "四舍五入到元"}


class RateForm(Form):
    """A rate that is to hold."""

    insurance: Annotated[str, StringConstraints(pattern="^[0-9]{3}$")] = Field(title="险种类型")
    employer_kind: Annotated[str, StringConstraints(pattern="^[0-9]{2}$")] = Field(title="单位类型")
    first_month: Month = Field(title="执行起始月")
    last_month: Month | None = Field(None, title="执行截止月", description="空：长期；原费率在其后继续执行")
    employer_rate: Share = Field(title="单位费率", description="0.085 即 8.5%")
    own_rate: Share = Field(title="个人费率")
    employer_fixed: Amount = Field(Decimal("0.00"), title="单位定额（元/月）")
    own_fixed: Amount = Field(Decimal("0.00"), title="个人定额（元/月）")
    rounding: Rounding = Field(2, title="取整", description="保留小数位数：2 到分，1 到角，0 到元")
    source: Source = Field(title="依据", description="文件名称和文号")


class LimitsForm(Form):
    """Limits of the base that are to hold in a year."""

    year: Annotated[int, Field(ge=2000, le=2999)] = Field(title="年度")
    lower: Annotated[Decimal, Field(gt=0, max_digits=10, decimal_places=2)] = Field(title="缴费基数下限")
    upper: Annotated[Decimal, Field(gt=0, max_digits=10, decimal_places=2)] = Field(title="缴费基数上限")
    source: Source = Field(title="依据", description="文件名称和文号")


class DecisionForm(Form):
    """What becomes of a proposal."""

    decision: Decision
    reason: Annotated[str, StringConstraints(max_length=200)] | None = Field(None, title="审批意见")


class RateOut(BaseModel):
    """A rate and when it holds."""

    insurance: str
    insurance_name: str
    employer_kind: str
    employer_kind_name: str
    first_month: Month
    last_month: Month | None
    employer_rate: Decimal
    own_rate: Decimal
    employer_fixed: Decimal
    own_fixed: Decimal
    rounding: int
    rounding_name: str
    source: str


class LimitsOut(BaseModel):
    """Limits of the base in a year."""

    model_config = ConfigDict(from_attributes=True)

    year: int
    lower: Decimal
    upper: Decimal
    source: str


class RateTableOut(BaseModel):
    """All rates and limits, past, present and to come."""

    rates: list[RateOut]
    limits: list[LimitsOut]
    newest_assessed: Month | None = Field(description="最近核定的费款所属期；调整只能从其后开始")


class RateChangeOut(BaseModel):
    """A proposal and what became of it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    subject: Subject = Field(description="rate 费率，limits 缴费基数上下限")
    insurance: str | None
    employer_kind: str | None
    first_month: Month | None
    last_month: Month | None
    employer_rate: Decimal | None
    own_rate: Decimal | None
    employer_fixed: Decimal | None
    own_fixed: Decimal | None
    rounding: int | None
    year: int | None
    lower: Decimal | None
    upper: Decimal | None
    source: str
    status: Status
    proposed_by: UUID
    proposed_by_name: str
    proposed_at: datetime
    decided_by_name: str | None
    decided_at: datetime | None
    reason: str | None
    version: int
