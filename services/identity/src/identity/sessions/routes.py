"""Sessions over HTTP, for pages."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from identity.accounts.passwords import Passwords
from identity.clients import client_of
from identity.mandates.schemas import UnitOut
from identity.second_factor import service as second_factor
from identity.sessions import rules, service
from identity.sessions.schemas import (
    AccountOut,
    LoginForm,
    OwnSessionOut,
    SessionOut,
    SessionsEnded,
    StepUpForm,
    UnitChoice,
)
from servicekit.auth import LimitedAccount, Principal, SignedInAccount, optional_principal, public
from servicekit.clock import Now
from servicekit.db.tx import PublicTx, Tx
from servicekit.paging import Listing, Page
from servicekit.refusals import Refusal

router = APIRouter(tags=["sessions"])


async def session_out(tx: AsyncSession, opened: service.OpenSession) -> SessionOut:
    """A session as pages see it."""
    account, authority = opened.account, opened.authority
    return SessionOut(
        account=AccountOut(
            id=account.id,
            kind=account.kind,
            username=account.username,
            display_name=account.display_name,
            second_factor=await second_factor.confirmed(tx, account.id) is not None,
        ),
        employer_no=authority.employer_no if authority else None,
        unit_name=authority.name if authority else None,
        permissions=list(authority.permissions) if authority else [],
        expires_at=opened.session.expires_at,
        idle_seconds=round(rules.IDLE.total_seconds()),
        step_up_until=opened.session.step_up_until,
        limited_to=opened.session.limited_to,
    )


def set_session_cookie(request: Request, response: Response, value: str | None) -> None:
    """Sets the session's cookie, or takes it away."""
    response.set_cookie(
        request.app.state.runtime.settings.cookie_name,
        value or "",
        max_age=round(rules.ABSOLUTE.total_seconds()) if value else 0,
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )
    response.headers["Cache-Control"] = "no-store"


@router.post("/sessions", status_code=201, openapi_extra=public("this is the login"))
async def log_in(
    form: LoginForm,
    before: Annotated[Principal | None, Depends(optional_principal)],
    request: Request,
    response: Response,
    tx: PublicTx,
    now: Now,
) -> SessionOut:
    """Signs in. Always a new session; one that this browser still had is ended, since its cookie is replaced."""
    passwords: Passwords = request.app.state.runtime.resources["passwords"]
    async with passwords.turn():
        opened = await service.log_in(tx, form, client_of(request), passwords, now=now)
        if isinstance(opened, Refusal):
            await tx.commit()  # the wrong answer counts, before the next one is looked at
            raise opened
    if before is not None and before.via == "session":
        await service.end(tx, before, now=now)
    set_session_cookie(request, response, opened.cookie)
    return await session_out(tx, opened)


@router.get("/sessions/current")
async def current(who: LimitedAccount, tx: Tx, response: Response) -> SessionOut:
    """Who is signed in, and for which unit."""
    response.headers["Cache-Control"] = "no-store"
    return await session_out(tx, await service.current(tx, who))


@router.delete("/sessions/current", status_code=204)
async def log_out(who: LimitedAccount, request: Request, response: Response, tx: Tx, now: Now) -> None:
    """Signs out."""
    await service.end(tx, who, now=now)
    set_session_cookie(request, response, None)


@router.post("/sessions/current/unit")
async def choose_unit(
    choice: UnitChoice, who: SignedInAccount, request: Request, response: Response, tx: Tx, now: Now
) -> SessionOut:
    """Chooses the unit to work for; the session gets a new cookie."""
    opened = await service.choose_unit(tx, who, choice.employer_no, now=now)
    set_session_cookie(request, response, opened.cookie)
    return await session_out(tx, opened)


@router.post("/sessions/current/step-up")
async def step_up(
    form: StepUpForm, who: SignedInAccount, request: Request, response: Response, tx: Tx, now: Now
) -> SessionOut:
    """The password or a dynamic code once more, for what weighs most; the session gets a new cookie and stays raised
    for five minutes.
    """
    passwords: Passwords = request.app.state.runtime.resources["passwords"]
    async with passwords.turn():
        opened = await service.step_up(tx, who, form, passwords, now=now)
        if isinstance(opened, Refusal):
            await tx.commit()
            raise opened
    set_session_cookie(request, response, opened.cookie)
    return await session_out(tx, opened)


@router.get("/sessions")
async def own_sessions(who: SignedInAccount, tx: Tx, now: Now) -> list[OwnSessionOut]:
    """The own sessions, here and elsewhere."""
    return [
        OwnSessionOut(
            id=row.id,
            device=row.device,
            place=row.place,
            started_at=row.started_at,
            last_seen_at=row.last_seen_at,
            current=str(row.id) == who.session_id,
        )
        for row in await service.own_sessions(tx, who, now=now)
    ]


@router.delete("/sessions/others")
async def end_others(who: SignedInAccount, tx: Tx, now: Now) -> SessionsEnded:
    """Ends every own session but this one."""
    return SessionsEnded(ended=await service.end_others(tx, who, now=now))


@router.delete("/sessions/{session_id}", status_code=204)
async def end_own(session_id: UUID, who: SignedInAccount, tx: Tx, now: Now) -> None:
    """Ends one of the own sessions."""
    await service.end_own(tx, who, session_id, now=now)


@router.get("/units")
async def units(
    who: SignedInAccount,
    tx: Tx,
    page: Page,
    q: Annotated[str, Query(max_length=100, description="单位名称、单位编号或统一社会信用代码的一部分")] = "",
) -> Listing[UnitOut]:
    """The units that the signed-in account may act for."""
    found, total = await service.units(tx, who, q=q.strip(), offset=page.offset, limit=page.limit)
    return Listing(
        items=[
            UnitOut(
                employer_no=unit.employer_no,
                name=unit.name,
                uscc=unit.uscc,
                kind=unit.kind,
                permissions=list(unit.permissions),
            )
            for unit in found
        ],
        total=total,
    )
