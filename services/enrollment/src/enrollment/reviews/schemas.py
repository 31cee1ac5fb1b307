"""The review desk's forms and answers."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, field_validator

from contracts.values.month import Month
from enrollment.applications.rules import Level, Status
from enrollment.applications.schemas import ApplicationDetail, ApplicationOut, ApplicationSearch, Short, shown
from enrollment.reviews.models import ReviewClaim
from servicekit.forms import Form

MOST_AT_ONCE = 200


class ReviewSearch(ApplicationSearch):
    """The queue's filters. `name` is the person's here."""

    name: Short = Field(default=None, title="姓名", description="姓名或其中连续的几个字")
    employer: Short = Field(default=None, title="单位名称或编号")
    min_age_days: int | None = Field(default=None, ge=0, le=3650, title="等待天数", description="至少已等待的天数")
    flagged: bool | None = Field(
        default=None, title="核对结果", description="true：系统核对有提示的；false：全部通过的"
    )
    order: Literal["oldest", "newest"] | None = Field(
        default=None, title="排序", description="待审核的先后，默认先提交的在前"
    )


class ReviewRow(ApplicationOut):
    """An application as the queue shows it."""

    flag: Level | None = Field(title="核对结果", description="系统核对发现的最严重一级；空：尚未核对")
    waiting_days: int = Field(title="待审天数")
    claimed_by: str | None = Field(title="正在审核", description="现在打开着该申报的审核员；空：没有人")
    claimed_by_me: bool

    @classmethod
    def of_row(cls, row: Any, *, today: date, reviewer: UUID, claims: Mapping[str, ReviewClaim]) -> "ReviewRow":
        """From a row of the queue and who has which application open."""
        claim = claims.get(row.no)
        return cls(
            **shown(row),
            flag=row.flag,
            waiting_days=waiting_days(row, today),
            claimed_by=None if claim is None else claim.reviewer_name,
            claimed_by_me=claim is not None and claim.reviewer_id == reviewer,
        )


class ClaimOut(BaseModel):
    """Who has an application open."""

    mine: bool
    reviewer_name: str = Field(title="审核员")
    until: datetime = Field(description="届时自动失效；页面打开期间每分钟续一次")


def waiting_days(row: Any, today: date) -> int:
    """How many days an application has waited; 0 once it is decided."""
    return max(0, (today - row.submitted_on).days) if row.status == "pending" else 0


Reason = Annotated[str | None, Field(max_length=500, title="审核意见")]


class DecisionForm(Form):
    """审核结论; a rejection needs its reason."""

    decision: Literal["approve", "reject"] = Field(title="审核结论")
    reason: Reason = None


class Picked(Form):
    """One of many applications, as the reviewer saw it."""

    no: str = Field(max_length=40, title="申报流水号")
    version: int = Field(ge=1, lt=2**31, title="版本", description="列表或详情中的 version")


class ManyDecisionsForm(Form):
    """One 审核结论 for many applications."""

    decision: Literal["approve", "reject"] = Field(title="审核结论")
    reason: Reason = None
    items: list[Picked] = Field(min_length=1, max_length=MOST_AT_ONCE, title="申报")

    @field_validator("items")
    @classmethod
    def _each_once(cls, items: list[Picked]) -> list[Picked]:
        """The same application twice is decided once."""
        return list({one.no: one for one in items}.values())


Outcome = Literal["approved", "rejected", "rejected_by_rule", "not_decided"]


class DecisionOutcome(BaseModel):
    """What became of one of many."""

    no: str
    outcome: Outcome = Field(
        description="rejected_by_rule：同意审核，但复核未通过，已按不通过办结；not_decided：未办理，code 说明原因"
    )
    code: str | None = Field(description="未办理的原因：application_final, stale, own_application, not_found ...")
    detail: str | None = Field(title="说明")
    status: Status | None = Field(description="办理后的状态；未办理时为空")


class ManyDecisionsOut(BaseModel):
    """What became of each, in the order asked for."""

    items: list[DecisionOutcome]


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
    note: str | None = Field(default=None, description="两个值遮盖后看起来相同时的说明")


class ReviewDetail(ApplicationDetail):
    """An application with what an approval would change."""

    coverage_before: list[CoverOut]
    coverage_after: list[CoverOut]
    changes: list[ChangeOut]
    waiting_days: int = Field(title="待审天数")
