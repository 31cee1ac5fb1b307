"""Staff accounts over HTTP: for operators, and for whoever begins with a one-time code."""

from typing import Annotated, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from identity.accounts.models import Account
from identity.accounts.passwords import Passwords
from identity.staff import service
from identity.staff.schemas import BeginForm, OpeningCodeOut, StaffForm, StaffOut
from servicekit.auth import OperatingStaff, public
from servicekit.clock import Now
from servicekit.db.tx import PublicTx, Tx
from servicekit.idempotency import Once
from servicekit.paging import Listing, Page

router = APIRouter(tags=["staff"])


def _out(account: Account, *, second_factor: bool) -> StaffOut:
    status: Literal["waiting", "open", "closed"] = "open" if account.password_hash is not None else "waiting"
    return StaffOut(
        id=account.id,
        username=account.username,
        display_name=account.display_name,
        kind=cast("Literal['reviewer', 'operator']", account.kind),
        mobile_masked=account.mobile_masked,
        status="closed" if account.closed_at is not None else status,
        second_factor=second_factor,
        created_at=account.created_at,
        closed_at=account.closed_at,
    )


@router.get("/staff")
async def staff(
    who: OperatingStaff,
    tx: Tx,
    page: Page,
    q: Annotated[str, Query(max_length=100, description="用户名或姓名的一部分")] = "",
) -> Listing[StaffOut]:
    """The agency's staff, open accounts first."""
    rows, total = await service.page(tx, q=q.strip(), offset=page.offset, limit=page.limit)
    items = [_out(account, second_factor=confirmed_at is not None) for account, confirmed_at in rows]
    return Listing(items=items, total=total)


@router.post("/staff", status_code=201)
async def open_account(form: StaffForm, who: OperatingStaff, tx: Tx, once: Once, now: Now) -> StaffOut:
    """Opens an account; its owner begins with the one-time code that the next route gives. Needs a raised session."""

    async def act() -> StaffOut:
        return _out(await service.open_account(tx, who, form, now=now), second_factor=False)

    return await once(form, StaffOut, act)


@router.post("/staff/{account_id}/opening-code")
async def new_code(account_id: UUID, who: OperatingStaff, response: Response, tx: Tx, now: Now) -> OpeningCodeOut:
    """A new one-time code, shown this once; password and second factor of the account go. Needs a raised session."""
    response.headers["Cache-Control"] = "no-store"
    made = await service.new_code(tx, who, account_id, now=now)
    return OpeningCodeOut(username=made.account.username, code=made.code, expires_at=made.expires_at)


@router.post("/staff/{account_id}/closure")
async def close(account_id: UUID, who: OperatingStaff, tx: Tx, now: Now) -> StaffOut:
    """Closes an account; every session of it ends. Needs a raised session."""
    return _out(await service.close(tx, who, account_id, now=now), second_factor=False)


@router.post("/staff-beginnings", status_code=204, openapi_extra=public("whoever begins has no password yet"))
async def begin(form: BeginForm, request: Request, tx: PublicTx, now: Now) -> None:
    """Sets the password of a new account with its one-time code."""
    passwords: Passwords = request.app.state.runtime.resources["passwords"]
    async with passwords.turn():
        refused = await service.begin(tx, form, passwords, now=now)
        if refused is not None:
            await tx.commit()  # the guess counts, before the next one is looked at
            raise refused
