"""参保人员名单: the list and its detail in three modules. Identity and mobile numbers are masked."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.values.month import Month
from enrollment.applications.schemas import NoneIfBlank, Short
from enrollment.coverage.rules import Status, status_in
from servicekit.forms import Form
from servicekit.paging import PageFields
from servicekit.personal import IdNumberStr


class RosterSearch(Form, PageFields):
    """The conditions of the look-up page."""

    id_number: Annotated[IdNumberStr | None, NoneIfBlank] = Field(default=None, title="证件号码")
    name: Short = Field(default=None, title="姓名", description="姓名或其中连续的几个字")
    status: Annotated[Status | None, NoneIfBlank] = Field(default=None, title="参保状态")


class RosterRow(BaseModel):
    """A person as the list shows them."""

    person_id: UUID
    name: str
    id_number_masked: str
    sex: str
    start_month: Month
    stop_month: Month | None
    status: Status
    insurances: list[str]
    monthly_wage: Decimal

    @classmethod
    def of(cls, row: Any, *, month: Month) -> "RosterRow":
        """From a roster row; the status is that of `month`."""
        return cls(
            person_id=row.person_id,
            name=row.name,
            id_number_masked=row.id_number_masked,
            sex=row.sex,
            start_month=row.start_month,
            stop_month=row.stop_month,
            status=status_in(month, start=row.start_month, stop=row.stop_month, stop_reason=row.stop_reason),
            insurances=row.insurances,
            monthly_wage=row.monthly_wage,
        )


class BasicOut(BaseModel):
    """基础信息."""

    person_id: UUID
    id_type: str
    id_number_masked: str
    name: str
    sex: str
    birth_date: date
    nationality: str
    household_kind: str
    household_region: str | None
    household_address: str | None
    marital_status: str | None
    education_level: str | None
    work_start_date: date | None


class ContactOut(BaseModel):
    """联系信息."""

    mobile_masked: str
    email: str | None
    contact_address: str
    postal_code: str | None


class CoverageOut(BaseModel):
    """参保信息: one insurance type, one spell with this unit."""

    insurance: str
    insurance_name: str
    person_category: str
    monthly_wage: Decimal
    start_month: Month
    stop_month: Month | None
    stop_reason: str | None
    status: Status


class RosterDetail(BaseModel):
    """A person on the roster, in the three modules of the page."""

    basic: BasicOut
    contact: ContactOut
    coverage: list[CoverageOut]
