"""Routes of the report centre."""

import re
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from reporting.files.models import ReportFile
from reporting.reports import service
from reporting.reports.owners import Owner, path_of, unit_of
from reporting.reports.schemas import ExportForm, ReportForm, ReportOut
from servicekit import jobs
from servicekit.auth import AnyClerk, PrintingClerk, QueryingClerk
from servicekit.clock import CurrentMonth, Now
from servicekit.db.tx import Scope, Tx, begin
from servicekit.downloads import XLSX, disposition
from servicekit.idempotency import Once
from servicekit.job_streams import job_events, stream_of
from servicekit.paging import Listing, Page
from servicekit.runtime import Runtime

router = APIRouter(prefix="/reports", tags=["报表"])
exports = APIRouter(prefix="/exports", tags=["报表"])

_WAIT = re.compile(r"(?:^|[,;\s])wait=([0-9]{1,3})(?:$|[,;\s])")
_LONGEST_WAIT = 10
ACCEPTED: dict[int | str, dict[str, object]] = {202: {"model": ReportOut, "description": "已受理，正在生成"}}
_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "zip": "application/zip",
    "xlsx": XLSX,
}
Prefer = Annotated[str | None, Header(description="wait=5：最多等待 5 秒，完成后直接返回结果")]
Disposition = Annotated[Literal["inline", "attachment"], Query(description="打开或下载")]


class AnswerWhenMade(Response):
    """Answers with the report as it is once it is finished, or after the seconds the client wants to wait.

    It waits while the answer is being sent, that is after the request's transaction has committed: the worker can't
    see the job before.
    """

    def __init__(
        self, runtime: Runtime, owner: Owner, accepted: ReportOut, prefer: str | None, headers: dict[str, str]
    ) -> None:
        super().__init__()
        wanted = _WAIT.search(prefer or "")
        self._seconds = min(int(wanted[1]), _LONGEST_WAIT) if wanted else 0
        self._runtime, self._owner, self._accepted = runtime, owner, accepted
        self._extra = headers

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Waits, then sends."""
        report = self._accepted
        headers = {**self._extra, "Location": path_of(report.id, unit_of(self._owner)), "Cache-Control": "no-store"}
        if self._seconds:
            mine = Scope.of(self._owner)
            await jobs.wait(self._runtime, report.id, self._seconds, scope=mine)
            async with begin(self._runtime, scope=mine) as tx:
                report = await service.find_report(tx, self._owner, report.id)
            headers["Preference-Applied"] = f"wait={self._seconds}"
        status = 200 if report.status in jobs.FINISHED else 202
        answer = JSONResponse(report.model_dump(mode="json"), status_code=status, headers=headers)
        await answer(scope, receive, send)


@router.post("", response_model=ReportOut, responses=ACCEPTED, summary="生成报表")
async def request_report(
    form: ReportForm,
    clerk: PrintingClerk,
    tx: Tx,
    once: Once,
    month: CurrentMonth,
    now: Now,
    request: Request,
    response: Response,
    prefer: Prefer = None,
) -> Response:
    """Accepted at once (202); with `Prefer: wait=5` finished (200) when it is quick."""
    accepted = await once(form, ReportOut, lambda: service.request_report(tx, clerk, form, current=month, now=now))
    return AnswerWhenMade(request.app.state.runtime, clerk, accepted, prefer, dict(response.headers))


@exports.post("", response_model=ReportOut, responses=ACCEPTED, summary="导出")
async def request_export(
    form: ExportForm,
    clerk: QueryingClerk,
    tx: Tx,
    once: Once,
    month: CurrentMonth,
    now: Now,
    request: Request,
    response: Response,
    prefer: Prefer = None,
) -> Response:
    """A workbook of what a look-up page lists; made and fetched like a report."""
    accepted = await once(form, ReportOut, lambda: service.request_report(tx, clerk, form, current=month, now=now))
    return AnswerWhenMade(request.app.state.runtime, clerk, accepted, prefer, dict(response.headers))


@router.post("/{report_id}/repetition", response_model=ReportOut, responses=ACCEPTED, summary="重新生成")
async def repeat_report(
    report_id: UUID,
    clerk: AnyClerk,
    tx: Tx,
    once: Once,
    month: CurrentMonth,
    now: Now,
    request: Request,
    response: Response,
    prefer: Prefer = None,
) -> Response:
    """The same again with the facts of now, as a new report."""
    accepted = await once(None, ReportOut, lambda: service.repeat_report(tx, clerk, report_id, current=month, now=now))
    return AnswerWhenMade(request.app.state.runtime, clerk, accepted, prefer, dict(response.headers))


@router.post("/{report_id}/cancellation", summary="取消生成")
async def cancel_report(report_id: UUID, clerk: AnyClerk, tx: Tx) -> ReportOut:
    """A report that isn't finished is not made; 409 when it is."""
    return await service.cancel_report(tx, clerk, report_id)


@router.delete("/{report_id}", status_code=204, summary="删除报表")
async def delete_report(report_id: UUID, clerk: AnyClerk, tx: Tx) -> None:
    """A finished report leaves the report centre with its file. Documents it issued can still be verified."""
    await service.delete_report(tx, clerk, report_id)


@router.get("", summary="报表中心")
async def list_reports(clerk: AnyClerk, tx: Tx, page: Page) -> Listing[ReportOut]:
    """The unit's reports, newest first."""
    items, total = await service.list_reports(tx, clerk, offset=page.offset, limit=page.limit)
    return Listing(items=items, total=total)


@router.get("/{report_id}", summary="报表状态")
async def find_report(report_id: UUID, clerk: AnyClerk, tx: Tx) -> ReportOut:
    """One report, for polling."""
    return await service.find_report(tx, clerk, report_id)


@router.get(
    "/{report_id}/events",
    summary="报表进度（SSE）",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "事件 job，数据同“报表状态”"}},
)
async def watch_report(report_id: UUID, clerk: AnyClerk, tx: Tx, request: Request) -> StreamingResponse:
    """The report now and after each change, as events `job`; ends with the report."""
    await service.find_report(tx, clerk, report_id)
    return events_of(request.app.state.runtime, clerk, report_id)


def events_of(runtime: Runtime, owner: Owner, report_id: UUID) -> StreamingResponse:
    """The states of a report as server-sent events; the owner has been found to be its owner."""

    async def look(tx: AsyncSession) -> tuple[UUID, ReportOut]:
        return report_id, await service.find_report(tx, owner, report_id)

    return stream_of(job_events(runtime, Scope.of(owner), look))


@router.get(
    "/{report_id}/file",
    summary="报表文件",
    response_class=Response,
    responses={200: {"content": {name: {} for name in _MEDIA_TYPES.values()}, "description": "PDF、压缩包或工作簿"}},
)
async def open_file(
    report_id: UUID,
    clerk: AnyClerk,
    tx: Tx,
    disposition: Disposition = "inline",
) -> Response:
    """The file. It shows personal data, so opening it is audited and nothing between may keep it."""
    file, content = await service.open_file(tx, clerk, report_id)
    return file_answer(file, content, disposition)


def file_answer(file: ReportFile, content: bytes, wanted: str) -> Response:
    """The file as an answer that nothing between may keep. Only a PDF is ever shown in place."""
    shown = wanted == "inline" and file.type == "pdf"
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": disposition(
            f"{file.label}.{file.type}", plain=f"{file.job_id}.{file.type}", shown=shown
        ),
    }
    return Response(content, media_type=_MEDIA_TYPES[file.type], headers=headers)
