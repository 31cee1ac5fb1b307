"""What applications look like outside. Identity and mobile numbers are masked everywhere."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from contracts.values.month import Month
from enrollment.applications.repository import Found, Place
from enrollment.applications.rules import EffectKind, Kind, Level, Status, read_number
from servicekit.forms import Day, Form, NoneIfBlank
from servicekit.paging import LongListing, PageFields
from servicekit.personal import IdNumberStr

_LONGEST = 2000  # far more than any field may hold: the reader of the form says which limit was passed
Text = Annotated[Annotated[str, Field(max_length=_LONGEST)] | None, NoneIfBlank]
"""A field of a declaration as it was typed; the form's reader checks it."""
Short = Annotated[Annotated[str, Field(max_length=100)] | None, NoneIfBlank]
AskedIdNumber = Annotated[IdNumberStr | None, NoneIfBlank]
"""A search's condition."""


def _place(value: Any) -> Any:
    """`next` of an earlier page, read back."""
    if value is None or isinstance(value, Place):
        return value
    try:
        moment, _, no = str(value).partition("_")
        place = Place(datetime.fromisoformat(moment), read_number(no) or "")
    except ValueError as fault:
        raise PydanticCustomError("place", "翻页位置无效，请重新查询") from fault
    if not place.no or place.moment.tzinfo is None:
        raise PydanticCustomError("place", "翻页位置无效，请重新查询")
    return place


After = Annotated[
    Place | None,
    BeforeValidator(_place),
    WithJsonSchema({"anyOf": [{"type": "string", "maxLength": 60}, {"type": "null"}]}),
]


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
    start_month: Month | None = Field(title="参保月份", description="增员的")
    stop_month: Month | None = Field(title="停保月份", description="减员的")
    submitted_at: datetime
    decided_at: datetime | None
    decision_reason: str | None
    decided_by_name: str | None
    decided_automatically: bool = Field(title="系统自动审核", description="没有审核员参与的审核结果")
    version: int

    @classmethod
    def of(cls, row: Any) -> "ApplicationOut":
        """From an `Application` or a row with the same columns."""
        return cls(**shown(row))


def shown(row: Any) -> dict[str, Any]:
    """What `ApplicationOut` shows of an application."""
    names = ApplicationOut.model_fields.keys() - {"decided_automatically"}
    automatic = row.status in ("approved", "rejected") and row.decided_by is None
    return {name: getattr(row, name) for name in names} | {"decided_automatically": automatic}


class FindingOut(BaseModel):
    """What one automatic check found."""

    code: str
    level: Level
    message: str


class EffectOut(BaseModel):
    """One thing that the approval did."""

    what: EffectKind
    insurance: str | None = Field(title="险种类型")
    month: Month | None = Field(title="起始或停保月份")
    fields: list[str] = Field(title="变更的项目")


class ApplicationDetail(ApplicationOut):
    """An application with what was declared (`form`, codes as declared), what the automatic checks say and what the
    approval did. A change of the unit's registration shows which fields change; the employer service has the values.
    """

    form: dict[str, dict[str, str | None]]
    findings: list[FindingOut]
    effect: list[EffectOut]
    change_id: UUID | None
    changed_fields: list[str] | None

    @classmethod
    def of_application(cls, row: Any, findings: Sequence[Mapping[str, Any]]) -> "ApplicationDetail":
        """From an `Application` and its findings."""
        form = {module: dict(fields) for module, fields in row.form.items()}
        if "person" in form:
            form["person"] |= {"id_number": row.id_number_masked, "mobile": row.mobile_masked}
        return cls(
            **shown(row),
            form=form,
            findings=[FindingOut(**finding) for finding in findings],
            effect=[EffectOut.model_validate(one) for one in row.effect or ()],
            change_id=row.change_id,
            changed_fields=row.changed_fields,
        )


class ApplicationSearch(Form, PageFields):
    """待审核 / 已审核: the conditions of the manual's search. Withdrawn ones count as decided."""

    state: Literal["pending", "decided"]
    status: Status | None = Field(default=None, title="状态")
    kind: Kind | None = Field(default=None, title="业务类型")
    no: Short = Field(default=None, title="申报流水号")
    id_number: AskedIdNumber = Field(default=None, title="证件号码")
    name: Short = Field(default=None, title="姓名/单位名称")
    from_date: Annotated[Day | None, NoneIfBlank] = Field(default=None, title="提交日期起")
    to_date: Annotated[Day | None, NoneIfBlank] = Field(default=None, title="提交日期止")
    after: After = Field(
        default=None, title="翻页位置", description="上一页答复中的 next；有它时不看 page，翻到多深都一样快"
    )


Row = TypeVar("Row", bound=ApplicationOut)


def following(found: Found) -> str | None:
    """Where the next page begins, as it is answered and asked for."""
    return None if found.next is None else f"{found.next.moment.isoformat()}_{found.next.no}"


def listing_of(found: Found, row: Callable[[Any], Row]) -> LongListing[Row]:
    """A page of applications as it is answered."""
    return LongListing(
        items=[row(one) for one in found.rows],
        total=found.total,
        more_than_total=found.more_than_total,
        next=following(found),
    )
