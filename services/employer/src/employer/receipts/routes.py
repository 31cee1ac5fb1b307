"""Imports of receipts: upload, look, confirm. Operators only."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Query, Request, Response, UploadFile
from fastapi.responses import StreamingResponse

from employer.receipts import rules, service
from employer.receipts.rules import Outcome, Returned
from employer.receipts.schemas import ReceiptImportOut, ReceiptLineOut, UploadForm
from servicekit.auth.deps import OperatingStaff
from servicekit.clock import Now
from servicekit.db.tx import Scope, Tx
from servicekit.downloads import XLSX, file_answer, file_responses
from servicekit.etag import IfMatch, etag_of
from servicekit.idempotency import Once
from servicekit.job_streams import job_events, stream_of
from servicekit.paging import Listing, Page
from servicekit.uploads import digest_of, parts_of

router = APIRouter(prefix="/receipt-imports", tags=["到账导入"])


@router.post("/uploads", status_code=202, summary="上传到账文件")
async def upload_receipts(
    file: Annotated[UploadFile, File(description="税务机关的到账明细，.xlsx 或 .csv")],
    operator: OperatingStaff,
    tx: Tx,
    once: Once,
    now: Now,
    response: Response,
) -> ReceiptImportOut:
    """Takes a file in and has every line checked; nothing is booked before it is confirmed.

    Follow it at `Location`, or by its event stream. The same file is the same import.
    """
    name = rules.check_file(file.filename, file.size or 0)
    digest = await digest_of(file)

    async def take_in() -> ReceiptImportOut:
        return await service.upload(tx, operator, parts_of(file), name=name, digest=digest, now=now)

    found = await once(UploadForm(digest=digest.hex()), ReceiptImportOut, take_in)
    response.headers["Location"] = f"/api/employer/receipt-imports/{found.id}"
    response.headers["ETag"] = etag_of(found.version)
    return found


@router.get("", summary="到账批次")
async def list_imports(operator: OperatingStaff, tx: Tx, page: Page) -> Listing[ReceiptImportOut]:
    """The imports, newest first."""
    items, total = await service.page(tx, offset=page.offset, limit=page.limit)
    return Listing(items=items, total=total)


@router.get("/{receipt_import_id}", summary="到账批次进度")
async def show_import(
    receipt_import_id: UUID, operator: OperatingStaff, tx: Tx, response: Response
) -> ReceiptImportOut:
    """One import, and how far the work on it is."""
    found = await service.show(tx, receipt_import_id)
    response.headers["ETag"] = etag_of(found.version)
    return found


@router.get(
    "/{receipt_import_id}/events",
    summary="到账批次进度（SSE）",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "事件 job，数据同“到账批次进度”"}},
)
async def watch_import(
    receipt_import_id: UUID, operator: OperatingStaff, tx: Tx, request: Request
) -> StreamingResponse:
    """The import now and after each change, as events `job`; ends with the work on it."""
    await service.show(tx, receipt_import_id)
    runtime, scope = request.app.state.runtime, Scope.of(operator)
    return stream_of(job_events(runtime, scope, lambda tx: service.followed(tx, receipt_import_id)))


@router.post("/{receipt_import_id}/confirmation", status_code=202, summary="确认入账")
async def confirm_import(
    receipt_import_id: UUID,
    operator: OperatingStaff,
    tx: Tx,
    once: Once,
    version: IfMatch,
    now: Now,
    response: Response,
) -> ReceiptImportOut:
    """Books what can be booked. Confirmed again after that, it tries once more what had matched nothing."""

    async def confirm() -> ReceiptImportOut:
        return await service.confirm(tx, operator, receipt_import_id, seen_version=version, now=now)

    found = await once(None, ReceiptImportOut, confirm)
    response.headers["Location"] = f"/api/employer/receipt-imports/{found.id}"
    response.headers["ETag"] = etag_of(found.version)
    return found


@router.get("/{receipt_import_id}/lines", summary="到账明细行")
async def list_lines(
    receipt_import_id: UUID,
    operator: OperatingStaff,
    tx: Tx,
    page: Page,
    outcome: Annotated[Outcome | None, Query(description="只看一种结果")] = None,
) -> Listing[ReceiptLineOut]:
    """The lines of a file in its order, each with what it does or did."""
    items, total = await service.lines(tx, receipt_import_id, outcome, offset=page.offset, limit=page.limit)
    return Listing(items=items, total=total)


@router.get(
    "/{receipt_import_id}/lines/file",
    summary="下载错误或未匹配的行",
    response_class=Response,
    responses=file_responses(XLSX),
)
async def download_lines(
    receipt_import_id: UUID,
    operator: OperatingStaff,
    tx: Tx,
    outcome: Annotated[Returned, Query(description="有误的行，或未匹配的行")] = "faulty",
) -> Response:
    """These lines as a file to mend and upload again: the cells marked, the reasons in the last column. Audited."""
    name, content = await service.returned_file(tx, operator, receipt_import_id, outcome)
    return file_answer(name, content, XLSX)
