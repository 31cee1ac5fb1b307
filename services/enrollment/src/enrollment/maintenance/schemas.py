"""The page's search, the form it edits and the history it shows. Identity and mobile numbers are masked."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.values.month import Month
from enrollment.applications.schemas import Text
from enrollment.coverage.rules import Status, status_in
from enrollment.people.models import ChangeSource, Person
from enrollment.roster.schemas import WhoSearch
from servicekit.forms import Form, NoneIfBlank
from servicekit.personal import MobileStr, Personal


class PeopleSearch(WhoSearch):
    """The conditions of the look-up page."""


class PeopleRow(BaseModel):
    """A person as the list shows them."""

    person_id: UUID
    name: str
    id_number_masked: str
    sex: str
    start_month: Month
    status: Status

    @classmethod
    def of(cls, row: Any, *, month: Month) -> "PeopleRow":
        """From a roster row; the status is that of `month`."""
        return cls(
            person_id=row.person_id,
            name=row.name,
            id_number_masked=row.id_number_masked,
            sex=row.sex,
            start_month=row.start_month,
            status=status_in(month, start=row.start_month, stop=row.stop_month, stop_reason=row.stop_reason),
        )


class IdentityOut(BaseModel):
    """人员信息: changes only at the agency's counter."""

    model_config = ConfigDict(from_attributes=True)

    id_type: str
    id_number_masked: str
    name: str
    sex: str
    birth_date: date
    nationality: str
    work_start_date: date | None


class ContactOut(BaseModel):
    """户籍与联系信息 as it is."""

    model_config = ConfigDict(from_attributes=True)

    household_kind: str
    household_region: str | None
    household_address: str | None
    contact_address: str
    mobile_masked: str
    landline: str | None
    email: str | None
    postal_code: str | None
    marital_status: str | None
    education_level: str | None


class PersonOut(BaseModel):
    """A person as the dialog shows them. The answer's ETag goes into `If-Match` of the change."""

    person_id: UUID
    identity: IdentityOut = Field(title="人员信息")
    contact: ContactOut = Field(title="户籍与联系信息")
    version: int

    @classmethod
    def of(cls, person: Person) -> "PersonOut":
        """From a person."""
        return cls(
            person_id=person.id,
            identity=IdentityOut.model_validate(person),
            contact=ContactOut.model_validate(person),
            version=person.version,
        )


class ContactForm(Form):
    """户籍与联系信息 as it should be, as texts. A blank empties its field, but for the mobile number, which stays."""

    model_config = ConfigDict(json_schema_extra={"required": ["household_kind", "contact_address"]})

    household_kind: Text = Field(default=None, title="户口性质", description="代码表 household_kinds")
    household_region: Text = Field(default=None, title="户籍所在地区", description="6位行政区划代码")
    household_address: Text = Field(default=None, title="户籍详细地址")
    contact_address: Text = Field(default=None, title="联系地址")
    mobile: Annotated[MobileStr | None, NoneIfBlank] = Field(
        default=None, title="手机号码", description="不填则保持原号码"
    )
    landline: Text = Field(default=None, title="固定电话", description="如 0574-87000101")
    email: Text = Field(default=None, title="电子邮箱")
    postal_code: Text = Field(default=None, title="邮政编码", description="6位数字")
    marital_status: Text = Field(default=None, title="婚姻状况", description="代码表 marital_statuses")
    education_level: Text = Field(default=None, title="学历", description="代码表 education_levels")

    def texts(self) -> dict[str, str | None]:
        """The fields as texts, the mobile number in full: for the reader, never for a log."""
        values: Mapping[str, Any] = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value.reveal() if isinstance(value, Personal) else value for name, value in values.items()}


class FieldChangeOut(BaseModel):
    """What one field was and became, in words; the mobile number masked."""

    field: str
    title: str
    before: str | None
    after: str | None


class PersonChangeOut(BaseModel):
    """One change of a person's data by the unit."""

    changed_at: datetime
    source: ChangeSource = Field(description="maintenance：信息维护；addition：审核通过的增员申报")
    application_no: str | None
    changed_by: UUID = Field(description="办理的账号")
    by_me: bool = Field(description="办理的账号即当前账号")
    changes: list[FieldChangeOut]
