"""Rules of batches: their stages, what may be done in which, how long they are kept. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, get_args

from enrollment.batches.columns import Kind
from servicekit.refusals import FieldFault, Gone, InvalidFields, NotFound, Refusal

Stage = Literal["checking", "refused", "checked", "submitting", "submitted", "expired"]
RowState = Literal["good", "bad", "submitted"]
KINDS: tuple[Kind, ...] = get_args(Kind)
STAGES: tuple[Stage, ...] = get_args(Stage)
ROW_STATES: tuple[RowState, ...] = get_args(RowState)

MAX_FILE_BYTES = 8 * 2**20
"""Ten thousand people are about 2 MB."""
KEPT_FOR = timedelta(days=7)
"""How long the rows of a checked file are kept, sealed."""
MAX_AT_ONCE = 5
"""Files of one unit that are being checked or submitted at the same time."""

_IN_CHINESE: Mapping[Stage, str] = {
    "checking": "正在检查",
    "refused": "文件有误",
    "checked": "已检查",
    "submitting": "正在提交",
    "submitted": "已提交",
    "expired": "已过期",
}


class BatchNotFound(NotFound):
    code = "batch_not_found"
    title = "批次不存在"
    detail = "该批次不存在，或不属于当前单位。"


class BatchExpired(Gone):
    code = "batch_expired"
    title = "批次已过期"
    detail = "该批次的数据已超过保留期限并已清除，请重新上传文件。"


class NotChecked(Refusal):
    code = "batch_not_checked"
    title = "批次尚不能提交"


class NothingGood(Refusal):
    code = "nothing_good"
    title = "没有可提交的数据"
    detail = "文件中没有检查通过的人员，请下载错误数据，改正后重新上传。"


class NothingFaulty(NotFound):
    code = "nothing_faulty"
    title = "没有错误数据"
    detail = "该批次没有错误数据可供下载。"


class TooManyBatches(Refusal):
    code = "too_many_batches"
    title = "正在处理的批次过多"
    detail = f"本单位已有{MAX_AT_ONCE}个文件正在处理，请等其中的处理完成后再上传。"


def check_file(name: str | None, size: int) -> str:
    """The name of an uploaded file that isn't too large; what is in it is the check's business.

    Raises:
        InvalidFields: too large, or nothing in it.
    """
    if size > MAX_FILE_BYTES:
        raise _at_file("file_too_large", f"文件超过{MAX_FILE_BYTES // 2**20} MB，请分批上传")
    if size == 0:
        raise _at_file("file_empty", "文件是空的，请选择填写好的模板文件")
    shown = "".join(character for character in (name or "") if character.isprintable())
    return (shown.replace("\\", "/").rpartition("/")[2].strip() or "未命名文件")[:120]


def _at_file(code: str, message: str) -> InvalidFields:
    return InvalidFields([FieldFault("/file", code, message)], message)


def may_check_again(stage: Stage) -> bool:
    """Whether the same file, uploaded again, is checked again: as long as nothing of it was confirmed."""
    return stage in ("checked", "refused")


def check_may_confirm(stage: Stage, *, good: int, expires_at: datetime, now: datetime) -> None:
    """Whether what is good of a batch may be handed in now.

    Raises:
        BatchExpired, NotChecked, NothingGood.
    """
    if stage == "expired" or (stage == "checked" and now >= expires_at):
        raise BatchExpired
    if stage != "checked":
        raise NotChecked(f"该批次当前状态为“{_IN_CHINESE[stage]}”，检查完成后才能提交")
    if good == 0:
        raise NothingGood
