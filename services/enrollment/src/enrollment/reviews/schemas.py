"""The review desk's forms and answers."""

from typing import Literal

from pydantic import BaseModel, Field

from contracts.values.month import Month
from enrollment.applications.schemas import ApplicationDetail, ApplicationSearch, Short
from servicekit.forms import Form


class ReviewSearch(ApplicationSearch):
    """The queue's filters."""

    employer_name: Short = Field(default=None, title="单位名称")


class DecisionForm(Form):
    """审核结论; a rejection needs its reason."""

    decision: Literal["approve", "reject"] = Field(title="审核结论")
    reason: str | None = Field(default=None, max_length=500, title="审核意见")


class CoverOut(BaseModel):
    """One coverage in a before/after view."""

    insurance: str
    insurance_name: str
    holder_name: str = Field(title="参保主体")
    start_month: Month
    stop_month: Month | None


class ChangeOut(BaseModel):
    """One field of a person that an approval would change. Identity and mobile numbers are masked."""

    field: str
    title: str
    before: str | None
    after: str | None


class ReviewDetail(ApplicationDetail):
    """An application with what an approval would change."""

    coverage_before: list[CoverOut]
    coverage_after: list[CoverOut]
    changes: list[ChangeOut]
    waiting_days: int = Field(title="待审天数")
