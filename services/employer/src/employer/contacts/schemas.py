"""What 单位信息维护 takes and answers."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from employer.units.schemas import Email, PostalCode, Text50, Text200
from servicekit.forms import Form, NoneIfBlank
from servicekit.personal import IdNumberStr, MobileStr

Disclosable = Literal[
    "legal_representative_id", "legal_representative_phone", "contact_phone", "contact_mobile", "bank_account"
]
KeptIdNumber = Annotated[IdNumberStr | None, NoneIfBlank]
KeptPhone = Annotated[MobileStr | None, NoneIfBlank]
"""A number that is shown masked: left blank, it stays as it is."""


class ContactEdit(Form):
    """单位联系信息 as it should be. Numbers left blank stay as they are; other blanks empty their field."""

    legal_representative: Text50 = Field(title="法人姓名")
    legal_representative_id_type: Annotated[str, StringConstraints(max_length=2)] = Field(
        default="01", title="法人证件类型", description="代码表 id_types"
    )
    legal_representative_id: KeptIdNumber = Field(
        default=None, title="法人证件号码", description="未登记时可补填；已登记的须办理单位信息变更"
    )
    legal_representative_phone: KeptPhone = Field(default=None, title="法人电话", description="不填则保持原号码")
    contact: Text50 = Field(title="联系人")
    contact_phone: KeptPhone = Field(default=None, title="联系电话", description="不填则保持原号码")
    contact_mobile: KeptPhone = Field(default=None, title="联系人手机", description="不填则保持原号码")
    without_contact_mobile: bool = Field(default=False, title="清空联系人手机")
    email: Annotated[Email | None, NoneIfBlank] = Field(default=None, title="电子邮箱")
    address: Text200 = Field(title="通讯地址")
    postal_code: Annotated[PostalCode | None, NoneIfBlank] = Field(default=None, title="邮政编码")


class DisclosureForm(Form):
    """The fields wanted in full. Whoever asks for one value is audited for that one only."""

    fields: list[Disclosable] = Field(title="要查看的号码", min_length=1, max_length=5)


class DisclosureOut(BaseModel):
    """The values asked for; null for what wasn't asked for or isn't known."""

    legal_representative_id: str | None = Field(default=None, repr=False, title="法人证件号码")
    legal_representative_phone: str | None = Field(default=None, repr=False, title="法人电话")
    contact_phone: str | None = Field(default=None, repr=False, title="联系电话")
    contact_mobile: str | None = Field(default=None, repr=False, title="联系人手机")
    bank_account: str | None = Field(default=None, repr=False, title="银行账号")
