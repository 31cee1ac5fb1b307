"""参保人员名单: the list and its detail in three modules. Identity and mobile numbers are masked."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from contracts.values.month import Month
from enrollment.applications.schemas import AskedIdNumber, Short
from enrollment.coverage.models import Coverage
from enrollment.coverage.rules import Status, status_in
from enrollment.dictionaries.rules import Dictionary
from enrollment.people.models import Person
from enrollment.roster.models import RosterEntry
from enrollment.roster.repository import Place
from servicekit.forms import Form, NoneIfBlank
from servicekit.paging import PageFields


def _place(value: Any) -> Any:
    """`next` of an earlier page, read back."""
    if value is None or isinstance(value, Place):
        return value
    try:
        month, _, person_id = str(value).partition("_")
        return Place(Month.parse(month), UUID(person_id))
    except ValueError as fault:
        raise PydanticCustomError("place", "翻页位置无效，请重新查询") from fault


After = Annotated[
    Place | None,
    BeforeValidator(_place),
    WithJsonSchema({"anyOf": [{"type": "string", "maxLength": 60}, {"type": "null"}]}),
]


class WhoSearch(Form, PageFields):
    """Who of the unit's people is looked for."""

    id_number: AskedIdNumber = Field(default=None, title="证件号码")
    name: Short = Field(default=None, title="姓名", description="姓名或其中连续的几个字")


class RosterSearch(WhoSearch):
    """The conditions of the look-up page."""

    status: Annotated[Status | None, NoneIfBlank] = Field(default=None, title="参保状态")
    started_from: Annotated[Month | None, NoneIfBlank] = Field(default=None, title="参保起始月（从）")
    started_to: Annotated[Month | None, NoneIfBlank] = Field(default=None, title="参保起始月（至）")
    after: After = Field(
        default=None, title="翻页位置", description="上一页答复中的 next；有它时不看 page，翻到多深都一样快"
    )


class RosterRow(BaseModel):
    """A person as the list shows them. Made in SQL, see `repository.listing`."""

    person_id: UUID
    name: str
    id_number_masked: str
    sex: str
    start_month: Month
    stop_month: Month | None
    status: Status = Field(description="本月的参保状态")
    insurances: list[str]
    monthly_wage: Decimal


class NamesForm(Form):
    """Whose names are asked for."""

    person_ids: Annotated[list[UUID], Field(min_length=1, max_length=200)]


class NamedPerson(BaseModel):
    """A person of the unit as lists show them."""

    model_config = ConfigDict(from_attributes=True)

    person_id: UUID
    name: str
    id_number_masked: str


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
    landline: str | None
    email: str | None
    contact_address: str
    postal_code: str | None


class SpellOut(BaseModel):
    """参保信息: the newest spell with this unit, all its insurance types together."""

    status: Status
    start_month: Month
    stop_month: Month | None
    stop_reason: str | None
    insurances: list[str]
    person_category: str
    monthly_wage: Decimal


class CoverageOut(BaseModel):
    """参保信息: one insurance type, one spell with this unit, and the declarations that began and ended it."""

    insurance: str
    insurance_name: str
    person_category: str | None
    monthly_wage: Decimal
    start_month: Month
    stop_month: Month | None
    stop_reason: str | None
    status: Status
    started_by: str | None = Field(title="参保申报流水号", description="由原有记录转入的为空")
    stopped_by: str | None = Field(title="停保申报流水号")


class RosterDetail(BaseModel):
    """A person on the roster, in the three modules of the page."""

    basic: BasicOut
    contact: ContactOut
    spell: SpellOut
    coverage: list[CoverageOut] = Field(description="在本单位的全部参保记录，新的在前")

    @classmethod
    def of(
        cls, entry: RosterEntry, person: Person, covers: Sequence[Coverage], *, month: Month, dictionary: Dictionary
    ) -> "RosterDetail":
        """From the rows; the status is that of `month`."""

        def status(spell: RosterEntry | Coverage) -> Status:
            return status_in(month, start=spell.start_month, stop=spell.stop_month, stop_reason=spell.stop_reason)

        return cls(
            basic=BasicOut(person_id=person.id, **_taken(person, BasicOut, besides={"person_id"})),
            contact=ContactOut(**_taken(person, ContactOut)),
            spell=SpellOut(status=status(entry), **_taken(entry, SpellOut, besides={"status"})),
            coverage=[
                CoverageOut(
                    insurance_name=dictionary.name("insurance_types", cover.insurance),
                    status=status(cover),
                    **_taken(cover, CoverageOut, besides={"insurance_name", "status"}),
                )
                for cover in covers
            ],
        )


def _taken(row: object, model: type[BaseModel], *, besides: Collection[str] = ()) -> dict[str, Any]:
    """The fields of a model that a row has under the same names."""
    return {name: getattr(row, name) for name in model.model_fields if name not in besides}
