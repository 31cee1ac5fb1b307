"""Batches: template, upload, look, confirm, and the faulty rows as a file."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from fastapi.responses import StreamingResponse

from enrollment.batches import rules, service, templates
from enrollment.batches.columns import Kind
from enrollment.batches.schemas import BatchOut, FaultyRow, UploadForm
from servicekit.auth import DeclaringClerk
from servicekit.clock import CurrentMonth, Now, Today
from servicekit.db.tx import Scope, Tx, vault_of
from servicekit.downloads import XLSX, disposition
from servicekit.etag import IfMatch, etag_of
from servicekit.idempotency import Once
from servicekit.job_streams import job_events, stream_of
from servicekit.paging import Listing, Page
from servicekit.uploads import digest_of, parts_of

router = APIRouter(prefix="/batches", tags=["batches"])

_FILE_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {XLSX: {}}, "description": "Excel 文件"}}


@router.get("/templates/addition", summary="下载增员模板", response_class=Response, responses=_FILE_ANSWER)
async def download_addition_template(clerk: DeclaringClerk, tx: Tx, month: CurrentMonth) -> Response:
    """The sheet of 批量增员 to fill in."""
    name, content = await templates.template(tx, "addition", month=month)
    return _file(name, content)


@router.get("/templates/removal", summary="下载减员模板", response_class=Response, responses=_FILE_ANSWER)
async def download_removal_template(clerk: DeclaringClerk, tx: Tx, month: CurrentMonth) -> Response:
    """The sheet of 批量减员 to fill in."""
    name, content = await templates.template(tx, "removal", month=month)
    return _file(name, content)


@router.post("/uploads", status_code=202, summary="上传填好的模板")
async def upload_file(
    kind: Annotated[Kind, Form(description="addition 增员，removal 减员")],
    file: Annotated[UploadFile, File(description="填好的 .xlsx 模板")],
    clerk: DeclaringClerk,
    tx: Tx,
    once: Once,
    today: Today,
    now: Now,
    response: Response,
) -> BatchOut:
    """Takes a file in and has every row checked; nothing is handed in before it is confirmed.

    Follow it at `Location`, or by its event stream. The same file on the same day is the same batch.
    """
    name = rules.check_file(file.filename, file.size or 0)
    digest = vault_of(tx).fingerprint("batch_file", await digest_of(file))

    async def take_in() -> BatchOut:
        parts = parts_of(file)
        return await service.upload(tx, clerk, kind, parts, name=name, digest=digest, today=today, now=now)

    batch = await once(UploadForm(kind=kind, digest=digest.hex()), BatchOut, take_in)
    response.headers["Location"] = f"/api/enrollment/batches/{batch.id}"
    response.headers["ETag"] = etag_of(batch.version)
    return batch


@router.get("", summary="批次记录")
async def list_batches(
    clerk: DeclaringClerk, tx: Tx, page: Page, kind: Annotated[Kind | None, Query()] = None
) -> Listing[BatchOut]:
    """The unit's batches, newest first."""
    items, total = await service.page(tx, clerk, kind, offset=page.offset, limit=page.limit)
    return Listing(items=items, total=total)


@router.get("/{batch_id}", summary="批次")
async def show_batch(batch_id: UUID, clerk: DeclaringClerk, tx: Tx, response: Response) -> BatchOut:
    """One batch, and how far the work on it is."""
    batch = await service.show(tx, clerk, batch_id)
    response.headers["ETag"] = etag_of(batch.version)
    return batch


@router.get(
    "/{batch_id}/events",
    summary="批次进度（SSE）",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "事件 job，数据同“批次”"}},
)
async def watch_batch(batch_id: UUID, clerk: DeclaringClerk, tx: Tx, request: Request) -> StreamingResponse:
    """The batch now and after each change, as events `job`; ends with the work on it."""
    await service.show(tx, clerk, batch_id)
    runtime, scope = request.app.state.runtime, Scope.of(clerk)
    return stream_of(job_events(runtime, scope, lambda tx: service.followed(tx, clerk, batch_id)))


@router.post("/{batch_id}/confirmation", status_code=202, summary="提交正常数据")
async def confirm_batch(
    batch_id: UUID, clerk: DeclaringClerk, tx: Tx, once: Once, version: IfMatch, now: Now, response: Response
) -> BatchOut:
    """Hands in what is good of the batch. Confirming again changes nothing. Bulk removals need a raised session."""

    async def confirm() -> BatchOut:
        return await service.confirm(tx, clerk, batch_id, seen_version=version, now=now)

    batch = await once(None, BatchOut, confirm)
    response.headers["Location"] = f"/api/enrollment/batches/{batch.id}"
    response.headers["ETag"] = etag_of(batch.version)
    return batch


@router.get("/{batch_id}/faulty-rows", summary="错误数据")
async def list_faulty_rows(batch_id: UUID, clerk: DeclaringClerk, tx: Tx, page: Page) -> Listing[FaultyRow]:
    """The rows that can't be handed in, each with all its faults, in the file's own row numbers."""
    items, total = await service.faulty_rows(tx, clerk, batch_id, offset=page.offset, limit=page.limit)
    return Listing(items=items, total=total)


@router.get("/{batch_id}/faulty-rows/file", summary="下载错误数据", response_class=Response, responses=_FILE_ANSWER)
async def download_faulty_rows(batch_id: UUID, clerk: DeclaringClerk, tx: Tx, month: CurrentMonth) -> Response:
    """The faulty rows as the same sheet, the cells marked, the reasons in the last column. Audited."""
    name, content = await service.returned_file(tx, clerk, batch_id, month=month)
    return _file(name, content)


def _file(name: str, content: bytes) -> Response:
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": disposition(name, plain="batch.xlsx")}
    return Response(content, media_type=XLSX, headers=headers)
