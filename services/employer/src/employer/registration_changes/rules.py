"""Rules of 单位信息变更: what may be asked for, and what becomes of a request. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from employer.units.rules import VIRTUAL_KIND
from servicekit.refusals import FieldFault, InvalidFields, NotFound, Refusal, TooMany

Status = Literal["pending", "applied", "rejected", "withdrawn", "not_applied"]
"""`not_applied`: approved, and by then a rule stood in the way (the unit was closed, its kind is gone)."""
Values = Mapping[str, str | None]
"""The facts of a registration by the names under which a change names them."""

MIN_ATTACHMENTS, MAX_ATTACHMENTS = 1, 5
MAX_LOOSE = 20
"""Uploaded files of one unit that belong to no request yet."""
LOOSE_FOR = timedelta(days=1)

ID_NUMBER = "legal_representative_id_number"
TITLES: Mapping[str, str] = {
    "name": "单位名称",
    "uscc": "统一社会信用代码",
    "kind": "单位类型",
    "legal_representative": "法人姓名",
    "legal_representative_id_type": "法人证件类型",
    ID_NUMBER: "法人证件号码",
    "address": "注册地址",
}
"""What can be changed, in the order in which it is shown."""
PUBLIC_FACTS = frozenset({"name", "uscc", "kind"})
"""Those of which other services keep a copy."""
_OF_THE_REGISTER = ("uscc", "kind")


class ChangePending(Refusal):
    code = "change_pending"
    title = "已有待审核的变更申请"
    detail = "本单位已有一件信息变更申请等待审核，请等审核结束后再申请；如需修改，请先在“待审核数据”中撤销原申请。"


class NothingChanges(Refusal):
    code = "nothing_changes"
    title = "没有变更内容"
    detail = "填写的内容与现登记信息相同，请修改需要变更的事项后再提交。"


class UnitNotOpen(Refusal):
    code = "unit_closed"
    title = "单位已注销参保登记"
    detail = "本单位已注销参保登记，不能再办理信息变更。"


class OfTheRegister(Refusal):
    """A virtual unit's code and kind are the register's own; nobody becomes one by an application."""

    code = "virtual_unit"
    title = "虚拟单位不能办理此项变更"
    detail = "虚拟单位的代码和单位类型由经办机构登记，其他单位也不能变更为虚拟单位，请联系经办机构。"


class ChangeNotFound(NotFound):
    code = "change_not_found"
    title = "变更申请不存在"
    detail = "该变更申请不存在，或不属于当前单位。"


class AttachmentNotFound(NotFound):
    code = "attachment_not_found"
    title = "附件不存在"
    detail = "该附件不存在，或不属于当前单位。"


class AttachmentUsed(Refusal):
    code = "attachment_used"
    title = "附件已随申请提交"
    detail = "该附件已随变更申请提交，不能再删除。"


class TooManyLoose(TooMany):
    code = "too_many_attachments"
    title = "未提交的附件过多"

    def __init__(self) -> None:
        super().__init__(
            f"本单位已有{MAX_LOOSE}个尚未随申请提交的附件，请先删除不用的附件。",
            retry_after=int(LOOSE_FOR.total_seconds()),
            pointer="/file",
        )


def check_count(count: int) -> None:
    """How many attachments go with a request.

    Raises:
        InvalidFields: too few or too many.
    """
    if not MIN_ATTACHMENTS <= count <= MAX_ATTACHMENTS:
        message = f"请上传{MIN_ATTACHMENTS}至{MAX_ATTACHMENTS}个附件（证照、证明材料）"
        raise InvalidFields([FieldFault("/attachments", "attachment_count", message)], message)


def changed_fields(present: Values, wanted: Values) -> list[str]:
    """Which of the wanted facts differ from the present ones, in the order of `TITLES`.

    Raises:
        NothingChanges: none does.
    """
    fields = [field for field in TITLES if field in wanted and wanted[field] != present[field]]
    if not fields:
        raise NothingChanges
    return fields


def check_of_the_register(fields: list[str], *, virtual: bool, kind: str) -> None:
    """Whether the code and kind of this unit can be changed by an application.

    Args:
        fields: what would change.
        virtual: whether it is a virtual unit (虚拟单位).
        kind: its kind afterwards.

    Raises:
        OfTheRegister: beside the field.
    """
    for field in _OF_THE_REGISTER:
        if field in fields and (virtual or kind == VIRTUAL_KIND):
            raise OfTheRegister(pointer=f"/{field}")
