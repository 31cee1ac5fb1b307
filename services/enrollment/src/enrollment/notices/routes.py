"""站内消息, and the stream that brings decisions to an open page."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from enrollment.applications.service import watched
from enrollment.notices import service
from enrollment.notices.schemas import NoticesOut, SeenForm
from servicekit.auth import Clerk, QueryingClerk
from servicekit.clock import Now
from servicekit.db.tx import Scope, Tx, begin
from servicekit.job_streams import stream_of
from servicekit.runtime import Runtime
from servicekit.wakeup import CHANGED

router = APIRouter(tags=["applications"])

_PING_SECONDS = 15.0
# A reviewer decides two hundred at once: one event for what happens in so short a time.
_SETTLE_SECONDS = 0.25


@router.get("/notices")
async def show_notices(clerk: QueryingClerk, tx: Tx, now: Now) -> NoticesOut:
    """The unit's latest decisions, how many are new to this account, and how many applications wait. For polling."""
    return await service.current(tx, clerk, now=now)


@router.post("/notices/seen")
async def see_notices(form: SeenForm, clerk: QueryingClerk, tx: Tx, now: Now) -> NoticesOut:
    """This account has seen the notices up to a moment. Said twice, it changes nothing."""
    return await service.see(tx, clerk, seen_to=form.seen_to, now=now)


@router.get(
    "/applications/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "事件 notices，数据同“/notices”"}},
)
async def watch_applications(clerk: QueryingClerk, request: Request) -> StreamingResponse:
    """The unit's notices now and after each change, as events `notices`, for a minute; then connect again."""
    return stream_of(_events(request.app.state.runtime, clerk))


async def _events(runtime: Runtime, clerk: Clerk) -> AsyncIterator[str]:
    mine, time = Scope.of(clerk), asyncio.get_running_loop().time
    end, told = time() + runtime.settings.stream_seconds, ""
    yield "retry: 1000\n\n"
    with runtime.wakeup.subscribe(CHANGED, watched(clerk.employer_no)) as changes:
        while True:
            async with begin(runtime, scope=mine) as tx:
                notices = (await service.current(tx, clerk, now=runtime.clock.now())).model_dump_json()
            yield ": still here\n\n" if notices == told else f"event: notices\ndata: {notices}\n\n"
            told = notices
            left = end - time()
            if left <= 0:
                return
            if await changes.wait(min(_PING_SECONDS, left)):
                await asyncio.sleep(_SETTLE_SECONDS)
