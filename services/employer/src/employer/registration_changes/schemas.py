"""What 单位信息变更 takes and answers. Identity numbers are masked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from employer.registration_changes.models import ChangeAttachment, RegistrationChange
from employer.registration_changes.rules import MAX_ATTACHMENTS, Status, Values
from employer.units.schemas import Text50, Text100, Text200
from servicekit.forms import Form
from servicekit.personal import IdNumberStr

Code2 = Annotated[str, StringConstraints(min_length=1, max_length=2)]


class RepresentativeForm(Form):
    """The legal representative as they are to be recorded."""

    name: Text50 = Field(title="法人姓名")
    id_type: Code2 = Field(default="01", title="法人证件类型", description="代码表 id_types")
    id_number: IdNumberStr = Field(title="法人证件号码")


class ChangeForm(Form):
    """What is to change; what is left out, or is as it is registered already, stays."""

    name: Text100 | None = Field(default=None, title="单位名称")
    uscc: Annotated[str, StringConstraints(max_length=40)] | None = Field(default=None, title="统一社会信用代码")
    kind: Code2 | None = Field(default=None, title="单位类型", description="代码表 employer_kinds")
    address: Text200 | None = Field(default=None, title="注册地址")
    legal_representative: RepresentativeForm | None = Field(default=None, title="法定代表人")
    remark: Annotated[str, StringConstraints(max_length=500)] | None = Field(default=None, title="变更说明")
    attachments: list[UUID] = Field(
        title="附件", max_length=MAX_ATTACHMENTS, description="先上传附件，再在此列出其 id，1至5个"
    )


class AttachmentUpload(Form):
    """What makes two uploads the same request."""

    name: str
    digest: str


class AttachmentOut(BaseModel):
    """An attachment."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    file_name: str
    media_type: Literal["application/pdf", "image/jpeg", "image/png"]
    size: int = Field(description="bytes")
    uploaded_at: datetime


class FieldChange(BaseModel):
    """What one fact is and would become; codes as they are, identity numbers masked."""

    field: str
    before: str | None
    after: str | None


class ChangeOut(BaseModel):
    """A request with what it changes."""

    id: UUID
    status: Status
    employer_no: str
    changes: list[FieldChange]
    remark: str | None
    attachments: list[AttachmentOut]
    application_no: str | None = Field(description="申报流水号；审核结束后可见，之前见待审核数据")
    refusal: str | None = Field(description="审核通过但未能生效的原因")
    requested_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(
        cls, change: RegistrationChange, attachments: Sequence[ChangeAttachment], *, present: Values | None
    ) -> "ChangeOut":
        """A request. `present`: the facts as they are now, where it has not ended."""
        before = change.before if present is None else present
        return cls(
            id=change.id,
            status=change.status,
            employer_no=change.employer_no,
            changes=[
                FieldChange(field=field, before=before.get(field), after=change.after.get(field))
                for field in change.fields
            ],
            remark=change.remark,
            attachments=[AttachmentOut.model_validate(one) for one in attachments],
            application_no=change.application_no,
            refusal=change.refusal,
            requested_at=change.requested_at,
            ended_at=change.ended_at,
        )


class DisclosureForm(Form):
    """The fields wanted in full."""

    fields: list[Literal["legal_representative_id_number"]] = Field(min_length=1, max_length=1)


class DisclosureOut(BaseModel):
    """The value asked for; null where the request has none."""

    legal_representative_id_number: str | None = Field(default=None, repr=False)
