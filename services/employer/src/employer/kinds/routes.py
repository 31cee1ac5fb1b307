"""Kinds of employer. Operators only."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from employer.kinds import service
from employer.kinds.schemas import KindForm, KindOut
from servicekit.auth.deps import OperatingStaff
from servicekit.clock import Now
from servicekit.db.tx import Tx
from servicekit.etag import IfMatch, etag_of
from servicekit.paging import Listing

router = APIRouter(prefix="/employer-kinds", tags=["单位类型"])


@router.get("", summary="单位类型")
async def list_kinds(operator: OperatingStaff, tx: Tx) -> Listing[KindOut]:
    """All kinds. `version` is what `If-Match` wants."""
    items = await service.every(tx)
    return Listing(items=items, total=len(items))


@router.put("/{code}", summary="更改网上申报")
async def change_kind(
    code: Annotated[str, Path(pattern="^[0-9]{2}$")],
    form: KindForm,
    operator: OperatingStaff,
    tx: Tx,
    version: IfMatch,
    now: Now,
    response: Response,
) -> KindOut:
    """Lets the units of a kind declare online, or no longer. It reaches the units within moments."""
    kind = await service.set_online_declaration(
        tx, operator, code, allowed=form.online_declaration, seen_version=version, now=now
    )
    response.headers["ETag"] = etag_of(kind.version)
    return kind
