"""Routes of the assessment. Operators only."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession

from employer.assessments import service
from employer.assessments.schemas import AssessmentForm, AssessmentOut
from servicekit.auth.deps import OperatingStaff
from servicekit.clock import CurrentMonth, Now
from servicekit.db.tx import Scope, Tx
from servicekit.idempotency import Once
from servicekit.job_streams import job_events, stream_of
from servicekit.paging import Listing, Page

router = APIRouter(prefix="/assessments", tags=["核定"])


@router.post("", status_code=202, summary="发起核定")
async def request_assessment(
    form: AssessmentForm,
    operator: OperatingStaff,
    tx: Tx,
    once: Once,
    current: CurrentMonth,
    now: Now,
    response: Response,
) -> AssessmentOut:
    """Starts the assessment of a month. Follow it at `Location`, or by its event stream."""

    async def start() -> AssessmentOut:
        assessment_id = await service.request(tx, operator, form.month, current=current, now=now)
        return AssessmentOut.of(*await service.get(tx, assessment_id))

    started = await once(form, AssessmentOut, start)
    response.headers["Location"] = f"/api/employer/assessments/{started.id}"
    return started


@router.get("", summary="核定记录")
async def list_assessments(operator: OperatingStaff, tx: Tx, page: Page) -> Listing[AssessmentOut]:
    """The runs, newest first."""
    found, total = await service.page(tx, offset=page.offset, limit=page.limit)
    return Listing(items=[AssessmentOut.of(*each) for each in found], total=total)


@router.get("/{assessment_id}", summary="核定进度")
async def get_assessment(assessment_id: UUID, operator: OperatingStaff, tx: Tx) -> AssessmentOut:
    """How far a run is."""
    return AssessmentOut.of(*await service.get(tx, assessment_id))


@router.get("/{assessment_id}/events", summary="核定进度推送", response_class=StreamingResponse)
async def watch_assessment(
    assessment_id: UUID, operator: OperatingStaff, tx: Tx, request: Request
) -> StreamingResponse:
    """Each change of a run as a server-sent event `job`, until it is finished."""
    await service.get(tx, assessment_id)

    async def look(tx: AsyncSession) -> tuple[UUID, AssessmentOut]:
        return assessment_id, AssessmentOut.of(*await service.get(tx, assessment_id))

    return stream_of(job_events(request.app.state.runtime, Scope.of(operator), look))
