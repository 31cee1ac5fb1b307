"""Routes of an insured person's own reports. Nothing in a request says who that is."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from reporting.reports import service
from reporting.reports.routes import ACCEPTED, AnswerWhenMade, Disposition, Prefer, events_of, file_answer
from reporting.reports.schemas import OwnReportForm, ReportOut
from servicekit.auth import RecognisedPerson
from servicekit.clock import CurrentMonth, Now
from servicekit.db.tx import Tx
from servicekit.idempotency import Once
from servicekit.paging import Listing, Page

router = APIRouter(prefix="/me/reports", tags=["个人"])


@router.post("", response_model=ReportOut, responses=ACCEPTED, summary="生成本人参保证明")
async def request_own_report(
    form: OwnReportForm,
    me: RecognisedPerson,
    tx: Tx,
    once: Once,
    month: CurrentMonth,
    now: Now,
    request: Request,
    response: Response,
    prefer: Prefer = None,
) -> Response:
    """Accepted at once (202); with `Prefer: wait=5` finished (200) when it is quick."""
    accepted = await once(form, ReportOut, lambda: service.request_own(tx, me, form, current=month, now=now))
    return AnswerWhenMade(request.app.state.runtime, me, accepted, prefer, dict(response.headers))


@router.get("", summary="本人的证明")
async def list_own_reports(me: RecognisedPerson, tx: Tx, page: Page) -> Listing[ReportOut]:
    """The asker's own reports, newest first."""
    items, total = await service.list_reports(tx, me, offset=page.offset, limit=page.limit)
    return Listing(items=items, total=total)


@router.get("/{report_id}", summary="本人证明的状态")
async def find_own_report(report_id: UUID, me: RecognisedPerson, tx: Tx) -> ReportOut:
    """One of the asker's own reports, for polling."""
    return await service.find_report(tx, me, report_id)


@router.get(
    "/{report_id}/events",
    summary="本人证明的进度（SSE）",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "事件 job，数据同状态"}},
)
async def watch_own_report(report_id: UUID, me: RecognisedPerson, tx: Tx, request: Request) -> StreamingResponse:
    """The report now and after each change, as events `job`; ends with the report."""
    await service.find_report(tx, me, report_id)
    return events_of(request.app.state.runtime, me, report_id)


@router.get(
    "/{report_id}/file",
    summary="本人证明文件",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "PDF 文件"}},
)
async def open_own_file(
    report_id: UUID,
    me: RecognisedPerson,
    tx: Tx,
    disposition: Disposition = "inline",
) -> Response:
    """The PDF. It shows personal data in full, so opening it is audited and nothing between may keep it."""
    file, content = await service.open_file(tx, me, report_id)
    return file_answer(file, content, disposition)
