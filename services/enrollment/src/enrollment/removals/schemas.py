"""The 减员 page's search, its list and its dialog."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.values.month import Month
from enrollment.applications.schemas import Text
from enrollment.coverage.rules import Status, status_in
from enrollment.roster.schemas import WhoSearch
from servicekit.forms import Form
from servicekit.paging import Listing


class RemovalSearch(WhoSearch):
    """Whom to remove: one of the two conditions is needed."""


class RemovableRow(BaseModel):
    """A person whose coverage with the unit is open."""

    person_id: UUID
    name: str
    id_number_masked: str
    insurances: list[str]
    start_month: Month
    status: Status
    pending_no: str | None = Field(title="待审核的减员申报流水号", description="有值时不能重复申报")

    @classmethod
    def of(cls, row: Any, *, month: Month, pending_no: str | None) -> "RemovableRow":
        """From a roster row; the status is that of `month`."""
        return cls(
            person_id=row.person_id,
            name=row.name,
            id_number_masked=row.id_number_masked,
            insurances=row.insurances,
            start_month=row.start_month,
            status=status_in(month, start=row.start_month, stop=row.stop_month, stop_reason=row.stop_reason),
            pending_no=pending_no,
        )


class RemovableList(Listing[RemovableRow]):
    """A page of the list, and what else the clerk should know."""

    stop_month: Month = Field(title="停保月份", description="只能是本月")
    pending_addition_no: str | None = Field(
        default=None, title="待审核的增员申报流水号", description="按证件号码未查到在保人员，但有待审核的增员申报"
    )


class RemovalFields(Form):
    """What is entered in the dialog (人员信息), as texts: `rules.read_removal` tells every fault at once."""

    model_config = ConfigDict(json_schema_extra={"required": ["reason", "stop_month"]})

    reason: Text = Field(default=None, title="停保原因", description="代码表 removal_reasons")
    stop_month: Text = Field(default=None, title="停保月份", description="YYYY-MM，只能是本月")
    event_date: Text = Field(default=None, title="事件日期", description="YYYY-MM-DD，退休、死亡时必填")
    remark: Text = Field(default=None, title="备注", description="原因为“其他”时必填")

    def texts(self) -> dict[str, str | None]:
        """The fields as texts."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class RemovalForm(Form):
    """减员: one employee leaves."""

    person_id: UUID
    removal: RemovalFields
