"""What the cost preview takes and answers. Amounts are yuan, as decimal strings."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from contracts.values.month import Month
from employer.previews.rules import Clamp, MonthCost
from servicekit.forms import Form

MOST_MONTHS = 12


class CostPreviewForm(Form):
    """A wage and the months it would be declared for."""

    months: Annotated[list[Month], Field(min_length=1, max_length=MOST_MONTHS, title="费款所属期")]
    monthly_wage: Annotated[Decimal, Field(ge=Decimal("0.01"), max_digits=11, decimal_places=2, title="月缴费工资")]
    person_category: Annotated[str, StringConstraints(pattern="^[0-9]{4}$")] = Field(
        default="1101", title="人员类别", description="退休人员不缴费"
    )


class CostLineOut(BaseModel):
    """One insurance type in one month."""

    insurance: str
    insurance_name: str
    employer_amount: Decimal
    own_amount: Decimal


class MonthCostOut(BaseModel):
    """What one month costs."""

    month: Month
    base: Decimal = Field(title="缴费基数")
    clamped: Clamp | None = Field(title="按上下限取值", description="lower：低于下限，upper：高于上限")
    lower: Decimal = Field(title="缴费基数下限")
    upper: Decimal = Field(title="缴费基数上限")
    lines: list[CostLineOut]
    employer_amount: Decimal = Field(title="单位缴纳合计")
    own_amount: Decimal = Field(title="个人缴纳合计")
    amount_total: Decimal = Field(title="合计")

    @classmethod
    def of(cls, cost: MonthCost, names: dict[str, str]) -> "MonthCostOut":
        """From a month's cost."""
        return cls(
            month=cost.month,
            base=cost.base,
            clamped=cost.clamped,
            lower=cost.limits.lower,
            upper=cost.limits.upper,
            lines=[
                CostLineOut(
                    insurance=code,
                    insurance_name=names.get(code, code),
                    employer_amount=line.employer,
                    own_amount=line.own,
                )
                for code, line in cost.lines.items()
            ],
            employer_amount=cost.employer,
            own_amount=cost.own,
            amount_total=cost.employer + cost.own,
        )


class CostPreviewOut(BaseModel):
    """What a declaration will cost per month."""

    monthly_wage: Decimal
    exempt: bool = Field(title="不缴费", description="该人员类别不缴费，仍享受待遇")
    months: list[MonthCostOut]
