"""The public page's question: is this document genuine?"""

import time
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from reporting.resources import resources_in
from reporting.verification import service
from reporting.verification.schemas import VerificationOut
from servicekit.auth import public
from servicekit.clock import Today
from servicekit.db.tx import PublicTx
from servicekit.refusals import TooMany

router = APIRouter(prefix="/verifications", tags=["证明核验"])


@router.get("/{code}", summary="核验证明", openapi_extra=public("whoever holds a printed document may check it"))
async def verify(
    code: Annotated[str, Path(max_length=200, description="校验码，大小写、分隔符不限")],
    request: Request,
    response: Response,
    tx: PublicTx,
    today: Today,
) -> VerificationOut:
    """What the genuine document says, masked; 404 when there is none."""
    wait = resources_in(request.app.state.runtime).limiter.take(client_of(request), now=time.monotonic())
    if wait:
        raise TooMany("查询过于频繁，请稍后再试。", retry_after=wait)
    response.headers["Cache-Control"] = "no-store"
    return await service.verify(tx, code, today=today)


def client_of(request: Request) -> str:
    """The client's address as the gateway saw it: the gateway writes this header anew, so its last entry is true."""
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return forwarded or (request.client.host if request.client else "")
