"""API keys over HTTP, for the unit's legal representative. A key itself gets nowhere near them."""

from uuid import UUID

from fastapi import APIRouter, Response

from identity.api_keys import service
from identity.api_keys.schemas import ApiKeyForm, ApiKeyIssued, ApiKeyOut
from servicekit.auth import RepresentingClerk
from servicekit.clock import Now
from servicekit.db.tx import Tx
from servicekit.idempotency import Once
from servicekit.paging import Listing, Page

router = APIRouter(prefix="/api-keys", tags=["api keys"])


@router.post("", status_code=201)
async def issue(
    form: ApiKeyForm, clerk: RepresentingClerk, tx: Tx, once: Once, now: Now, response: Response
) -> ApiKeyIssued:
    """Issues a key. It is shown in this answer and never again, not even to a repeated request: the answer that is kept
    for repetitions must not hold it. Wants a raised session.
    """
    shown: list[str] = []

    async def act() -> ApiKeyOut:
        key, secret = await service.issue(tx, clerk, form, now=now)
        shown.append(secret)
        return ApiKeyOut.of(key, now=now)

    issued = await once(form, ApiKeyOut, act)
    response.headers["Cache-Control"] = "no-store"
    return ApiKeyIssued(**issued.model_dump(), key=shown[0] if shown else None)


@router.get("")
async def keys(clerk: RepresentingClerk, tx: Tx, page: Page, now: Now) -> Listing[ApiKeyOut]:
    """The keys of the unit, without their secrets."""
    found, total = await service.keys(tx, clerk, offset=page.offset, limit=page.limit)
    return Listing(items=[ApiKeyOut.of(each, now=now) for each in found], total=total)


@router.delete("/{key_id}", status_code=204)
async def revoke(key_id: UUID, clerk: RepresentingClerk, tx: Tx, now: Now) -> None:
    """Revokes a key; felt at once."""
    await service.revoke(tx, clerk, key_id, now=now)
