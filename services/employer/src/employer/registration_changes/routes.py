"""单位信息变更: attachments, the request, what became of it; and what the reviewer's desk shows of it.

It is withdrawn in 待审核数据, like every other application (ADR 0014).
"""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Response, UploadFile

from employer.registration_changes import service
from employer.registration_changes.attachments import MAX_BYTES, too_large
from employer.registration_changes.models import ChangeAttachment
from employer.registration_changes.schemas import (
    AttachmentOut,
    AttachmentUpload,
    ChangeForm,
    ChangeOut,
    DisclosureForm,
    DisclosureOut,
)
from servicekit.auth import AnyClerk, MaintainingClerk, ReviewingStaff
from servicekit.clock import Now, Today
from servicekit.db.tx import Tx
from servicekit.downloads import file_answer, file_responses
from servicekit.idempotency import Once
from servicekit.paging import Listing, Page
from servicekit.uploads import shown_name

router = APIRouter(prefix="/registration-changes", tags=["单位信息变更"])
review_router = APIRouter(prefix="/reviews/registration-changes", tags=["单位信息变更"])
_FILES = file_responses("application/pdf", "image/jpeg", "image/png")


@router.post("/attachments", status_code=201, summary="上传附件")
async def upload_attachment(
    file: Annotated[UploadFile, File(description="PDF、JPG 或 PNG，不超过5 MB")],
    clerk: MaintainingClerk,
    tx: Tx,
    once: Once,
    now: Now,
) -> AttachmentOut:
    """Keeps a file for a request that is to come; a day later it is gone."""
    if (file.size or 0) > MAX_BYTES:
        raise too_large()
    name, content = shown_name(file.filename), await file.read()
    form = AttachmentUpload(name=name, digest=hashlib.sha256(content).hexdigest())
    return await once(form, AttachmentOut, lambda: service.upload(tx, clerk, name, content, now=now))


@router.delete("/attachments/{attachment_id}", status_code=204, summary="删除附件")
async def discard_attachment(attachment_id: UUID, clerk: MaintainingClerk, tx: Tx) -> None:
    """Removes an uploaded file that is not part of a request."""
    await service.discard(tx, clerk, attachment_id)


@router.post("", status_code=201, summary="申请单位信息变更")
async def submit_change(
    form: ChangeForm, clerk: MaintainingClerk, tx: Tx, once: Once, today: Today, now: Now
) -> ChangeOut:
    """Asks the agency for a change. One request of a unit at a time."""
    return await once(form, ChangeOut, lambda: service.submit(tx, clerk, form, today=today, now=now))


@router.get("", summary="变更申请")
async def list_changes(clerk: AnyClerk, tx: Tx, page: Page) -> Listing[ChangeOut]:
    """The unit's requests, newest first. For who may maintain or look up."""
    items, total = await service.page(tx, clerk, offset=page.offset, limit=page.limit)
    return Listing(items=items, total=total)


@router.get("/{change_id}", summary="变更申请详情")
async def show_change(change_id: UUID, clerk: AnyClerk, tx: Tx) -> ChangeOut:
    """One request of the unit."""
    return await service.show(tx, clerk, change_id)


@router.get(
    "/{change_id}/attachments/{attachment_id}/file",
    summary="下载附件",
    response_class=Response,
    responses=_FILES,
)
async def download_attachment(change_id: UUID, attachment_id: UUID, clerk: AnyClerk, tx: Tx) -> Response:
    """An attachment of the unit's request. Audited."""
    return _file(*await service.content(tx, clerk, change_id, attachment_id))


@review_router.get("/{change_id}", summary="待审核的变更")
async def review_change(change_id: UUID, reviewer: ReviewingStaff, tx: Tx) -> ChangeOut:
    """What would change, before and after, with the attachments. Audited."""
    return await service.show_to_reviewer(tx, reviewer, change_id)


@review_router.get(
    "/{change_id}/attachments/{attachment_id}/file",
    summary="查看附件",
    response_class=Response,
    responses=_FILES,
)
async def review_attachment(change_id: UUID, attachment_id: UUID, reviewer: ReviewingStaff, tx: Tx) -> Response:
    """An attachment of a request. Audited."""
    return _file(*await service.content(tx, reviewer, change_id, attachment_id))


@review_router.post("/{change_id}/disclosures", summary="查看完整证件号码")
async def disclose(
    change_id: UUID, form: DisclosureForm, reviewer: ReviewingStaff, tx: Tx, now: Now, response: Response
) -> DisclosureOut:
    """The new identity number in full. Needs a step-up; audited."""
    response.headers["Cache-Control"] = "no-store"
    return await service.disclose(tx, reviewer, change_id, form, now=now)


def _file(attachment: ChangeAttachment, content: bytes) -> Response:
    return file_answer(attachment.file_name, content, attachment.media_type)
