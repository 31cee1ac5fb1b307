"""Notices as pages show them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field
from pydantic_core import PydanticKnownError

from enrollment.applications.schemas import ApplicationOut
from enrollment.notices.models import ReportNotice
from servicekit.forms import Form


def _written(value: Any) -> Any:
    if isinstance(value, str | datetime):
        return value
    raise PydanticKnownError("datetime_type")  # pydantic alone also takes seconds since 1970


class ReportNoticeOut(BaseModel):
    """A report of this account that has ended after more than a moment."""

    job_id: UUID = Field(description="报表编号")
    title: str = Field(description="报表种类")
    failed: bool = Field(description="没有生成成功，原因见报表中心")
    told_at: datetime

    @classmethod
    def of(cls, notice: ReportNotice) -> "ReportNoticeOut":
        """From its row."""
        return cls(job_id=notice.job_id, title=notice.title, failed=notice.failed, told_at=notice.told_at)


class NoticesOut(BaseModel):
    """The unit's notices as they are now; the same in the answer and in each event of the stream."""

    employer_no: str = Field(description="流所属的单位；与页面所属单位不一致的应忽略")
    pending: int = Field(title="待审核件数", description="最多计到 10000")
    unseen: int = Field(title="未读消息数", description="上次查看之后的审核结果和本人的报表，最多计到 100")
    seen_to: datetime = Field(description="此后的消息为未读")
    items: list[ApplicationOut] = Field(description="最近的审核结果，新的在前")
    reports: list[ReportNoticeOut] = Field(description="本人最近生成结束的报表，新的在前")


class SeenForm(Form):
    """Up to where the notices were seen: `decided_at` or `told_at` of the newest one shown."""

    seen_to: Annotated[AwareDatetime, BeforeValidator(_written)]
