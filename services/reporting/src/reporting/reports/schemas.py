"""What report requests and answers look like."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.values.month import Month
from reporting.reports.kinds import DocumentKind, ExportKind, FileType, ReportKind
from servicekit.forms import Day, Form, NoneIfBlank
from servicekit.jobs import Status
from servicekit.personal import IdNumberStr

MOST_PEOPLE = 500


_Name = Annotated[Annotated[str, Field(max_length=100)] | None, NoneIfBlank]
_Code = Annotated[Annotated[str, Field(pattern="^[a-z0-9_]{1,20}$")] | None, NoneIfBlank]
_Insurance = Annotated[Annotated[str, Field(pattern="^[0-9]{3}$")] | None, NoneIfBlank]
_IdNumber = Annotated[IdNumberStr | None, NoneIfBlank]
_Month = Annotated[Month | None, NoneIfBlank]
_Day = Annotated[Day | None, NoneIfBlank]
_FULL_NUMBERS = Field(default=False, title="显示完整证件号码", description="须刚验证过密码或动态口令；记入日志")


class RosterConditions(Form):
    """The conditions of 单位参保人员名单."""

    id_number: _IdNumber = Field(default=None, title="证件号码")
    name: _Name = Field(default=None, title="姓名")
    status: _Code = Field(default=None, title="参保状态")
    started_from: _Month = Field(default=None, title="参保起始月（从）")
    started_to: _Month = Field(default=None, title="参保起始月（至）")


class ApplicationConditions(Form):
    """The conditions of 待审核数据 and 已审核数据."""

    state: Literal["pending", "decided"] = Field(title="待审核或已审核")
    status: _Code = Field(default=None, title="状态")
    kind: _Code = Field(default=None, title="业务类型")
    no: _Name = Field(default=None, title="申报流水号")
    id_number: _IdNumber = Field(default=None, title="证件号码")
    name: _Name = Field(default=None, title="姓名/单位名称")
    from_date: _Day = Field(default=None, title="提交日期起")
    to_date: _Day = Field(default=None, title="提交日期止")


class ReportForm(Form):
    """A document somebody wants. Which fields it takes depends on its kind; one too many is refused like one missing.

    `insurance_certificate`: person_id, months. `insurance_certificates`: person_ids, months, packing.
    `employer_certificate`: months. `contribution_list`: months; person_id for one person only; full_numbers.
    `roster_list`: roster, full_numbers.
    """

    kind: DocumentKind = Field(title="报表种类")
    person_id: UUID | None = Field(default=None, title="人员标识", description="取自参保人员名单")
    person_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_PEOPLE)] | None = Field(
        default=None, title="人员标识（多人）"
    )
    from_month: Month | None = Field(default=None, title="起始费款所属期")
    to_month: Month | None = Field(default=None, title="截止费款所属期")
    packing: Literal["pdf", "zip"] | None = Field(
        default=None, title="多人证明的文件", description="合为一个 PDF，或每人一个文件的压缩包"
    )
    roster: RosterConditions | None = Field(default=None, title="名单条件")
    full_numbers: bool = _FULL_NUMBERS


class ExportForm(Form):
    """A workbook somebody wants of what a look-up page lists.

    `person_contributions`: person_id, months. `employer_contributions`: months, insurance. `roster`: roster,
    full_numbers. `applications`: applications, full_numbers.
    """

    kind: ExportKind = Field(title="导出的内容")
    person_id: UUID | None = Field(default=None, title="人员标识")
    from_month: Month | None = Field(default=None, title="起始费款所属期")
    to_month: Month | None = Field(default=None, title="截止费款所属期")
    insurance: Annotated[Annotated[str, Field(pattern="^[0-9]{3}$")] | None, NoneIfBlank] = Field(
        default=None, title="险种类型"
    )
    roster: RosterConditions | None = Field(default=None, title="名单条件")
    applications: ApplicationConditions | None = Field(default=None, title="申报数据条件")
    full_numbers: bool = _FULL_NUMBERS


AskedForm = ReportForm | ExportForm


class OwnReportForm(Form):
    """A person's own insurance certificate; whose it is says the session."""

    from_month: Month = Field(description="起始费款所属期")
    to_month: Month = Field(description="截止费款所属期")


class ReportOut(BaseModel):
    """A report as the report centre shows it."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    kind: ReportKind
    title: str
    status: Status
    progress: int
    total: int | None
    from_month: Month | None
    to_month: Month | None
    full_numbers: bool
    created_at: datetime
    expires_at: datetime
    error_code: str | None = None
    error: str | None = None
    """Why it failed, or what it waits for, in Chinese."""
    verification_code: str | None = None
    """In groups of five, as printed; None where there are many documents, or none."""
    file_url: str | None = None
    file_type: FileType | None = None
    file_size: int | None = None
