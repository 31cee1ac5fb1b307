"""The public page's question: is this document genuine?"""

import time
from typing import Annotated

from fastapi import APIRouter, File, Path, Request, Response, UploadFile

from reporting.resources import resources_in
from reporting.verification import service
from reporting.verification.schemas import CopyOut, VerificationOut
from servicekit.auth import public
from servicekit.clock import Today
from servicekit.db.tx import PublicTx
from servicekit.refusals import FieldFault, InvalidFields, TooMany

router = APIRouter(prefix="/verifications", tags=["证明核验"])
_LARGEST_FILE = 18 * 2**20
"""More than any document of ours."""


@router.get("/{code}", summary="核验证明", openapi_extra=public("whoever holds a printed document may check it"))
async def verify(
    code: Annotated[str, Path(max_length=200, description="校验码，大小写、分隔符不限")],
    request: Request,
    response: Response,
    tx: PublicTx,
    today: Today,
) -> VerificationOut:
    """What the genuine document says, masked; 404 when there is none."""
    _slow_down(request)
    response.headers["Cache-Control"] = "no-store"
    return await service.verify(tx, code, today=today)


@router.post("/files", summary="核验文件", openapi_extra=public("whoever holds a document's file may check it"))
async def verify_file(
    file: Annotated[UploadFile, File(description="收到的 PDF 文件，不保存")],
    request: Request,
    response: Response,
    tx: PublicTx,
    today: Today,
) -> CopyOut:
    """Whether a PDF is one of ours, byte for byte, and whether its signature holds. The file is not kept."""
    _slow_down(request)
    response.headers["Cache-Control"] = "no-store"
    content = await file.read(_LARGEST_FILE + 1)
    if len(content) > _LARGEST_FILE:
        message = f"文件超过 {_LARGEST_FILE // 2**20} MB，不是本系统出具的文件"
        raise InvalidFields([FieldFault("/file", "file_too_large", message)])
    if not content.startswith(b"%PDF-"):
        raise InvalidFields([FieldFault("/file", "not_a_pdf", "请选择 PDF 文件")])
    return await service.check_copy(tx, content, today=today)


def _slow_down(request: Request) -> None:
    wait = resources_in(request.app.state.runtime).limiter.take(client_of(request), now=time.monotonic())
    if wait:
        raise TooMany("查询过于频繁，请稍后再试。", retry_after=wait)


def client_of(request: Request) -> str:
    """The client's address as the gateway saw it: the gateway writes this header anew, so its last entry is true."""
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return forwarded or (request.client.host if request.client else "")
