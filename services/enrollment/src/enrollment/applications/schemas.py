"""What applications look like outside. Identity and mobile numbers are masked everywhere."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from contracts.values.month import Month
from enrollment.applications.rules import Kind, Status
from servicekit.forms import Day, Form
from servicekit.paging import PageFields
from servicekit.personal import IdNumberStr


def _none_if_blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


NoneIfBlank = BeforeValidator(_none_if_blank)
"""An empty input of a page means that nothing was asked for or filled in."""
_LONGEST = 2000  # far more than any field may hold: the reader of the form says which limit was passed
Text = Annotated[Annotated[str, Field(max_length=_LONGEST)] | None, NoneIfBlank]
"""A field of a declaration as it was typed; the form's reader checks it."""
Short = Annotated[Annotated[str, Field(max_length=100)] | None, NoneIfBlank]


class ApplicationOut(BaseModel):
    """An application as lists show it."""

    model_config = ConfigDict(from_attributes=True)

    no: str = Field(title="申报流水号")
    kind: Kind
    status: Status
    employer_no: str
    employer_name: str
    person_name: str | None
    id_number_masked: str | None
    start_month: Month | None
    submitted_at: datetime
    decided_at: datetime | None
    decision_reason: str | None
    decided_by_name: str | None
    version: int

    @classmethod
    def of(cls, row: Any) -> "ApplicationOut":
        """From an `Application` or a row with the same columns."""
        return cls(**_shown(row))


def _shown(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ApplicationOut.model_fields}


class FindingOut(BaseModel):
    """What one automatic check found."""

    code: str
    level: Literal["ok", "warning", "refusal"]
    message: str


class ApplicationDetail(ApplicationOut):
    """An application with what was declared (`form`, codes as declared) and what the automatic checks say."""

    form: dict[str, dict[str, str | None]]
    findings: list[FindingOut]

    @classmethod
    def of_application(cls, row: Any, findings: Sequence[Mapping[str, Any]]) -> "ApplicationDetail":
        """From an `Application` and its findings."""
        form = {module: dict(fields) for module, fields in row.form.items()}
        if "person" in form:
            form["person"] |= {"id_number": row.id_number_masked, "mobile": row.mobile_masked}
        return cls(**_shown(row), form=form, findings=[FindingOut(**finding) for finding in findings])


class ApplicationSearch(Form, PageFields):
    """待审核 / 已审核: the conditions of the manual's search. Withdrawn ones count as decided."""

    state: Literal["pending", "decided"]
    status: Status | None = Field(default=None, title="状态")
    kind: Kind | None = Field(default=None, title="业务类型")
    no: Short = Field(default=None, title="申报流水号")
    id_number: Annotated[IdNumberStr | None, NoneIfBlank] = Field(default=None, title="证件号码")
    name: Short = Field(default=None, title="姓名/单位名称")
    from_date: Annotated[Day | None, NoneIfBlank] = Field(default=None, title="提交日期起")
    to_date: Annotated[Day | None, NoneIfBlank] = Field(default=None, title="提交日期止")
