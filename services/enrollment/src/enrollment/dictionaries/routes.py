"""One public endpoint with all code tables; pages keep it until its ETag changes."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from enrollment.dictionaries import service
from enrollment.dictionaries.schemas import DictionariesOut
from servicekit.auth import public
from servicekit.db.tx import PublicTx
from servicekit.etag import etag_of

router = APIRouter(tags=["dictionaries"])
_CACHED_FOR = "public, max-age=300, must-revalidate"


@router.get(
    "/dictionaries",
    response_model=DictionariesOut,
    responses={304: {"description": "未变更"}},
    openapi_extra=public("code tables are public knowledge, and pages need them before anybody signs in"),
)
async def dictionaries(
    tx: PublicTx, response: Response, if_none_match: Annotated[str | None, Header(max_length=200)] = None
) -> DictionariesOut | Response:
    """代码表: every coded field's values."""
    current = await service.current(tx)
    headers = {"ETag": etag_of(current.version), "Cache-Control": _CACHED_FOR}
    known = {tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")}
    if headers["ETag"] in known:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return DictionariesOut.of(current)
