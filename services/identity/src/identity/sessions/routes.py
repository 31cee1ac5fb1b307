"""Sessions over HTTP, for pages."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from identity.accounts.passwords import Passwords
from identity.mandates.schemas import UnitOut
from identity.sessions import rules, service
from identity.sessions.schemas import AccountOut, LoginForm, SessionOut, StepUpForm, UnitChoice
from servicekit.auth import Principal, SignedInAccount, optional_principal, public
from servicekit.clock import Now
from servicekit.db.tx import PublicTx, Tx
from servicekit.paging import Listing, Page

router = APIRouter(tags=["sessions"])


def session_out(opened: service.OpenSession) -> SessionOut:
    """The session as pages see it."""
    account, authority = opened.account, opened.authority
    return SessionOut(
        account=AccountOut(
            id=account.id,
            kind=account.kind,
            username=account.username,
            display_name=account.display_name,
        ),
        employer_no=authority.employer_no if authority else None,
        unit_name=authority.name if authority else None,
        permissions=list(authority.permissions) if authority else [],
        expires_at=opened.session.expires_at,
        idle_seconds=round(rules.IDLE.total_seconds()),
        step_up_until=opened.session.step_up_until,
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
        opened = await service.log_in(tx, form.mode, form.username, form.password, passwords, now=now)
        if opened is None:
            await tx.commit()  # the wrong password counts, before the next one is looked at
            raise rules.WrongCredentials
    if before is not None and before.via == "session":
        await service.end(tx, before, now=now)
    set_session_cookie(request, response, opened.cookie)
    return session_out(opened)


@router.get("/sessions/current")
async def current(who: SignedInAccount, tx: Tx, response: Response) -> SessionOut:
    """Who is signed in, and for which unit."""
    response.headers["Cache-Control"] = "no-store"
    return session_out(await service.current(tx, who))


@router.delete("/sessions/current", status_code=204)
async def log_out(who: SignedInAccount, request: Request, response: Response, tx: Tx, now: Now) -> None:
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
    return session_out(opened)


@router.post("/sessions/current/step-up")
async def step_up(
    form: StepUpForm, who: SignedInAccount, request: Request, response: Response, tx: Tx, now: Now
) -> SessionOut:
    """The password once more, for what weighs most; the session gets a new cookie and stays raised for five minutes."""
    passwords: Passwords = request.app.state.runtime.resources["passwords"]
    async with passwords.turn():
        opened = await service.step_up(tx, who, form.password, passwords, now=now)
        if opened is None:
            await tx.commit()  # the wrong password counts, before the next one is looked at
            raise rules.WrongStepUp
    set_session_cookie(request, response, opened.cookie)
    return session_out(opened)


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
