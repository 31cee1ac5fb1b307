"""The 增员 form as it comes in: texts. `rules.read_addition` checks them, so that every fault is told at once.

A request with a field missing or of the wrong shape is therefore no pydantic error here: the reader of the form says
what is wrong with it, together with everything else. Only another JSON type than text is refused by the schema.
"""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from enrollment.applications.schemas import Text
from servicekit.forms import Form, NoneIfBlank
from servicekit.personal import IdNumberStr, MobileStr


def _required(*names: str) -> ConfigDict:
    """The schema that callers read names the required fields, though leaving one out is told by the form's reader."""
    return ConfigDict(json_schema_extra={"required": list(names)})


class PersonForm(Form):
    """人员基础信息."""

    model_config = _required(
        "id_type",
        "id_number",
        "name",
        "sex",
        "birth_date",
        "nationality",
        "household_kind",
        "mobile",
        "contact_address",
    )

    id_type: Text = Field(default=None, title="证件类型", description="代码表 id_types")
    id_number: Annotated[IdNumberStr | None, NoneIfBlank] = Field(default=None, title="证件号码")
    name: Text = Field(default=None, title="姓名", description="2至50个汉字或字母")
    sex: Text = Field(default=None, title="性别", description="代码表 sexes")
    birth_date: Text = Field(default=None, title="出生日期", description="YYYY-MM-DD")
    nationality: Text = Field(default=None, title="民族", description="代码表 nationalities")
    household_kind: Text = Field(default=None, title="户口性质", description="代码表 household_kinds")
    household_region: Text = Field(default=None, title="户籍地区划", description="6位行政区划代码")
    household_address: Text = Field(default=None, title="户籍地址")
    marital_status: Text = Field(default=None, title="婚姻状况", description="代码表 marital_statuses")
    education_level: Text = Field(default=None, title="学历", description="代码表 education_levels")
    work_start_date: Text = Field(default=None, title="参加工作日期", description="YYYY-MM-DD")
    mobile: Annotated[MobileStr | None, NoneIfBlank] = Field(default=None, title="手机号码")
    email: Text = Field(default=None, title="电子邮箱")
    contact_address: Text = Field(default=None, title="联系地址")
    postal_code: Text = Field(default=None, title="邮政编码", description="6位数字")

    def texts(self) -> dict[str, str | None]:
        """The fields as texts, personal ones in full: for the reader, never for a log."""
        return {name: _text(getattr(self, name)) for name in type(self).model_fields}


class InsuranceForm(Form):
    """人员参保信息."""

    model_config = _required(
        "start_month", "reason", "employment_form", "personal_identity", "person_category", "monthly_wage"
    )

    start_month: Text = Field(default=None, title="参保月份", description="YYYY-MM，本月或下月")
    reason: Text = Field(default=None, title="增员原因", description="代码表 addition_reasons")
    employment_form: Text = Field(default=None, title="用工形式", description="代码表 employment_forms")
    personal_identity: Text = Field(default=None, title="个人身份", description="代码表 personal_identities")
    person_category: Text = Field(default=None, title="人员类别", description="代码表 person_categories")
    monthly_wage: Text = Field(default=None, title="月缴费工资", description="元，最多两位小数，如 8500.00")
    contract_start: Text = Field(default=None, title="合同开始日期", description="YYYY-MM-DD")
    contract_end: Text = Field(default=None, title="合同终止日期", description="YYYY-MM-DD")
    position: Text = Field(default=None, title="岗位/职务")
    remark: Text = Field(default=None, title="备注")

    def texts(self) -> dict[str, str | None]:
        """The fields as texts."""
        return {name: _text(getattr(self, name)) for name in type(self).model_fields}


class AdditionForm(Form):
    """增员: one new employee."""

    person: PersonForm
    insurance: InsuranceForm


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value.reveal())
